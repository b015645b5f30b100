"""Contacts that seem to be one person: equal names, and the same company or company number, letter case aside."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, func, select, true

from sender.model import ContactId
from sender.store.schema import contacts

__all__ = ["alike"]


def alike(connection: Connection, among: ColumnElement[bool] | None = None) -> tuple[tuple[ContactId, ...], ...]:
    """Groups of ids, each group sorted; ``among``: the condition that contacts meet, all of them otherwise.

    Somebody may be in one group by company and in another by number. Contacts without a name are like nobody.
    """
    name = (func.lower(contacts.c.first_name), func.lower(contacts.c.last_name))
    named = (contacts.c.last_name != "") & (true() if among is None else among)
    groups: set[tuple[ContactId, ...]] = set()
    for firm, column in (
        (func.lower(contacts.c.company), contacts.c.company),
        (contacts.c.company_number, contacts.c.company_number),
    ):
        ids = select(func.aggregate_strings(contacts.c.id, " ")).where(named, column.is_not(None))
        for found in connection.execute(ids.group_by(*name, firm).having(func.count() > 1)).scalars():
            groups.add(tuple(ContactId(one) for one in sorted(found.split(" "))))
    return tuple(sorted(groups))
