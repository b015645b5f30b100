"""The base looked over once, contact by contact, without loading more than a page of it.

Out come ``Head``s: what a deadline or a share needs to know of a contact, and nothing that names it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, func, or_, select

from sender.model import ContactId
from sender.store import schema

__all__ = ["RECONTACT", "Head", "heads"]

RECONTACT = "recontact"
"""The kind of the journal's entries that say who was asked whether they want to stay."""

_PAGE = 1000


class Head(NamedTuple):
    """``consent_on``, ``sold_on``: of the newest that stands. ``asked_at``: the one question before deletion.

    ``requested``: a request by right is open. ``sending``: a letter is on the wire.
    """

    id: ContactId
    country: str | None
    source_kind: str
    source_record: str | None
    collected_on: date | None
    notice_given: bool
    notice_version: str | None
    notice_given_on: date | None
    objection_offered: bool
    last_inbound_on: date | None
    title: str | None
    form: str
    last_name: str
    company: str | None
    language: str | None
    created_at: datetime
    consent_on: date | None
    sold_on: date | None
    suppressed: bool
    restricted: bool
    requested: bool
    sending: bool
    asked_at: datetime | None


def heads(connection: Connection, *, only: Collection[ContactId] | None = None) -> Iterator[Head]:
    """Every contact by its id, page by page; with ``only``, those few."""
    if only is not None:
        yield from (Head(*row) for row in connection.execute(_wanted().where(schema.contacts.c.id.in_(only))))
        return
    after = ""
    while True:
        wanted = _wanted().where(schema.contacts.c.id > after).order_by(schema.contacts.c.id).limit(_PAGE)
        page = [Head(*row) for row in connection.execute(wanted)]
        yield from page
        if len(page) < _PAGE:
            return
        after = page[-1].id


_TAKEN = Head._fields[: Head._fields.index("consent_on")]


def _wanted() -> Select[Any]:
    contacts, consents, sales = schema.contacts.c, schema.consents.c, schema.sales.c
    own = (consents.contact_id == contacts.id) & (consents.scope == "mail")
    newest = select(func.max(consents.id)).where(own).correlate(schema.contacts).scalar_subquery()
    standing = select(consents.given_on).where(consents.id == newest, consents.withdrawn_on.is_(None))
    sold = select(func.max(sales.sold_on)).where(sales.contact_id == contacts.id)
    entries = schema.journal.c
    asked = select(func.max(entries.at)).where(entries.contact_id == contacts.id, entries.kind == RECONTACT)
    return select(
        *(contacts[name] for name in _TAKEN),
        standing.correlate(schema.contacts).scalar_subquery(),
        sold.correlate(schema.contacts).scalar_subquery(),
        _suppressed(),
        _suppressed(schema.suppressions.c.reason == "restricted"),
        exists().where(schema.requests.c.contact_id == contacts.id, schema.requests.c.closed_at.is_(None)),
        exists().where(_letters_of(contacts.id), schema.letters.c.state == "sending"),
        asked.correlate(schema.contacts).scalar_subquery(),
    )


def _letters_of(contact: ColumnElement[str]) -> ColumnElement[bool]:
    """By the primary key, campaign by campaign: letters of one contact have no index of their own."""
    letters = schema.letters.c
    return letters.campaign_id.in_(select(schema.campaigns.c.id)) & (letters.contact_id == contact)


def _suppressed(*more: ColumnElement[bool]) -> ColumnElement[bool]:
    contacts, hashes = schema.contacts.c, schema.suppressions.c.hash
    meets = or_(hashes == contacts.address_hash, hashes == contacts.domain_hash)
    return exists().where(and_(meets, schema.in_force, *more))
