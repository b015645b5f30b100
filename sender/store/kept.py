"""Statements for many rows, or for every commit: their words are made once, and given to the driver as they are.

SQLAlchemy asks at each execution what might have changed since the last one, looks at each value by itself, and makes
an object of what comes back: for a statement that is always the same this costs more than what the data base does.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain
from typing import Any

from sqlalchemy import (
    ClauseElement,
    ColumnElement,
    Connection,
    Dialect,
    Insert,
    Integer,
    Text,
    TypeDecorator,
    bindparam,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.selectable import ReturnsRows

__all__ = ["Kept", "Listed", "among", "enter_rows", "tell"]

Row = Mapping[str, Any]
_NONE: Row = {}
_ROWS = "(SELECT * FROM (VALUES ?) WHERE column1 IS NOT NULL)"
_MOST = 64  # rows in the words of one statement; SQLite takes 32,766 parameters
_Make = Callable[[Any], Any]


class Kept:
    """Runs on the caller's connection, in its transaction; its errors are SQLAlchemy's."""

    def __init__(self, statement: ClauseElement) -> None:
        self._statement = statement
        self._words: dict[str, _Words] = {}

    def run(self, connection: Connection, *given: Row) -> int:
        """Once for each of what is given, by the names of the parameters; returns how many rows of the base it met."""
        words = self._for(connection)
        return sum(_tell(connection, text, taken).rowcount for text, taken in words.told(given))

    def rows(self, connection: Connection, asked: Row = _NONE) -> list[tuple[Any, ...]]:
        """As the driver has them: on SQLite, times and dates are texts."""
        words = self._for(connection)
        return [row for text, taken in words.told((asked,)) for row in _tell(connection, text, taken).fetchall()]

    def named(self, connection: Connection, asked: Row = _NONE) -> list[dict[str, Any]]:
        """As the columns have them, by their names."""
        words = self._for(connection)
        found = [dict(zip(words.names, row, strict=True)) for row in self.rows(connection, asked)]
        for row in found:
            for name, read in words.reads:
                row[name] = read(row[name])
        return found

    def _for(self, connection: Connection) -> _Words:
        if not connection.in_transaction():
            connection.begin()
        dialect = connection.dialect
        words = self._words.get(dialect.name)
        if words is None:
            words = self._words[dialect.name] = _Words.of(self._statement, dialect)
        return words


def enter_rows(connection: Connection, statement: Insert, rows: Sequence[Row], same: Row) -> int:
    """Enter rows as ``connection.execute`` does; returns how many were. ``same``: what stands in all of them."""
    words = _Words.of(statement, connection.dialect, (*same, *rows[0])).with_constants(same)
    return int(_tell(connection, words.text, words.taken(rows)).rowcount)


def tell(connection: Connection, words: str) -> None:
    """Words without parameters that begin a transaction, or stand between two parts of one."""
    _tell(connection, words, ((),))


def _tell(connection: Connection, words: str, given: Sequence[Any]) -> Any:
    """The driver's cursor. What the driver raises is said as SQLAlchemy says it."""
    cursor = connection.connection.cursor()
    try:
        if len(given) == 1:
            cursor.execute(words, given[0])
        else:
            cursor.executemany(words, given)
    except _errors(connection.dialect) as problem:
        raise _said(connection, words, given, problem, cursor) from problem
    return cursor


def _errors(dialect: Dialect) -> type[Exception]:
    kind = dialect.loaded_dbapi.Error
    assert issubclass(kind, Exception)  # noqa: S101 - for the type checker
    return kind


def _said(connection: Connection, words: str, given: Sequence[Any], problem: Exception, cursor: Any) -> BaseException:
    dialect = connection.dialect
    gone = dialect.is_disconnect(problem, connection.connection, cursor)  # type: ignore[arg-type]
    if gone:
        connection.invalidate(problem)
    return DBAPIError.instance(
        words,
        given[0],
        problem,
        _errors(dialect),
        hide_parameters=connection.engine.hide_parameters,
        connection_invalidated=gone,
        dialect=dialect,
    )


@dataclass(frozen=True, slots=True)
class _Words:
    """A statement as one kind of driver takes it. ``order``: of its parameters, where they stand by place.

    ``makes``: what makes the driver's value of ours, of those parameters that need it. ``names``: of the columns that
    come back; ``reads``: what makes our value of the driver's, of those columns that need it. ``rows``: the parameter
    that is rows, which stand in the words one by one.
    """

    text: str
    order: Sequence[str] | None
    constants: Row
    makes: Sequence[tuple[str, _Make]]
    names: Sequence[str]
    reads: Sequence[tuple[str, _Make]]
    rows: str | None = None

    @classmethod
    def of(cls, statement: ClauseElement, dialect: Dialect, columns: Sequence[str] | None = None) -> _Words:
        """``columns``: of an INSERT that names none itself."""
        compiled = statement.compile(dialect=dialect, column_keys=columns)
        assert isinstance(compiled, SQLCompiler)  # noqa: S101 - for the type checker
        binds = {name: bind for bind, name in compiled.bind_names.items()}
        makers = {name: bind.type.dialect_impl(dialect).bind_processor(dialect) for name, bind in binds.items()}
        makes = [(name, make) for name, make in makers.items() if make is not None]
        constants = {name: bind.effective_value for name, bind in binds.items() if not bind.required}
        rows = next((name for name, bind in binds.items() if isinstance(bind.type, _Rows)), None)
        rows = rows if compiled.positional else None
        words = cls(str(compiled), compiled.positiontup, {}, makes, *_coming_back(statement, dialect), rows)
        return words.with_constants(constants)

    def with_constants(self, constants: Row) -> _Words:
        """With values that are the same in whatever is given."""
        made = {**constants, **{name: make(constants[name]) for name, make in self.makes if name in constants}}
        makes = [(name, make) for name, make in self.makes if name not in constants]
        return replace(self, constants={**self.constants, **made}, makes=makes)

    def told(self, given: Sequence[Row]) -> Iterator[tuple[str, Sequence[Any]]]:
        """The words and what goes with them."""
        taken = self.taken(given)
        if self.rows is None or self.order is None:
            yield self.text, taken
            return
        place = self.order.index(self.rows)
        for one in taken:
            for rows in _filled_up(one[place]):
                yield _standing(self.text, len(rows), len(rows[0])), [[*one[:place], *chain(*rows), *one[place + 1 :]]]

    def taken(self, given: Sequence[Row]) -> Sequence[Any]:
        """What is given, as the driver takes it."""
        values = [{**self.constants, **one} for one in given]
        for one in values:
            for name, make in self.makes:
                one[name] = make(one[name])
        if self.order is None:
            return values
        return [tuple([one[name] for name in self.order]) for one in values]


