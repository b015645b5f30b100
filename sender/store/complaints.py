"""What can be wrong with a data base, in words for people; the drivers' errors end here."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from sender.errors import Fault, Place, SenderError, SettingsError, Unreachable

__all__ = ["COMPLAINTS", "complain", "in_words", "met_another"]

COMPLAINTS: dict[str, str] = {
    "SC-501": "there is no data base here",
    "SC-502": "the data base lies on a network drive",
    "SC-503": "the file is not a data base of this program",
    "SC-504": "the data base was made by a newer version of this program",
    "SC-505": "the data base file is damaged",
    "SC-506": "the disk is full",
    "SC-507": "the data base cannot be written",
    "SC-508": "another program holds the data base",
    "SC-509": "the data base cannot be reached",
    "SC-510": "the data base's address is not understood",
    "SC-511": "the data base refused a statement",
    "SC-512": "the ledger takes no more entries in this run",
    "SC-513": "the thread that writes the ledger failed",
    "SC-514": "the data base file was taken away or replaced while it was open",
    "SC-515": "the data base's own rules forbid it",
}

_WHY_SAFE = "Nothing is sent that cannot be written down first."

_SAYINGS: tuple[tuple[str, str, type[SenderError], str], ...] = (
    # a part of the driver's words, code, error, what to do
    ("database or disk is full", "SC-506", Unreachable, "Make room on the disk, then run the same command again."),
    ("no space left", "SC-506", Unreachable, "Make room on the disk, then run the same command again."),
    ("disk i/o error", "SC-507", Unreachable, "Look at the disk (dmesg), then run the same command again."),
    ("readonly database", "SC-507", Unreachable, "Let this user write the file and its folder, then run it again."),
    ("read-only transaction", "SC-507", Unreachable, "Point SENDER_DATABASE to the primary server."),
    ("unable to open", "SC-507", Unreachable, "Let this user read and write the file and its folder."),
    ("is locked", "SC-508", Unreachable, "Close the program that has the file open, then run the same command again."),
    ("(55p03)", "SC-508", Unreachable, "End what holds it (pg_stat_activity), then run the same command again."),
    ("not a database", "SC-503", SettingsError, "Point SENDER_DATABASE to this program's own file."),
    ("send-campaign rule", "SC-515", Fault, "Please report it; nothing of this transaction was kept."),
    ("malformed", "SC-505", SettingsError, "Restore the newest backup, then run: send-campaign resolve --restored"),
)


def complain(kind: type[SenderError], code: str, where: str, why: str, todo: str) -> SenderError:
    """The error for ``code``; ``where`` names the base without a password."""
    return kind.of(code, COMPLAINTS[code], why=why, todo=todo, place=Place(where))


@contextmanager
def in_words(where: str) -> Iterator[None]:
    """Turn what a driver raises inside into an error of ours; the driver's words may hold data and stay behind."""
    try:
        yield
    except (DBAPIError, sqlite3.Error) as problem:
        raise _translated(problem, where) from problem


def _translated(problem: Exception, where: str) -> SenderError:
    raw = problem.orig if isinstance(problem, DBAPIError) else problem
    words = f"{raw}{_state_of(raw)}".lower()  # a state is the same in every language of the server
    for part, code, kind, todo in _SAYINGS:
        if part in words:
            return complain(kind, code, where, _WHY_SAFE, todo)
    if _is_distance(problem):
        why = f"{_WHY_SAFE}{_state_of(raw)}"
        return complain(Unreachable, "SC-509", where, why, "See that the server runs and lets this user in.")
    return complain(
        Fault,
        "SC-511",
        where,
        f"{type(raw).__name__}{_state_of(raw)}: the program and its data base disagree.",
        "Please report it; nothing of this transaction was kept.",
    )


def met_another(problem: BaseException) -> bool:
    """Two transactions stood in each other's way and the server undid this one: doing it again is right."""
    return _state_of(getattr(problem, "orig", None)).strip(" ()") in {"40001", "40P01"}


def _is_distance(problem: Exception) -> bool:
    """The server is away, went away, or did not let us in: SQLSTATE classes 08, 53, 57, 28, 3D; 40, 55: it is busy."""
    if isinstance(problem, DBAPIError) and problem.connection_invalidated:
        return True
    state = _state_of(getattr(problem, "orig", None)).strip(" ()")
    if state:
        return state[:2] in {"08", "53", "57", "28", "3D", "40", "55"}
    return isinstance(problem, OperationalError | InterfaceError)


def _state_of(raw: object) -> str:
    state = getattr(raw, "sqlstate", None)
    return f" ({state})" if isinstance(state, str) and re.fullmatch(r"[0-9A-Z]{5}", state) else ""
