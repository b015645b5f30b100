"""Brings a base to the normal forms of today: once, when a newer program opens it.

Contacts get the key and the hashes of today, and what stands against them under an earlier form is entered under
today's as well. Suppressions keep the hashes that they have: whoever comes in later is looked up under every form.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, select

from sender.address import renewed, stored
from sender.contacts.meeting import HashOf, domain_as_address, meet
from sender.contacts.suppression import erased
from sender.model import NORMALISATION, Address
from sender.store.schema import aliases, base, contacts

__all__ = ["renew_forms"]

_BATCH = 1000


def renew_forms(connection: Connection, *, hash_of: HashOf) -> int:
    """How many contacts were gone through; nought where the base is up to date.

    Erased people whom a backup brought back keep their old hash, by which they are held, until they are erased again.
    """
    known = connection.execute(select(base.c.normalisation)).scalar()
    if known is None or known >= NORMALISATION:
        return 0
    count = 0
    for some in _pages(connection):
        count += len(some)
        meet(connection, list(some.values()), hash_of=hash_of)
        hashes = {name: hash_of(address) for name, address in some.items()}
        gone = erased(connection, hashes.values())
        _rewrite(connection, {name: some[name] for name, one in hashes.items() if one not in gone}, hash_of)
    _renew_aliases(connection, hash_of)
    connection.execute(base.update().values(normalisation=NORMALISATION))
    return count


def _pages(connection: Connection) -> Iterator[dict[str, Address]]:
    after = ""
    wanted = select(contacts.c.id, contacts.c.email).order_by(contacts.c.id).limit(_BATCH)
    while rows := connection.execute(wanted.where(contacts.c.id > after)).all():
        yield {row.id: _today(row.email) for row in rows}
        after = rows[-1].id


def _today(email: str) -> Address:
    return renewed(stored(email, ""))


def _rewrite(connection: Connection, some: dict[str, Address], hash_of: HashOf) -> None:
    if not some:
        return
    rows = [
        {
            "b_id": contact,
            "b_key": address.key,
            "b_hash": hash_of(address),
            "b_domain": hash_of(domain_as_address(address.domain)),
        }
        for contact, address in some.items()
    ]
    mine = contacts.update().where(contacts.c.id == bindparam("b_id"))
    connection.execute(mine.values(address_hash=bindparam("b_hash"), domain_hash=bindparam("b_domain")), rows)
    _rewrite_keys(connection, rows)


def _renew_aliases(connection: Connection, hash_of: HashOf) -> None:
    """Few; each by itself."""
    for number, email in connection.execute(select(aliases.c.id, aliases.c.email).order_by(aliases.c.id)).all():
        address, mine = _today(email), aliases.update().where(aliases.c.id == number)
        meet(connection, [address], hash_of=hash_of)
        connection.execute(mine.values(address_hash=hash_of(address), email_key=address.key))


def _rewrite_keys(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Two contacts that are one mailbox by today's rules stay two, one under its old key, for a person to merge."""
    taken = set(
        connection.execute(
            select(contacts.c.email_key).where(contacts.c.email_key.in_([row["b_key"] for row in rows]))
        ).scalars()
    )
    fresh: dict[str, dict[str, Any]] = {}
    for row in rows:
        if row["b_key"] not in taken:
            fresh.setdefault(row["b_key"], {"b_id": row["b_id"], "b_key": row["b_key"]})
    if fresh:
        renaming = contacts.update().where(contacts.c.id == bindparam("b_id")).values(email_key=bindparam("b_key"))
        connection.execute(renaming, list(fresh.values()))
