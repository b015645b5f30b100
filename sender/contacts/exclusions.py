"""Lists of people who are not to be mailed, as they come: Robinson lists, a sold firm's objections, bounces of old.

Addresses are entered as suppressions. Of a hashed list the digests are kept under the key, like addresses, and the
contacts are compared with them: those in the base now, every other one when it comes in. The file is streamed and may
be read again at any time: what stands already stays as it is.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from itertools import islice
from pathlib import Path

from sqlalchemy import Connection, func, insert, select, update

from sender.address import AddressError, parse
from sender.contacts.complaints import missing_list, wrong
from sender.contacts.consents import Record
from sender.contacts.domains import PatternError, pattern_as_address
from sender.contacts.meeting import DIGESTS, HashOf, digest_as_address, meet
from sender.contacts.tables import Table, open_table
from sender.contacts.values import text_of
from sender.model import Address
from sender.store import Store, schema
from sender.store.statements import insert_into
from sender.store.suppressing import suppress_rows

__all__ = ["LIST_REASONS", "Exclusions", "exclude"]

LIST_REASONS = ("excluded", "objected", "complained", "bounced")
"""What a list may say. An erasure is asked for by its person, a restriction too."""

_BATCH = 5000
_ROWS_LOOKED_AT = 50
_REJECTED_NAMED = 10
_KIND_OF_LENGTH = {32: "md5", 40: "sha1", 64: "sha256"}
_HEX = re.compile(r"(?:0x)?([0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64})", re.IGNORECASE)
_AROUND = " \t\r\n'\"<>;,\ufeff\u00a0"


@dataclass(frozen=True, slots=True)
class _Entry:
    """What one line names. ``kind``: address, domain, or how its address is hashed."""

    kind: str
    address: Address


@dataclass(slots=True)
class Exclusions:
    """What became of a list. ``new`` were not on the suppression list before; ``held``: contacts it stops."""

    lines: int = 0
    new: int = 0
    held: int = 0
    rejected: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    rejected_lines: list[tuple[int, str]] = field(default_factory=list)

    def reject(self, line: int, why: str) -> None:
        self.rejected += 1
        if len(self.rejected_lines) < _REJECTED_NAMED:
            self.rejected_lines.append((line, why))


def exclude(
    store: Store,
    path: Path,
    *,
    reason: str,
    origin: str,
    column: str | None,
    hash_of: HashOf,
    record: Record,
    now: datetime,
    observe: Callable[[int], None] = lambda _lines: None,
) -> Exclusions:
    """Enter every line of the list, batch by batch. Raises MissingFile, InputError (SC-3xx)."""
    # Meets: GDPR art. 21 (an objection that somebody else took down); LOPDGDD art. 23 (exclusion systems)
    if not path.is_file():
        raise missing_list(path)
    report = Exclusions()
    lines = _lines(path, column, report)
    before, stopped = _counted(store), _stopped(store)
    with store.write() as connection:
        lists = _Lists(connection, path.name, origin, reason, now)
    while batch := list(islice(lines, _BATCH)):
        with store.write() as connection:
            _enter(connection, batch, lists, reason, origin, hash_of, now)
        report.kinds.update(entry.kind for entry in batch)
        observe(len(batch))
    report.new = _counted(store) - before
    if report.kinds.keys() & ({"domain"} | DIGESTS.keys()):
        _meet_everybody(store, hash_of)
    with store.write() as connection:
        lists.close(connection, report.kinds)
        record(connection, "exclusion_list", _payload(path, origin, reason, report), None, now)
    report.held = _stopped(store) - stopped
    return report


# --- reading


def _lines(path: Path, column: str | None, report: Exclusions) -> Iterator[_Entry]:
    table = open_table(path, lambda _cells: 0)
    at, header = _column(table, column, path)
    for row in table.records():
        text = text_of(row.cells[at]) if at < len(row.cells) else ""
        if row.line == header or not text.strip(_AROUND):
            continue
        report.lines += 1
        try:
            yield _entry(text)
        except (AddressError, PatternError):
            report.reject(row.line, "neither an address nor a hash of one")


def _column(table: Table, wanted: str | None, path: Path) -> tuple[int, int | None]:
    """Which column is meant, and the line of the header where there is one."""
    top = [row for row in islice(table.records(), _ROWS_LOOKED_AT) if not row.empty]
    if not top:
        raise wrong("SC-314", path, why="It is empty.", todo="Export the list again.")
    if wanted is not None:
        names = [text_of(cell).strip().casefold() for cell in top[0].cells]
        if wanted.strip().casefold() not in names:
            raise wrong(
                "SC-315",
                path,
                why="Nothing was read, lest another column be taken for the addresses.",
                todo="Name a column as the first line of the file has it.",
                line=top[0].line,
            )
        return names.index(wanted.strip().casefold()), top[0].line
    width = max(len(row.cells) for row in top)
    fits = [sum(_means_something(row.cells, at) for row in top) for at in range(width)]
    best = max(range(width), key=lambda at: fits[at])
    if fits[best] == 0:
        raise wrong(
            "SC-314",
            path,
            why="No column holds addresses, domains (@example.com) or their MD5, SHA-1 or SHA-256.",
            todo="Look whether this is the right file, or name its column with --column.",
        )
    return best, None if _means_something(top[0].cells, best) else top[0].line


def _means_something(cells: Sequence[object], at: int) -> bool:
    try:
        _entry(text_of(cells[at]) if at < len(cells) else "")  # type: ignore[arg-type]
    except (AddressError, PatternError):
        return False
    return True


def _entry(text: str) -> _Entry:
    """Raises AddressError or PatternError. How a list is untidy says nothing about whom it names."""
    bare = text.strip(_AROUND)
    if digest := _HEX.fullmatch(bare):
        kind = _KIND_OF_LENGTH[len(digest[1])]
        return _Entry(kind, digest_as_address(kind, digest[1]))
    if bare.startswith(("@", "*")):
        return _Entry("domain", pattern_as_address(bare))
    if bare.lower().startswith("mailto:"):
        bare = bare[len("mailto:") :]
    return _Entry("address", parse(bare.rstrip(".")))


# --- entering


class _Lists:
    """The list's own rows, one for each way in which its addresses are hidden: it may hold several."""

    def __init__(self, connection: Connection, name: str, origin: str, reason: str, now: datetime) -> None:
        self._row = {"file_name": name, "origin": origin, "reason": reason, "imported_at": now}
        self._ids: dict[str, int] = {}

    def id_of(self, connection: Connection, kind: str) -> int:
        if kind not in self._ids:
            adding = (
                insert(schema.exclusion_lists).values(kind=kind, **self._row).returning(schema.exclusion_lists.c.id)
            )
            self._ids[kind] = connection.execute(adding).scalar_one()
        return self._ids[kind]

    def close(self, connection: Connection, kinds: Counter[str]) -> None:
        for kind, entries in kinds.items():
            mine = schema.exclusion_lists.c.id == self.id_of(connection, kind)
            connection.execute(update(schema.exclusion_lists).where(mine).values(entries=entries))