def _filled_up(rows: Sequence[Sequence[Any]]) -> Iterator[Sequence[Sequence[Any]]]:
    """With rows of nothing to a power of two: so a statement has few different words, which the driver remembers."""
    for start in range(0, len(rows), _MOST):
        some = rows[start : start + _MOST]
        missing = (1 << (len(some) - 1).bit_length()) - len(some)
        yield [*some, *[(None,) * len(some[0])] * missing]


@lru_cache(maxsize=256)
def _standing(text: str, rows: int, width: int) -> str:
    row = f"({', '.join('?' * width)})"
    return text.replace(_ROWS, _ROWS.replace("?", ", ".join([row] * rows)))


def _coming_back(statement: ClauseElement, dialect: Dialect) -> tuple[Sequence[str], Sequence[tuple[str, _Make]]]:
    if not isinstance(statement, ReturnsRows):
        return (), ()
    columns = list(statement.exported_columns)
    readers = [(each.key, each.type.dialect_impl(dialect).result_processor(dialect, None)) for each in columns]
    return [each.key for each in columns], [(name, read) for name, read in readers if read is not None]


# --- lists that are one parameter, however long they are


class _List(TypeDecorator[Sequence[Any]]):
    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Sequence[Any] | None, dialect: Dialect) -> str:
        return json.dumps(list(value or ()))


class _Rows(_List):
    """SQLite reads rows that stand in the words faster than any text that they are put into."""

    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> _Make | None:
        return None if dialect.name == "sqlite" else super().bind_processor(dialect)


def among(column: ColumnElement[str], parameter: str) -> ColumnElement[bool]:
    """Whether it is one of the texts of a list, however many those are: an IN whose words stay the same."""
    return column.bool_op("IN")(_Texts(bindparam(parameter, type_=_List)))


class Listed:
    """Rows of a list, read by a statement like a table: it runs once for all of them.

    Row by row the driver lets go of the interpreter and takes it again each time: beside a busy thread this costs more
    than the statement. ``columns``: their names, in the order of the values of a row, and what they hold; the first
    one always holds something.
    """

    def __init__(self, parameter: str, **columns: type[int] | type[str]) -> None:
        self._rows = _Each(bindparam(parameter, type_=_Rows)).table_valued("value", name="given")
        self._columns: dict[str, ColumnElement[Any]] = {}
        self._add(columns)

    def longer(self, **columns: type[int] | type[str]) -> Listed:
        """The same list, whose rows have these values behind the others."""
        other = copy(self)
        other._columns = dict(self._columns)
        other._add(columns)
        return other

    def _add(self, columns: Mapping[str, type[int] | type[str]]) -> None:
        for place, (name, kind) in enumerate(columns.items(), len(self._columns)):
            self._columns[name] = _At(self._rows.c.value, place, Integer() if kind is int else Text())

    def __getitem__(self, name: str) -> ColumnElement[Any]:
        return self._columns[name]


class _Texts(FunctionElement[Any]):
    """The texts of a list."""

    inherit_cache = True


class _Each(FunctionElement[Any]):
    """A row for each part of a list."""

    inherit_cache = True


class _At(FunctionElement[Any]):
    """The value at one place of a list."""

    inherit_cache = False

    def __init__(self, of: ColumnElement[Any], place: int, holds: Integer | Text) -> None:
        super().__init__(of)
        self.place, self.type = place, holds


@compiles(_Texts)
def _texts(element: _Texts, compiler: SQLCompiler, **how: Any) -> str:
    return f"(SELECT value FROM json_each({compiler.process(element.clauses, **how)}))"  # noqa: S608


@compiles(_Texts, "postgresql")
def _texts_on_postgresql(element: _Texts, compiler: SQLCompiler, **how: Any) -> str:
    return f"(SELECT json_array_elements_text(CAST({compiler.process(element.clauses, **how)} AS json)))"


@compiles(_Each)
def _each(element: _Each, compiler: SQLCompiler, **how: Any) -> str:
    return _ROWS.replace("?", compiler.process(element.clauses, **how))


@compiles(_Each, "postgresql")
def _each_on_postgresql(element: _Each, compiler: SQLCompiler, **how: Any) -> str:
    return f"json_array_elements(CAST({compiler.process(element.clauses, **how)} AS json))"


@compiles(_At)
def _at(element: _At, compiler: SQLCompiler, **how: Any) -> str:
    return f"given.column{element.place + 1}"


@compiles(_At, "postgresql")
def _at_on_postgresql(element: _At, compiler: SQLCompiler, **how: Any) -> str:
    text = f"({compiler.process(element.clauses, **how)} ->> {element.place})"
    return f"CAST({text} AS INTEGER)" if isinstance(element.type, Integer) else text
