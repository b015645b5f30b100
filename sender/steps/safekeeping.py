"""Copies of the data base, and their way back: nobody who left comes back with one, nobody is mailed again.

What holds a copy's place in time lies apart from the data base: objections and erasures, the journal's head, the count
of attempts. A copy that is put in place is settled against them first, while it still lies beside.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from sender import contacts, ledger, sealing
from sender.errors import InputError, MissingFile, Place, SettingsError, UsageError
from sender.ledger import State, journal, restored
from sender.steps.dossier import put_down
from sender.steps.erasure import erase_again
from sender.steps.house import House
from sender.store import Store, schema
from sender.store.suppressing import suppress_rows

__all__ = [
    "Returned",
    "back_up",
    "default_name",
    "demand_a_file",
    "demand_quiet",
    "other_base",
    "put_in_place",
    "settle",
    "unpacked",
]

COMPLAINTS = {
    "SC-190": "The data base is not a file",
    "SC-191": "The backup cannot be read",
    "SC-192": "A run is sending just now",
    "SC-193": "The backup is of another data base",
}

_SQLITE = "sqlite:///"


@dataclass(frozen=True, slots=True)
class Returned:
    """``unknown`` letters wait for ``resolve``; ``erased`` people whom the copy still held; ``kept`` suppressions."""

    unknown: int
    erased: int
    kept: int


def demand_a_file(url: str) -> Path:
    """The data base's file; on PostgreSQL there is none."""
    if not url.startswith(_SQLITE):
        raise UsageError.of(
            "SC-190",
            "the data base lies on PostgreSQL, which has its own backups",
            why="A copy made past the server would not be whole; nothing was done.",
            todo="Use pg_dump and pg_restore; after a restore run: send-campaign resolve --restored",
        )
    return Path(url.removeprefix(_SQLITE))


# --- out


def back_up(house: House, path: Path, seal_to: Any | None) -> None:
    """A whole copy as of this moment, readable by its owner only. Sealed, no open copy ever lies on the disk."""
    with house.store.write() as connection:  # first, so that the copy knows of itself
        head = journal.append(connection, "backed_up", {"sealed": seal_to is not None}, None, house.now())
    house.keep_head(head)
    if seal_to is not None:
        put_down(path, sealing.seal(house.store.as_bytes(), seal_to))
        return
    put_down(path, b"")
    try:
        house.store.copy_to(path)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


# --- back


@contextmanager
def unpacked(backup: Path, beside: Path, key: Path | None) -> Iterator[Path]:
    """The copy as a private file beside the data base; gone afterwards unless it was put in place."""
    draft = beside.with_name(f".{beside.name}.restoring")
    try:
        content = backup.read_bytes()
    except OSError as problem:
        raise MissingFile.of(
            "SC-191",
            f"the backup cannot be read: {problem.strerror or 'no reason given'}",
            why="Nothing was changed.",
            todo="Name the file that send-campaign backup wrote.",
            place=Place(str(backup)),
        ) from problem
    if sealing.is_sealed(content):
        if key is None:
            raise UsageError.of(
                "SC-191",
                "the backup is sealed",
                why="Without its key nothing of it can be read; nothing was changed.",
                todo="Add --age-key FILE, the file that age-keygen wrote.",
                place=Place(str(backup)),
            )
        content = sealing.opened(content, key, place=str(backup))
    if not content.startswith(b"SQLite format 3\0"):
        raise InputError.of(
            "SC-191",
            "this is no backup of a data base",
            why="Nothing was changed.",
            todo="Name the file that send-campaign backup wrote.",
            place=Place(str(backup)),
        )
    _remove(draft)
    put_down(draft, content)
    try:
        yield draft
    finally:
        _remove(draft)


def _remove(file: Path) -> None:
    for end in ("", "-wal", "-shm", ".turnstile", ".queue"):
        file.with_name(file.name + end).unlink(missing_ok=True)


def demand_quiet(state: State) -> None:
    """No run may be sending: it would go on with a file that has no name any more."""
    if any(state.lives(run_id) for run_id in state.counts()):
        raise UsageError.of(
            "SC-192",
            "a run is sending just now",
            why="What it sends would be written into a file that is gone; nothing was changed.",
            todo="Stop it (Ctrl-C is enough), then restore.",
        )


def settle(copy: House, current: Store | None) -> Returned:
    """Make the copy safe to send from. ``current``: the base that it takes the place of, where there is one."""
    # Meets: DESIGN 4.2, 4.4
    kept = _suppressions_of(current, copy.store) if current else 0
    with copy.store.read() as connection:
        old = restored(connection, copy.state) or copy.state.head() == journal.EMPTY
    with copy.store.write() as connection:  # what was asked for then has its letter, or is too old to be sent one
        contacts.pending.send_nothing(connection)
    unknown = ledger.settle_restored(copy.store, copy.state, copy.now()) if old else 0
    return Returned(unknown, erase_again(copy), kept)


def _suppressions_of(current: Store, copy: Store) -> int:
    """What was said since the backup and stands in the base only: bounces, exclusion lists, blocked domains."""
    table = schema.suppressions
    columns = (table.c.hash, table.c.reason, table.c.since, table.c.origin, table.c.normalisation)
    with current.read() as connection:
        rows = [dict(row) for row in connection.execute(select(*columns).where(schema.in_force)).mappings()]
    with copy.write() as connection:
        known = {tuple(row) for row in connection.execute(select(table.c.hash, table.c.reason).where(schema.in_force))}
        new = [row for row in rows if (row["hash"], row["reason"]) not in known]
        suppress_rows(connection, new)
    return len(new)


def put_in_place(draft: Path, base: Path) -> None:
    """The log of the old file first: it would be played into the new one."""
    for end in ("-wal", "-shm"):
        base.with_name(base.name + end).unlink(missing_ok=True)
    draft.rename(base)


def other_base(place: str) -> SettingsError:
    error = SettingsError.of(
        "SC-193",
        "the backup is of another data base than the one that lies here",
        why="Two bases do not know whom the other has mailed; nothing was changed.",
        todo="Go to the project that the backup was made in, or move the data base away.",
        place=Place(place),
    )
    assert isinstance(error, SettingsError)  # noqa: S101 - for the type checker
    return error


def default_name(folder: Path, base_id: str, at: datetime, *, sealed: bool) -> Path:
    return folder / f"send-campaign-{base_id[:8]}-{at:%Y%m%dT%H%M%SZ}.db{'.age' if sealed else ''}"
