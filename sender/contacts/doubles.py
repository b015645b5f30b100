"""Contacts that seem to be one person: equal names, and the same company or company number, letter case aside.

The data base folds the case: SQLite of unaccented letters only, so that "QUÉROUAIL" and "Quérouail" stay two there.
"""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from sender.model import ContactId
from sender.store.schema import contacts

__all__ = ["probable"]


def probable(connection: Connection) -> tuple[tuple[ContactId, ...], ...]:
    """Groups of ids, each group sorted; somebody may be in one group by company and in another by number."""
    name = (func.lower(contacts.c.first_name), func.lower(contacts.c.last_name))
    groups: set[tuple[ContactId, ...]] = set()
    for firm, column in (
        (func.lower(contacts.c.company), contacts.c.company),
        (contacts.c.company_number, contacts.c.company_number),
    ):
        named = (contacts.c.last_name != "") & column.is_not(None)
        alike = select(func.aggregate_strings(contacts.c.id, " ")).where(named).group_by(*name, firm)
        for ids in connection.execute(alike.having(func.count() > 1)).scalars():
            groups.add(tuple(ContactId(one) for one in sorted(ids.split(" "))))
    return tuple(sorted(groups))
