"""Other names of a contact: the addresses it had before a correction, and those of doubles that were merged into it.

Whoever is met under a former address is the contact: in a file, on a link, in a request. What is said against mail to
one of the addresses is said against all; the data base sees to that.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice

from sqlalchemy import Connection, exists, insert, select, update

from sender.address import stored
from sender.contacts.meeting import HashOf
from sender.model import Address, Contact, ContactId
from sender.store.schema import aliases, contacts

__all__ = ["addresses_of", "as_of_today", "former_addresses", "keys_of_today", "remember"]

_BATCH = 1000  # parameters of one SELECT
_own = contacts.alias("own")
_in_use = exists().where(_own.c.email_key == aliases.c.email_key)  # corrected there and back


def remember(
    connection: Connection,
    contact: ContactId,
    former: Address,
    *,
    hash_of: HashOf,
    now: datetime,
    former_id: ContactId | None = None,
) -> None:
    """``former`` means ``contact`` from now on. ``former_id``: the id under which it was a contact of its own.

    An address may have been that of several contacts, one after the other: no id of them is lost.
    """
    same = aliases.c.email_key == former.key
    if former_id is None and connection.execute(select(aliases.c.id).where(same)).first() is not None:
        connection.execute(update(aliases).where(same).values(contact_id=contact))
        return
    connection.execute(
        insert(aliases).values(
            contact_id=contact,
            former_id=former_id,
            email_key=former.key,
            email=former.spec,
            address_hash=hash_of(former),
            recorded_at=now,
        )
    )


def as_of_today(connection: Connection, people: Sequence[Contact]) -> list[Contact]:
    """Rows of a file under the addresses that the base has for them today, in the order given."""
    found: dict[str, Address] = {}
    keys = iter([contact.email.key for contact in people])
    while some := list(islice(keys, _BATCH)):
        wanted = select(aliases.c.email_key, contacts.c.email, contacts.c.email_key.label("key")).join(contacts)
        for row in connection.execute(wanted.where(aliases.c.email_key.in_(some), ~_in_use)):
            found[row.email_key] = stored(row.email, row.key)
    if not found:
        return list(people)
    return [replace(contact, email=found.get(contact.email.key, contact.email)) for contact in people]


def keys_of_today(connection: Connection) -> dict[str, str]:
    """The key of each former address and that of today's: a file may hold both."""
    wanted = select(aliases.c.email_key, contacts.c.email_key.label("key")).join(contacts)
    return {row.email_key: row.key for row in connection.execute(wanted.where(~_in_use))}


def addresses_of(connection: Connection, contact: Contact) -> tuple[Address, ...]:
    """The one of today first. What is said of one of them is said of all."""
    return (contact.email, *former_addresses(connection, [contact.id]))


def former_addresses(connection: Connection, ids: Iterable[ContactId]) -> tuple[Address, ...]:
    theirs = select(aliases.c.email, aliases.c.email_key).where(aliases.c.contact_id.in_(list(ids)))
    rows = connection.execute(theirs.order_by(aliases.c.id))
    return tuple({row.email_key: stored(row.email, row.email_key) for row in rows}.values())
