"""The practice base has the people of the real one: who may not be mailed there may not be mailed here.

Copied one way only. The two bases have different keys, so that a suppression can be carried over only where its
address is at hand: those of the real base's contacts, and those of the practice's own audience (``carry_over``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Table, select

from sender.address import stored
from sender.contacts.aliases import remember
from sender.contacts.base import upsert, walk
from sender.contacts.choices import refuse_topics
from sender.contacts.meeting import HashOf, domain_as_address, standing_against
from sender.contacts.suppression import suppress
from sender.model import Address, Contact, ContactId
from sender.store import Store, schema

__all__ = ["carry_over", "copy_people"]

_BATCH = 1000


def copy_people(real: Store, practice: Store, *, real_hash: HashOf, practice_hash: HashOf, now: datetime) -> int:
    """Contacts, consents, sales, choices and suppressions as in the real base; how many contacts there were."""
    copied = 0
    with real.read() as source, practice.write() as target:
        _empty(target, schema.consents, schema.sales, schema.choices, schema.topic_refusals, schema.aliases)
        people = walk(source)
        while some := list(islice(people, _BATCH)):
            copied += len(some)
            carry_over(target, source, (c.email for c in some), real_hash=real_hash, practice_hash=practice_hash)
            _copy(source, target, some, practice_hash, now)
    return copied


def carry_over(
    practice: Connection, real: Connection, addresses: Iterable[Address], *, real_hash: HashOf, practice_hash: HashOf
) -> int:
    """Suppress in practice those of the addresses (and their domains) that really are; how many entries there were."""
    carried = 0
    remaining = iter(addresses)
    while some := list(islice(remaining, _BATCH)):
        for address, each in standing_against(real, some, hash_of=real_hash).items():
            own, whole = real_hash(address), practice_hash(domain_as_address(address.domain))
            for one in each:
                here = practice_hash(address) if one.seen_as == own else whole
                carried += suppress(practice, here, one.entry.reason, one.entry.since, origin=one.entry.origin)
    return carried


def _copy(source: Connection, target: Connection, some: Sequence[Contact], hash_of: HashOf, now: datetime) -> None:
    """Under the ids that the practice base has for them, which may be older than this copy."""
    ids = {contact.email.key: contact.id for contact in some}
    stored = upsert(target, some, hash_of=hash_of, now=now).contacts
    own = {ids[contact.email.key]: contact.id for contact in stored}
    _copy_names(source, target, own, hash_of, now)
    for table in (schema.consents, schema.sales, schema.choices):
        _copy_rows(source, target, table, own)
    for contact in some:
        refused = contact.choices.refused
        refuse_topics(target, own.get(contact.id), hash_of(contact.email), refused, record=_unrecorded, now=now)


def _copy_names(
    source: Connection, target: Connection, own: Mapping[ContactId, ContactId], hash_of: HashOf, now: datetime
) -> None:
    """Former addresses; a contact of the practice base's own under one of them goes."""
    table = schema.aliases.c
    wanted = select(table.contact_id, table.email, table.email_key).where(table.contact_id.in_(list(own)))
    for contact, email, key in source.execute(wanted.order_by(table.id)):
        mine = own[ContactId(contact)]
        people = schema.contacts
        target.execute(people.delete().where(people.c.email_key == key, people.c.id != mine))
        remember(target, mine, stored(email, key), hash_of=hash_of, now=now)


def _copy_rows(source: Connection, target: Connection, table: Table, own: Mapping[ContactId, ContactId]) -> None:
    columns = [column for column in table.c if column.name != "id"]
    wanted = select(*columns).where(table.c.contact_id.in_(list(own))).order_by(*table.primary_key)
    rows: list[dict[str, Any]] = [
        {**row, "contact_id": own[ContactId(row["contact_id"])]} for row in source.execute(wanted).mappings()
    ]
    if rows:
        target.execute(table.insert(), rows)


def _unrecorded(connection: Connection, kind: str, payload: object, contact: object, at: datetime) -> None:
    """The real base's journal has it."""


def _empty(target: Connection, *tables: Table) -> None:
    """What the practice base was told of consents before; the real ones are copied afresh."""
    for table in tables:
        target.execute(table.delete())
