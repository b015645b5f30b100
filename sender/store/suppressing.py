"""How a suppression is written, for every room that writes one: it is added or said again, never taken away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, func

from sender.model import NORMALISATION
from sender.store.schema import suppressions
from sender.store.statements import insert_in

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite

__all__ = ["suppress_rows"]


def suppress_rows(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Enter rows of ``hash``, ``reason``, ``since`` and, where it is known, ``origin``.

    One that stands already keeps its first day; a newer word is noted, and undoes a lifting that came before it. An
    older word, read again from a file, changes nothing. Nor does a list that comes in again: whoever consented since
    stands on its newest edition as on the first.
    """
    if not rows:
        return
    defaults = {"origin": None, "normalisation": NORMALISATION}
    connection.execute(_renewing(connection.dialect.name), [defaults | dict(row) for row in rows])


@cache
def _renewing(dialect: str) -> sqlite.Insert | postgresql.Insert:
    """Made once: to put it together takes longer than to enter a row."""
    statement = insert_in(dialect, suppressions)
    newest = func.coalesce(suppressions.c.renewed_at, suppressions.c.since)
    return statement.on_conflict_do_update(
        index_elements=["hash", "reason"],
        set_={
            "renewed_at": statement.excluded.since,
            "origin": func.coalesce(statement.excluded.origin, suppressions.c.origin),
        },
        where=(statement.excluded.since > newest) & (suppressions.c.reason != "excluded"),
    )
