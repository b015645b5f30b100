"""Statements whose words are made once say the same on both kinds of data base as SQLAlchemy's own."""

from __future__ import annotations

import pytest
from sqlalchemy import Text, bindparam, cast, insert, literal, select, update
from sqlalchemy.exc import IntegrityError

from sender.store import Store
from sender.store.kept import Kept, Listed, among
from sender.store.schema import Moment, documents, moment_text
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
_LIST = Listed("b_rows", name=str, number=int)
_LONGER = _LIST.longer(digest=str)
_RENUMBER = Kept(
    update(documents)
    .where(documents.c.kind == "kept", documents.c.name == _LIST["name"])
    .values(version=cast(_LIST["number"], Text), digest=_LONGER["digest"])
)
_COPY = Kept(
    insert(documents).from_select(
        ["kind", "name", "version", "digest", "content", "recorded_at"],
        select(
            literal("copy"),
            _LIST["name"],
            cast(_LIST["number"], Text),
            _LONGER["digest"],
            literal(""),
            bindparam("b_at", type_=Moment),
        ),
    )
)
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
        found = {row[0] for row in _FOUND.rows(connection, {"b_names": asked})}

    assert found == set(asked) & set(NAMES)


def test_values_are_written_as_their_columns_ask(filled: Store) -> None:
    """A time is text in UTC, and reads as a time where SQLAlchemy asks."""
    with filled.read() as connection:
        (bare,) = _FOUND.rows(connection, {"b_names": NAMES[:1]})
        typed = connection.execute(select(documents.c.recorded_at).where(documents.c.name == NAMES[0])).scalar()

    assert (bare[1], typed) == (moment_text(NOW), NOW)


def test_what_is_the_same_in_all_rows_stands_in_the_statement(filled: Store) -> None:
    with filled.write() as connection:
        changed = _RENAME.run(connection, {"b_name": NAMES[0]})
        versions = connection.execute(select(documents.c.version).order_by(documents.c.version)).scalars().all()

    assert (changed, versions) == (1, ["1", "1", "1", "2"])


def test_rows_of_a_list_are_read_like_a_table(filled: Store) -> None:
    """Whatever stands in them is a value; a row that fits nothing changes nothing."""
    rows = [(name, number, f"{name}, {number}") for number, name in enumerate(NAMES[1:], 2)]
    with filled.write() as connection:
        met = _RENUMBER.run(connection, {"b_rows": [*rows, ("nobody", 9, "")]})
        entered = _COPY.run(connection, {"b_rows": rows, "b_at": NOW})
        found = connection.execute(select(documents.c.kind, documents.c.name, documents.c.version, documents.c.digest))
        stand = {(kind, name): (version, digest) for kind, name, version, digest in found}

    given = {name: (str(number), digest) for name, number, digest in rows}
    assert (met, entered) == (3, 3)
    assert stand == {("kept", NAMES[0]): ("1", "one")} | {
        (kind, name): said for kind in ("kept", "copy") for name, said in given.items()
    }


def test_rows_come_back_as_their_columns_have_them(filled: Store) -> None:
    with filled.read() as connection:
        found = _FOUND.named(connection, {"b_names": NAMES[:1]})

    assert found == [{"name": NAMES[0], "recorded_at": NOW}]


def test_an_error_of_the_data_base_is_sqlalchemys(filled: Store) -> None:
    """So that the store can say it in words, and the writer tells it from a job's own."""
    with filled.read() as connection, pytest.raises(IntegrityError):
        _ENTER.run(connection, {"b_name": NAMES[0], "b_digest": "one", "b_at": NOW})


def test_a_parameter_that_is_missing_is_a_fault(filled: Store) -> None:
    with filled.read() as connection, pytest.raises(KeyError):
        _FOUND.rows(connection, {})