def _enter(
    connection: Connection,
    batch: Sequence[_Entry],
    lists: _Lists,
    reason: str,
    origin: str,
    hash_of: HashOf,
    now: datetime,
) -> None:
    said = {"reason": reason, "origin": origin, "since": now}
    plain = [entry.address for entry in batch if entry.kind not in DIGESTS]
    suppress_rows(
        connection, [said | {"hash": hash_of(one), "normalisation": one.normalisation} for one in dict.fromkeys(plain)]
    )
    digests = [
        {"hash": hash_of(entry.address), "list_id": lists.id_of(connection, entry.kind)}
        for entry in batch
        if entry.kind in DIGESTS
    ]
    if digests:
        connection.execute(insert_into(connection, schema.exclusion_digests).on_conflict_do_nothing(), digests)


def _meet_everybody(store: Store, hash_of: HashOf) -> None:
    """Compare each contact, under all its addresses, with what stands in other forms than the sending path sees."""
    for table in (schema.contacts, schema.aliases):
        wanted, after = select(table.c.email_key, table.c.email).order_by(table.c.email_key).limit(_BATCH), ""
        while True:
            with store.write() as connection:
                rows = connection.execute(wanted.where(table.c.email_key > after)).all()
                meet(connection, [parse(row.email) for row in rows], hash_of=hash_of)
            if not rows:
                break
            after = rows[-1].email_key


# --- counting


def _counted(store: Store) -> int:
    """All entries there are; taken before contacts are compared, which adds some that are not the list's own."""
    with store.read() as connection:
        tables = (schema.suppressions, schema.exclusion_digests)
        return sum(connection.execute(select(func.count()).select_from(table)).scalar_one() for table in tables)


def _stopped(store: Store) -> int:
    contacts, stops = schema.contacts, schema.suppressions
    by_address = select(contacts.c.id).join(stops, stops.c.hash == contacts.c.address_hash).where(schema.in_force)
    by_domain = select(contacts.c.id).join(stops, stops.c.hash == contacts.c.domain_hash).where(schema.in_force)
    with store.read() as connection:
        both = by_address.union(by_domain).subquery()
        return connection.execute(select(func.count()).select_from(both)).scalar_one()


def _payload(path: Path, origin: str, reason: str, report: Exclusions) -> dict[str, str | int | bool | None]:
    digest = sha256()
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return {
        "origin": origin,
        "reason": reason,
        "lines": report.lines,
        "rejected": report.rejected,
        "file": digest.hexdigest(),
    }
