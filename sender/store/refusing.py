"""How a refused topic is written, for every room that writes one: it is added or said again, never taken away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, func

from sender.store.schema import topic_refusals
from sender.store.statements import insert_into

__all__ = ["refuse_rows"]


def refuse_rows(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Enter rows of ``hash``, ``topic`` and ``since``. One that stands keeps its first day; a newer word is noted."""
    if not rows:
        return
    statement = insert_into(connection, topic_refusals)
    newest = func.coalesce(topic_refusals.c.renewed_at, topic_refusals.c.since)
    again = statement.on_conflict_do_update(
        index_elements=["hash", "topic"],
        set_={"renewed_at": statement.excluded.since},
        where=statement.excluded.since > newest,
    )
    connection.execute(again, [dict(row) for row in rows])
