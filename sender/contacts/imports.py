"""Who imported which file when, how far it came, and what it brought: one row a reading, no row's content.

The counts go into the same transaction as the contacts they count, so that an import that is killed knows at which line
it goes on, and its report is that of the whole file.
"""

from __future__ import annotations

import getpass
import json
import os
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import file_digest
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert, select, update

from sender.contacts.complaints import missing
from sender.model import Provenance
from sender.store import schema

__all__ = ["Counts", "FileRead", "Import", "begin", "digest_of", "finish", "keep", "known", "whoever_runs"]


@dataclass(frozen=True, slots=True)
class FileRead:
    """A contact file at the moment it is read, and where the command line or the campaign says it comes from."""

    path: Path
    digest: str
    provenance: Provenance

    @classmethod
    def at(cls, path: Path, provenance: Provenance) -> FileRead:
        return cls(path.absolute(), digest_of(path), provenance)


@dataclass(frozen=True, slots=True)
class Counts:
    """Rows of a file by what became of them. ``suppressed``: of the contacts, those that nothing may be sent to."""

    new: int = 0
    changed: int = 0
    same: int = 0
    doubles: int = 0
    rejected: int = 0
    erased: int = 0
    suppressed: int = 0

    @property
    def contacts(self) -> int:
        return self.new + self.changed + self.same

    @property
    def rows(self) -> int:
        return self.contacts + self.doubles + self.rejected + self.erased


@dataclass(frozen=True, slots=True)
class Import:
    """One reading; ``lines_done``: every row up to this line is in the base. ``fields``: how often each changed."""

    id: int
    counts: Counts = Counts()
    lines_done: int = 0
    fields: Counter[str] = field(default_factory=Counter)


def digest_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file_digest(file, "sha256").hexdigest()
    except OSError as problem:
        raise missing(path) from problem


def begin(connection: Connection, file: FileRead, now: datetime) -> Import:
    """Go on with the same import where it was interrupted, or begin a new one."""
    table = schema.imports
    open_one = select(table).where(_same(file), table.c.finished_at.is_(None)).order_by(table.c.id.desc()).limit(1)
    row = connection.execute(open_one).mappings().one_or_none()
    if row is not None:
        counts = Counts(**{name: row[name] for name in Counts.__slots__})
        return Import(row["id"], counts, row["lines_done"], Counter(json.loads(row["changed_fields"])))
    return Import(_enter(connection, file, now))


def known(connection: Connection, file: FileRead, now: datetime) -> int:
    """The row under which a campaign's file stands: one for each content it had, not one for each run."""
    table = schema.imports
    found = connection.execute(select(table.c.id).where(_same(file)).order_by(table.c.id.desc()).limit(1)).scalar()
    return _enter(connection, file, now) if found is None else int(found)


def keep(connection: Connection, one: Import) -> None:
    """How far the import came."""
    connection.execute(update(schema.imports).where(schema.imports.c.id == one.id).values(_counted(one)))


def finish(connection: Connection, one: Import, now: datetime) -> None:
    values = _counted(one) | {"finished_at": now}
    connection.execute(update(schema.imports).where(schema.imports.c.id == one.id).values(values))


def whoever_runs() -> str:
    """The login name of whoever runs the program, or the number of a user without one."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


def _enter(connection: Connection, file: FileRead, now: datetime) -> int:
    values = _identity(file) | {"file_name": file.path.name, "imported_at": now, "imported_by": whoever_runs()}
    return int(connection.execute(insert(schema.imports).values(values).returning(schema.imports.c.id)).scalar_one())


def _identity(file: FileRead) -> dict[str, Any]:
    said = file.provenance
    return {
        "path": str(file.path),
        "file_digest": file.digest,
        "source_kind": said.kind.value,
        "source_record": said.record,
        "collected_on": said.collected_on,
        "notice_version": said.notice.version,
    }


def _same(file: FileRead) -> Any:
    """None is compared as IS NULL."""
    condition: Any = True
    for name, value in _identity(file).items():
        condition = (schema.imports.c[name] == value) & condition
    return condition


def _counted(one: Import) -> dict[str, Any]:
    counts = one.counts
    values = {name: getattr(counts, name) for name in Counts.__slots__}
    return (
        values
        | {"rows": counts.rows, "contacts": counts.contacts, "lines_done": one.lines_done}
        | {"changed_fields": json.dumps(one.fields)}
    )
