"""What the two kinds of data base are asked in two ways, or only in parts, written once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import Connection, Table

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite

__all__ = ["BATCH", "insert_in", "insert_into", "slices"]

T = TypeVar("T")

BATCH = 1000
"""Parameters of one SELECT: SQLite takes 32,766, PostgreSQL 65,535."""


def insert_into(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that can say what happens ``on_conflict``: each dialect has its own."""
    return insert_in(connection.dialect.name, table)


def insert_in(dialect: str, table: Table) -> sqlite.Insert | postgresql.Insert:
    """The same by the dialect's name, for a statement that is made once and kept."""
    if dialect == "postgresql":
        from sqlalchemy.dialects.postgresql import insert

        return insert(table)
    from sqlalchemy.dialects import sqlite

    return sqlite.insert(table)


def slices(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """As many at a time as one SELECT asks for."""
    return (items[start : start + BATCH] for start in range(0, len(items), BATCH))
