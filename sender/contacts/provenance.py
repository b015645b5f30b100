"""Where a contact comes from, as history: every word the base was given on it, and by which import.

The rows are written by the data base itself whenever a contact enters or its provenance changes, so that no way in can
forget it; nobody deletes or changes one. What holds stands with the contact.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from sender.contacts.flat import provenance_of
from sender.model import ContactId, Provenance
from sender.store import schema

__all__ = ["Origin", "copy_origins", "origins"]


@dataclass(frozen=True, slots=True)
class Origin:
    """One word on where a contact comes from. The last four say who imported which file when; None: by hand."""

    provenance: Provenance
    recorded_at: datetime
    file_name: str | None = None
    path: str | None = None
    imported_by: str | None = None
    imported_at: datetime | None = None


def origins(connection: Connection, contact: ContactId) -> tuple[Origin, ...]:
    """The oldest first."""
    told, files = schema.provenances, schema.imports
    wanted = (
        select(told, files.c.file_name, files.c.path, files.c.imported_by, files.c.imported_at)
        .outerjoin(files, files.c.id == told.c.import_id)
        .where(told.c.contact_id == contact)
        .order_by(told.c.recorded_at, told.c.id)
    )
    return tuple(
        Origin(
            provenance_of(row),
            row["recorded_at"],
            row["file_name"],
            row["path"],
            row["imported_by"],
            row["imported_at"],
        )
        for row in connection.execute(wanted).mappings()
    )


def copy_origins(connection: Connection, source: ContactId, target: ContactId) -> int:
    """Give ``target`` the history of ``source``, a double of it, with its dates; how many rows."""
    columns = [column for column in schema.provenances.c if column.name != "id"]
    theirs = select(*columns).where(schema.provenances.c.contact_id == source).order_by(schema.provenances.c.id)
    rows = [{**row, "contact_id": target} for row in connection.execute(theirs).mappings()]
    if rows:
        connection.execute(insert(schema.provenances), rows)
    return len(rows)
