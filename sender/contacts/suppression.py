"""Addresses not to be mailed, as keyed hashes with a reason, an origin and a date. Entries are never taken away.

Hashes come from the caller, who has the key: this module never sees who is behind one. What undoes an entry is little,
and the data base itself lets nothing else pass: ``lifting`` says what.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from sqlalchemy import Connection, select

from sender.address import NORMALISATION
from sender.contacts.consents import Record
from sender.model import Address, ContactId, Suppression
from sender.store import schema
from sender.store.suppressing import suppress_rows

__all__ = ["REASONS", "Stop", "erased", "is_suppressed", "lookup", "object_to_mail", "stops_of", "suppress"]

REASONS = ("erased", "objected", "complained", "restricted", "excluded", "domain", "bounced")
"""The weightiest first: the one that is told where an address has several."""

_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Stop:
    """One row as it stands, lifted ones included. ``since``: said first; ``renewed_at``: said last."""

    reason: str
    origin: str | None
    since: datetime
    renewed_at: datetime | None = None
    lifted_at: datetime | None = None
    lifted_by: str | None = None

    @property
    def in_force(self) -> bool:
        return self.lifted_at is None or (self.renewed_at or self.since) >= self.lifted_at


def suppress(
    connection: Connection,
    address_hash: bytes,
    reason: str,
    now: datetime,
    *,
    origin: str | None = None,
    normalisation: int = NORMALISATION,
) -> bool:
    """Never mail this address again; False where it was so already, which keeps its first date."""
    if reason not in REASONS:
        raise ValueError("unknown reason")
    before = _holds(connection, address_hash, reason)
    row = {"hash": address_hash, "reason": reason, "since": now, "origin": origin, "normalisation": normalisation}
    suppress_rows(connection, [row])
    return not before and _holds(connection, address_hash, reason)


def lookup(connection: Connection, hashes: Iterable[bytes]) -> dict[bytes, Suppression]:
    """Those of the hashes that are suppressed, each with its weightiest reason."""
    found: dict[bytes, Suppression] = {}
    for each_hash, entry in _entries(connection, hashes):
        known = found.get(each_hash)
        if known is None or weight(entry) < weight(known):
            found[each_hash] = entry
    return found


def erased(connection: Connection, hashes: Iterable[bytes]) -> set[bytes]:
    """Those whose people asked to be erased: of them nothing may be stored again."""
    return {each for each, entry in _entries(connection, hashes) if entry.reason == "erased"}


def all_reasons(connection: Connection, hashes: Iterable[bytes]) -> dict[bytes, list[Suppression]]:
    found: dict[bytes, list[Suppression]] = {}
    for each_hash, entry in _entries(connection, hashes):
        found.setdefault(each_hash, []).append(entry)
    return found


def stops_of(connection: Connection, contact: ContactId) -> list[Stop]:
    """All that was ever said against mail to a contact's address or domain, the oldest first."""
    table, people = schema.suppressions, schema.contacts
    theirs = (table.c.hash == people.c.address_hash) | (table.c.hash == people.c.domain_hash)
    columns = (table.c.reason, table.c.origin, table.c.since, table.c.renewed_at, table.c.lifted_at, table.c.lifted_by)
    wanted = select(*columns).join(people, theirs).where(people.c.id == contact).order_by(table.c.since)
    return [Stop(*row) for row in connection.execute(wanted)]


def is_suppressed(connection: Connection, address_hash: bytes) -> bool:
    return bool(lookup(connection, [address_hash]))


def weight(entry: Suppression) -> int:
    return REASONS.index(entry.reason) if entry.reason in REASONS else len(REASONS)


def object_to_mail(
    connection: Connection,
    who: Address | ContactId,
    address_hash: bytes,
    *,
    record: Record,
    now: datetime,
    origin: str | None = None,
) -> ContactId | None:
    """The person wants no more mail. It holds whether or not the base knows the address; says whose it is there.

    A link names the address it was sent to; where the contact has another one by now, that one is stopped too.
    Journalled once: asking again changes nothing.
    """
    # Meets: GDPR art. 21(2), 21(3); FR F11
    contact, own_hash = _known_as(connection, who)
    new = [
        suppress(connection, one, "objected", now, origin=origin) for one in {address_hash, own_hash or address_hash}
    ]
    if any(new):
        record(connection, "objection", {"address_hash": address_hash.hex()}, contact, now)
    return contact


def _known_as(connection: Connection, who: Address | ContactId) -> tuple[ContactId | None, bytes | None]:
    """The contact with this address or id, today or formerly, and the hash of its address of today."""
    people, former = schema.contacts.c, schema.aliases.c
    column, once = (people.email_key, former.email_key) if isinstance(who, Address) else (people.id, former.former_id)
    name = who.key if isinstance(who, Address) else who
    today = select(people.id, people.address_hash)
    for wanted in (today.where(column == name), today.join(schema.aliases).where(once == name)):
        if found := connection.execute(wanted).first():
            return ContactId(found[0]), found[1]
    return None, None


def _holds(connection: Connection, address_hash: bytes, reason: str) -> bool:
    table = schema.suppressions
    same = (table.c.hash == address_hash) & (table.c.reason == reason)
    return connection.execute(select(table.c.reason).where(same, schema.in_force)).first() is not None


def _entries(connection: Connection, hashes: Iterable[bytes]) -> Iterable[tuple[bytes, Suppression]]:
    table = schema.suppressions
    remaining = iter(set(hashes))
    while some := list(islice(remaining, _BATCH)):
        wanted = select(table.c.hash, table.c.reason, table.c.since, table.c.origin).where(table.c.hash.in_(some))
        for row in connection.execute(wanted.where(schema.in_force)):
            yield row.hash, Suppression(row.reason, row.since, row.origin)
