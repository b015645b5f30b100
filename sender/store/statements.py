"""What the two kinds of data base are asked in two ways, or only in parts, written once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Connection, Insert, Table
from sqlalchemy.sql.compiler import SQLCompiler

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite

__all__ = ["BATCH", "enter_rows", "insert_in", "insert_into", "slices"]

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


def enter_rows(
    connection: Connection, statement: Insert, rows: Sequence[Mapping[str, Any]], same: Mapping[str, Any]
) -> int:
    """Enter rows as ``connection.execute`` does; returns how many were entered. ``same``: what stands in all of them.

    What makes the driver's value of ours is looked up once a column; SQLAlchemy does it for every value, and takes
    longer for that than SQLite to enter the row.
    """
    dialect, names = connection.dialect, (*same, *rows[0])
    compiled = statement.compile(dialect=dialect, column_keys=names)
    assert isinstance(compiled, SQLCompiler)  # noqa: S101 - for the type checker
    makers = {name: bind.type.dialect_impl(dialect).bind_processor(dialect) for name, bind in compiled.binds.items()}
    fixed = {name: value for name, value in compiled.params.items() if name not in names} | dict(same)
    fixed = {name: make(value) if (make := makers[name]) else value for name, value in fixed.items()}
    made = [(name, make) for name in rows[0] if (make := makers[name])]
    bound = [{**fixed, **row} for row in rows]
    for row in bound:
        for name, make in made:
            row[name] = make(row[name])
    given = list(map(itemgetter(*compiled.positiontup), bound)) if compiled.positiontup else bound
    return connection.exec_driver_sql(str(compiled), given).rowcount


def slices(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """As many at a time as one SELECT asks for."""
    return (items[start : start + BATCH] for start in range(0, len(items), BATCH))
