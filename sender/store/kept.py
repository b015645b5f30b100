"""Statements that run with every commit: their words are made once, and given to the driver as they are.

SQLAlchemy asks at each execution what might have changed since the last one, and looks at each row of parameters by
itself: for a statement that is always the same this costs more than what the data base does.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Unpack

from sqlalchemy import ClauseElement, ColumnElement, Connection, CursorResult, Dialect, Text, TypeDecorator, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

__all__ = ["Kept", "among"]

Row = Mapping[str, Any]


class Kept:
    """Runs on the caller's connection, errors and all. Rows come back as the driver has them: times are texts."""

    def __init__(self, statement: ClauseElement) -> None:
        self._statement = statement
        self._words: dict[str, _Words] = {}

    def run(self, connection: Connection, *rows: Row) -> CursorResult[Unpack[tuple[Any, ...]]]:
        """``rows``: what the parameters are, by name; all of them for each row."""
        dialect = connection.dialect
        words = self._words.get(dialect.name)
        if words is None:
            words = self._words[dialect.name] = _Words.of(self._statement, dialect)
        return connection.exec_driver_sql(words.text, [words.parameters(row) for row in rows])


@dataclass(frozen=True, slots=True)
class _Words:
    """A statement as one kind of driver takes it. ``order``: of its parameters, where they stand by place."""

    text: str
    order: Sequence[str] | None
    same: Row
    writes: tuple[tuple[str, Callable[[Any], Any]], ...]

    @classmethod
    def of(cls, statement: ClauseElement, dialect: Dialect) -> _Words:
        compiled = statement.compile(dialect=dialect)
        assert isinstance(compiled, SQLCompiler)  # noqa: S101 - for the type checker
        writers = {
            name: bind.type.dialect_impl(dialect).bind_processor(dialect) for bind, name in compiled.bind_names.items()
        }
        writes = tuple((name, write) for name, write in writers.items() if write is not None)
        return cls(str(compiled), compiled.positiontup, dict(compiled.params), writes)

    def parameters(self, row: Row) -> Any:
        values = {**self.same, **row}
        for name, write in self.writes:
            values[name] = write(values[name])
        return values if self.order is None else tuple([values[name] for name in self.order])


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
