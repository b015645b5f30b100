"""Rows that are entered many at a time, on both kinds of data base."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select

from sender.store import Store
from sender.store.kept import enter_rows
from sender.store.schema import contacts
from sender.store.statements import insert_into
from tests.databases import NOW

SAME = {"source_kind": "trade_show", "domain_hash": b"d" * 32, "created_at": NOW, "updated_at": NOW}


def row(name: str, **more: Any) -> dict[str, Any]:
    """Of every type that a column has."""
    address = {"id": name * 32, "email_key": f"{name}@a.example", "email": f"{name}@a.example"}
    return {**address, "address_hash": name.encode() * 32, "collected_on": None, "notice_given": False, **more}


def test_rows_come_back_as_they_went_in(store: Store) -> None:
    """Days, moments, bytes, yes and no; what all rows share stands in each."""
    rows = [row("a"), row("b", collected_on=date(2026, 3, 12), notice_given=True)]
    with store.write() as connection:
        assert enter_rows(connection, insert_into(connection, contacts), rows, SAME) == 2
    wanted = [contacts.c[name] for name in (*rows[0], *SAME)]
    with store.read() as connection:
        stored = [dict(one) for one in connection.execute(select(*wanted).order_by(contacts.c.id)).mappings()]
    assert stored == [one | SAME for one in rows]


def test_only_what_was_entered_is_counted(store: Store) -> None:
    """A row that stands already is none."""
    with store.write() as connection:
        statement = insert_into(connection, contacts).on_conflict_do_nothing(index_elements=["email_key"])
        assert enter_rows(connection, statement, [row("a")], SAME) == 1
        assert enter_rows(connection, statement, [row("a", id="z" * 32), row("b")], SAME) == 1
