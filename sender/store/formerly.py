"""The ids that a contact had while it was two, for every room that must know all of a person's rows."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, select

from sender.model import ContactId
from sender.store.schema import aliases

__all__ = ["formerly"]


def formerly(connection: Connection, asked: Collection[ContactId]) -> dict[ContactId, ContactId]:
    """Ids of doubles that were merged into one of the contacts, with that one's id."""
    wanted = select(aliases.c.former_id, aliases.c.contact_id).where(aliases.c.contact_id.in_(asked))
    rows = connection.execute(wanted.where(aliases.c.former_id.is_not(None)))
    return {ContactId(row[0]): ContactId(row[1]) for row in rows}
