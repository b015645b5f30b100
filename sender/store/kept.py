"""Statements for many rows, or for every commit: their words are made once, and given to the driver as they are.

SQLAlchemy asks at each execution what might have changed since the last one, and looks at each value by itself: for a
statement that is always the same this costs more than what the data base does.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ClauseElement,
    ColumnElement,
    Connection,
    CursorResult,
    Dialect,
    Insert,
    Text,
    TypeDecorator,
    bindparam,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

__all__ = ["Kept", "among", "enter_rows"]

Row = Mapping[str, Any]
Result = CursorResult[*tuple[Any, ...]]
_NONE: Row = {}


class Kept:
    """Runs on the caller's connection, errors and all. Rows come back as the driver has them: times are texts."""

    def __init__(self, statement: ClauseElement) -> None:
        self._statement = statement
        self._words: dict[str, _Words] = {}

    def run(self, connection: Connection, *rows: Row, same: Row = _NONE) -> Result:
        """``rows``: what the parameters are, by name; ``same``: those that are alike in all rows."""
        dialect = connection.dialect
        words = self._words.get(dialect.name)
        if words is None:
            words = self._words[dialect.name] = _Words.of(self._statement, dialect)
        return words.run(connection, rows, same)


def enter_rows(connection: Connection, statement: Insert, rows: Sequence[Row], same: Row) -> int:
    """Enter rows as ``connection.execute`` does; returns how many were. ``same``: what stands in all of them."""
    return _Words.of(statement, connection.dialect, (*same, *rows[0])).run(connection, rows, same).rowcount


@dataclass(frozen=True, slots=True)
class _Words:
    """A statement as one kind of driver takes it. ``order``: of its parameters, where they stand by place.

    ``makes``: what makes the driver's value of ours, of those parameters that need it.
    """

    text: str
    order: Sequence[str] | None
    constants: Row
    makes: Mapping[str, Callable[[Any], Any]]

    @classmethod
    def of(cls, statement: ClauseElement, dialect: Dialect, columns: Sequence[str] | None = None) -> _Words:
        """``columns``: of an INSERT that names none itself."""
        compiled = statement.compile(dialect=dialect, column_keys=columns)
        assert isinstance(compiled, SQLCompiler)  # noqa: S101 - for the type checker
        binds = {name: bind for bind, name in compiled.bind_names.items()}
        makers = {name: bind.type.dialect_impl(dialect).bind_processor(dialect) for name, bind in binds.items()}
        makes = {name: make for name, make in makers.items() if make is not None}
        constants = {name: bind.effective_value for name, bind in binds.items() if not bind.required}
        return cls(str(compiled), compiled.positiontup, _made(constants, makes), makes)

    def run(self, connection: Connection, rows: Sequence[Row], same: Row) -> Result:
        fixed = {**self.constants, **_made(same, self.makes)}
        given: list[Any] = [{**fixed, **row} for row in rows]
        own = [(name, make) for name, make in self.makes.items() if name not in fixed]
        for values in given:
            for name, make in own:
                values[name] = make(values[name])
        if self.order is not None:
            given = [tuple([values[name] for name in self.order]) for values in given]
        return connection.exec_driver_sql(self.text, given)


def _made(values: Row, makes: Mapping[str, Callable[[Any], Any]]) -> Row:
    return {name: makes[name](value) if name in makes else value for name, value in values.items()}


class _Listed(FunctionElement[Any]):
    """The texts of a list that is one parameter."""

    inherit_cache = True


@compiles(_Listed)
def _on_sqlite(element: _Listed, compiler: SQLCompiler, **how: Any) -> str:
    return f"(SELECT value FROM json_each({compiler.process(element.clauses, **how)}))"  # noqa: S608


@compiles(_Listed, "postgresql")
def _on_postgresql(element: _Listed, compiler: SQLCompiler, **how: Any) -> str:
    return f"(SELECT json_array_elements_text(CAST({compiler.process(element.clauses, **how)} AS json)))"


class _List(TypeDecorator[Sequence[str]]):
    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Sequence[str] | None, dialect: Dialect) -> str:
        return json.dumps(list(value or ()))


def among(column: ColumnElement[str], parameter: str) -> ColumnElement[bool]:
    """Whether it is one of the texts of a list, however many those are: an IN whose words stay the same."""
    return column.bool_op("IN")(_Listed(bindparam(parameter, type_=_List)))
