"""Addresses never to be mailed, as keyed hashes with a reason. Entries are added and never taken away.

Hashes come from the caller, who has the key: this module never sees who is behind one.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import islice

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from sender.address import NORMALISATION
from sender.contacts.consents import Record
from sender.model import Address, ContactId, Suppression
from sender.store import schema

__all__ = ["REASONS", "erased", "is_suppressed", "lookup", "object_to_mail", "suppress"]

REASONS = ("erased", "objected", "complained", "excluded", "domain", "bounced")
"""The weightiest first: the one that is told where an address has several."""

_BATCH = 1000


def suppress(connection: Connection, address_hash: bytes, reason: str, now: datetime) -> bool:
    """Never mail this address again; False where it was so already, which keeps its first date."""
    if reason not in REASONS:
        raise ValueError("unknown reason")
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(schema.suppressions).on_conflict_do_nothing()
    values = {"hash": address_hash, "reason": reason, "normalisation": NORMALISATION, "since": now}
    # not rowcount: with PostgreSQL it is not told for an INSERT
    return connection.execute(statement.values(values).returning(schema.suppressions.c.reason)).first() is not None


def lookup(connection: Connection, hashes: Iterable[bytes]) -> dict[bytes, Suppression]:
    """Those of the hashes that are suppressed, each with its weightiest reason."""
    found: dict[bytes, Suppression] = {}
    for each_hash, entry in _entries(connection, hashes):
        known = found.get(each_hash)
        if known is None or _weight(entry) < _weight(known):
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


def is_suppressed(connection: Connection, address_hash: bytes) -> bool:
    return bool(lookup(connection, [address_hash]))


def object_to_mail(
    connection: Connection, who: Address | ContactId, address_hash: bytes, *, record: Record, now: datetime
) -> ContactId | None:
    """The person wants no more mail. It holds whether or not the base knows the address; says whose it is there.

    Journalled once: asking again changes nothing.
    """
    # Meets: GDPR art. 21(2), 21(3); FR F11
    contact = _contact_id(connection, who)
    if suppress(connection, address_hash, "objected", now):
        record(connection, "objection", {"address_hash": address_hash.hex()}, contact, now)
    return contact


def _contact_id(connection: Connection, who: Address | ContactId) -> ContactId | None:
    table = schema.contacts
    same = table.c.email_key == who.key if isinstance(who, Address) else table.c.id == who
    found = connection.execute(select(table.c.id).where(same)).scalar_one_or_none()
    return None if found is None else ContactId(found)


def _entries(connection: Connection, hashes: Iterable[bytes]) -> Iterable[tuple[bytes, Suppression]]:
    table = schema.suppressions
    remaining = iter(set(hashes))
    while some := list(islice(remaining, _BATCH)):
        for row in connection.execute(
            select(table.c.hash, table.c.reason, table.c.since).where(table.c.hash.in_(some))
        ):
            yield row.hash, Suppression(row.reason, row.since)


def _weight(entry: Suppression) -> int:
    return REASONS.index(entry.reason) if entry.reason in REASONS else len(REASONS)
