"""Two contacts that are one person become one: nothing that either said, was told or gave is lost.

The one that is kept has its fields, and the other's where it has none; both histories of provenance, consents and
sales; the stricter of what both chose; and the other's address and id as former ones. What stands against one address
stands against both.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import Connection, delete, update

from sender.contacts.aliases import remember
from sender.contacts.base import merge
from sender.contacts.choices import copy_choices, stricter
from sender.contacts.consents import Record, copy_history
from sender.contacts.flat import columns_of
from sender.contacts.meeting import HashOf
from sender.contacts.provenance import copy_origins
from sender.errors import UsageError
from sender.model import Contact
from sender.store import schema

__all__ = ["merge_doubles", "merged"]

COMPLAINTS = {"SC-325": "A contact cannot be merged with itself"}


def merged(kept: Contact, gone: Contact) -> Contact:
    """The contact that is left. An address is published by itself, whatever the other one's is."""
    # Consents and sales are histories: what holds of the two is read off them afterwards.
    left = merge(gone, kept)
    chosen = stricter(kept.choices, gone.choices)
    language = chosen.language or kept.language or gone.language
    return replace(left, id=kept.id, published_for_this=kept.published_for_this, language=language, choices=chosen)


def merge_doubles(
    connection: Connection, kept: Contact, gone: Contact, *, hash_of: HashOf, record: Record, now: datetime
) -> tuple[str, ...]:
    """Write it; names the columns of ``kept`` that changed. What the ledger says of either stays as it is."""
    # Meets: GDPR art. 5(1)(d), 7(1), 21(3)
    if kept.id == gone.id:
        raise UsageError.of(
            "SC-325",
            "both are the same contact already",
            why="There is nothing to merge; nothing was changed.",
            todo="See the doubles with: send-campaign contacts doubles",
        )
    before, after = columns_of(kept), columns_of(merged(kept, gone))
    differing = {name: after[name] for name in after if after[name] != before[name]}
    copy_origins(connection, gone.id, kept.id)
    copy_history(connection, gone.id, kept.id)
    copy_choices(connection, gone.id, kept.id, now)
    if differing:
        mine = schema.contacts.c.id == kept.id
        connection.execute(update(schema.contacts).where(mine).values(**differing, updated_at=now))
    theirs = schema.aliases.c.contact_id == gone.id  # first: they would go with it
    connection.execute(update(schema.aliases).where(theirs).values(contact_id=kept.id))
    connection.execute(delete(schema.contacts).where(schema.contacts.c.id == gone.id))
    remember(connection, kept.id, gone.email, hash_of=hash_of, now=now, former_id=gone.id)
    sides = (("before", before), ("after", after))
    told = {f"{name}.{when}": _said(side[name]) for name in differing for when, side in sides}
    record(connection, "merged", {**told, "email.former": gone.email.spec, "former_id": gone.id}, kept.id, now)
    return tuple(differing)


def _said(value: str | date | bool | None) -> str | bool | None:
    return value.isoformat() if isinstance(value, date) else value
