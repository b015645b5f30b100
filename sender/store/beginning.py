"""A new SQLite base made in one go: ``schema.sql`` is what the revisions of ``migrations/`` leave of an empty file.

Going through the revisions costs a new base more time than most commands take, practice and trials make one each, and
the result is the same to the letter: ``make check`` fails where it is not. A base that is there goes through them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from importlib.resources import files

from sqlalchemy import Connection

__all__ = ["begin", "written"]


def begin(connection: Connection) -> None:
    """Make the tables, indexes and triggers of today in the transaction of ``connection``."""
    for statement in _statements(files("sender.store").joinpath("schema.sql").read_text(encoding="utf-8")):
        connection.exec_driver_sql(statement)


def written(connection: Connection) -> str:
    """``schema.sql`` as the SQLite base of ``connection`` says it: what was made, in its order, and the revision."""
    made = connection.exec_driver_sql("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid").scalars()
    (revision,) = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalars()
    statements = [*made, f"INSERT INTO alembic_version VALUES ('{revision}')"]  # noqa: S608  one of ours
    return "".join(f"{statement};\n" for statement in statements)


def _statements(script: str) -> Iterator[str]:
    """A trigger holds semicolons, so SQLite itself says where a statement is complete."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
