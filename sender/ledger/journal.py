"""The proof: entries chained by hashes, whose payloads can be erased without breaking the chain.

    hash = SHA-256(number, kind, time, contact id, payload hash, hash of the entry before), one to a line
    payload hash = SHA-256(salt, payload)

The salt lies with the payload: once both are erased, nobody can try out what the payload may have said.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, delete, insert, select, text

from sender.model import ContactId
from sender.store.schema import journal, journal_payloads, moment_text

__all__ = [
    "EMPTY",
    "Alteration",
    "JournalEntry",
    "JournalHead",
    "NewEntry",
    "about",
    "append",
    "append_all",
    "entries",
    "erase",
    "head",
    "holds",
    "take_turn",
    "verify",
]


@dataclass(frozen=True, slots=True)
class JournalHead:
    """The newest entry; written ``12:ab34...``, as every run prints it."""

    seq: int
    hash: str

    def __str__(self) -> str:
        return f"{self.seq}:{self.hash}"

    @classmethod
    def parse(cls, written: str) -> JournalHead:
        """Raises ``ValueError`` where it is not ``N:HASH``."""
        seq, _, digest = written.strip().partition(":")
        if not (seq.isascii() and seq.isdecimal()) or len(digest) != 64 or set(digest) - set("0123456789abcdef"):
            raise ValueError("a journal head is written N:HASH")
        return cls(int(seq), digest)


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """That something was written down, without what it says."""

    seq: int
    kind: str
    at: datetime
    hash: str


EMPTY = JournalHead(0, "0" * 64)

_HEAD = select(journal.c.seq, journal.c.hash).order_by(journal.c.seq.desc()).limit(1)  # asked at every entry
_ENTRY, _PAYLOAD = insert(journal), insert(journal_payloads)


@dataclass(frozen=True, slots=True)
class Alteration:
    """Where the journal stops being whole, and how: ``missing``, ``changed``, ``payload``, ``cut``."""

    seq: int
    kind: str


@dataclass(frozen=True, slots=True)
class NewEntry:
    """What is to be written down: of which kind, what it says, about whom, and when it was so."""

    kind: str
    payload: Mapping[str, object]
    contact: ContactId | None
    at: datetime


def append(
    connection: Connection, kind: str, payload: Mapping[str, object], contact: ContactId | None, at: datetime
) -> JournalHead:
    """Write one entry. Needs a writing transaction: two writers must not append to the same head."""
    return append_all(connection, (NewEntry(kind, payload, contact, at),))


def append_all(connection: Connection, new: Sequence[NewEntry]) -> JournalHead:
    """Write entries one behind the other; the head after the last."""
    take_turn(connection)
    last = head(connection)
    rows, payloads = [], []
    for one in new:
        salt, written = secrets.token_bytes(16), _written(one.payload)
        row = _row(one, last, _payload_hash(salt, written))
        rows.append(row)
        payloads.append({"seq": row["seq"], "salt": salt, "payload": written})
        last = JournalHead(row["seq"], row["hash"])
    if rows:
        connection.execute(_ENTRY, rows)
        connection.execute(_PAYLOAD, payloads)
    return last


def take_turn(connection: Connection) -> None:
    """From here to the end of the transaction nobody else appends. On SQLite that is so by nature."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE journal IN SHARE ROW EXCLUSIVE MODE"))


def _row(one: NewEntry, before: JournalHead, payload_hash: str) -> dict[str, Any]:
    seq = before.seq + 1
    return {
        "seq": seq,
        "kind": one.kind,
        "at": one.at,
        "contact_id": one.contact,
        "payload_hash": payload_hash,
        "previous": before.hash,
        "hash": _hash(seq, one.kind, moment_text(one.at), one.contact, payload_hash, before.hash),
    }


def holds(connection: Connection, kind: str, payload: Mapping[str, object]) -> bool:
    """Whether an entry says just this."""
    same = (journal.c.kind == kind) & (journal_payloads.c.payload == _written(payload))
    wanted = select(journal.c.seq).join(journal_payloads, journal_payloads.c.seq == journal.c.seq).where(same)
    return connection.execute(wanted.limit(1)).first() is not None


def entries(connection: Connection, kind: str) -> Iterator[tuple[datetime, dict[str, Any]]]:
    """When and what: every entry of a kind that was not erased, the oldest first."""
    for _, at, payload in numbered(connection, kind):
        yield at, payload


def numbered(connection: Connection, kind: str) -> Iterator[tuple[int, datetime, dict[str, Any]]]:
    """The same with each entry's place in the chain."""
    wanted = select(journal.c.seq, journal.c.at, journal_payloads.c.payload).join(
        journal_payloads, journal_payloads.c.seq == journal.c.seq
    )
    for seq, at, written in connection.execute(wanted.where(journal.c.kind == kind).order_by(journal.c.seq)):
        yield seq, at, json.loads(written)


def about(connection: Connection, contact: ContactId) -> list[JournalEntry]:
    """The entries that name a contact, the oldest first."""
    theirs = select(journal.c.seq, journal.c.kind, journal.c.at, journal.c.hash).where(journal.c.contact_id == contact)
    return [JournalEntry(*row) for row in connection.execute(theirs.order_by(journal.c.seq))]


def head(connection: Connection) -> JournalHead:
    row = connection.execute(_HEAD).one_or_none()
    return EMPTY if row is None else JournalHead(*row)


def erase(connection: Connection, contact: ContactId) -> int:
    """Forget what the entries about a person say; that they were made stays. Returns how many."""
    # Meets: GDPR art. 17 with art. 5(2)
    theirs = select(journal.c.seq).where(journal.c.contact_id == contact)
    return connection.execute(delete(journal_payloads).where(journal_payloads.c.seq.in_(theirs))).rowcount


def verify(connection: Connection, known: JournalHead | None = None) -> Alteration | None:
    """The first place where the journal is not what was written; None where it is whole.

    Without a ``known`` head a tail that was cut off cannot be seen.
    """
    statement = (
        select(journal, journal_payloads.c.salt, journal_payloads.c.payload)
        .outerjoin(journal_payloads, journal_payloads.c.seq == journal.c.seq)
        .order_by(journal.c.seq)
    )
    last, known_met = EMPTY, known is None or known == EMPTY
    for row in connection.execute(statement):
        if row.seq != last.seq + 1:
            return Alteration(last.seq + 1, "missing")
        at = moment_text(row.at)
        if row.previous != last.hash or row.hash != _hash(
            row.seq, row.kind, at, row.contact_id, row.payload_hash, row.previous
        ):
            return Alteration(row.seq, "changed")
        if row.salt is not None and _payload_hash(row.salt, row.payload) != row.payload_hash:
            return Alteration(row.seq, "payload")
        last = JournalHead(row.seq, row.hash)
        known_met = known_met or last == known
        if known is not None and row.seq == known.seq and last != known:
            return Alteration(row.seq, "changed")
    return None if known_met else Alteration(last.seq + 1, "cut")


def _written(payload: Mapping[str, object]) -> str:
    return json.dumps(payload, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _payload_hash(salt: bytes, payload: str) -> str:
    return sha256(salt + payload.encode()).hexdigest()


def _hash(seq: int, kind: str, at: str, contact: str | None, payload_hash: str, before: str) -> str:
    return sha256("\n".join((str(seq), kind, at, contact or "", payload_hash, before)).encode()).hexdigest()
