"""Statements whose words are made once say the same on both kinds of data base as SQLAlchemy's own."""

from __future__ import annotations

import pytest
from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from sender.store import Store
from sender.store.kept import Kept, among
from sender.store.schema import documents, moment_text
from tests.databases import NOW

NAMES = ("one", 'two "2"', "drei, ß%(x)s", "?")

_ENTER = Kept(
    insert(documents).values(
        kind="kept",
        name=bindparam("b_name"),
        version="1",
        digest=bindparam("b_digest"),
        content="",
        recorded_at=bindparam("b_at"),
    )
)
_FOUND = Kept(select(documents.c.name, documents.c.recorded_at).where(among(documents.c.name, "b_names")))
_RENAME = Kept(update(documents).where(documents.c.name == bindparam("b_name")).values(version="2"))


@pytest.fixture
def filled(store: Store) -> Store:
    with store.write() as connection:
        _ENTER.run(connection, *[{"b_name": name, "b_digest": name[:3], "b_at": NOW} for name in NAMES])
    return store


@pytest.mark.parametrize("asked", [(), NAMES[:1], NAMES[1:], (*NAMES, "nobody")])
def test_a_list_is_one_parameter_however_long(filled: Store, asked: tuple[str, ...]) -> None:
    """Quotes, percent signs and question marks in it are text."""
    with filled.read() as connection:
        found = {row[0] for row in _FOUND.run(connection, {"b_names": asked})}

    assert found == set(asked) & set(NAMES)


def test_values_are_written_as_their_columns_ask(filled: Store) -> None:
    """A time is text in UTC, and reads as a time where SQLAlchemy asks."""
    with filled.read() as connection:
        bare = _FOUND.run(connection, {"b_names": NAMES[:1]}).one()
        typed = connection.execute(select(documents.c.recorded_at).where(documents.c.name == NAMES[0])).scalar()

    assert (bare[1], typed) == (moment_text(NOW), NOW)


def test_what_is_the_same_in_all_rows_stands_in_the_statement(filled: Store) -> None:
    with filled.write() as connection:
        changed = _RENAME.run(connection, {"b_name": NAMES[0]}).rowcount
        versions = connection.execute(select(documents.c.version).order_by(documents.c.version)).scalars().all()

    assert (changed, versions) == (1, ["1", "1", "1", "2"])


def test_an_error_of_the_data_base_is_sqlalchemys(filled: Store) -> None:
    """So that the store can say it in words, and the writer tells it from a job's own."""
    with filled.read() as connection, pytest.raises(IntegrityError):
        _ENTER.run(connection, {"b_name": NAMES[0], "b_digest": "one", "b_at": NOW})


def test_a_parameter_that_is_missing_is_a_fault(filled: Store) -> None:
    with filled.read() as connection, pytest.raises(KeyError):
        _FOUND.run(connection, {})
