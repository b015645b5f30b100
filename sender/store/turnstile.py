"""A fair door before the writing transactions of one SQLite file.

SQLite itself lets waiting writers poll, so that beside a process that commits all the time another one starves. Here a
writer first takes the queue, then the door, then leaves the queue: whoever comes out of the door finds the next one
already waiting before it. Only fairness rests on this. Should a lock be stuck (a stopped process), the writer goes
on after ``patience`` and SQLite's own lock decides; as long as it stays stuck, the transactions after that wait hardly
at all.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["Turnstile"]

_FIRST_PAUSE = 0.0001  # seconds; a commit takes some 0.2 to 5 ms
_LONGEST_PAUSE = 0.002
_ONCE_STUCK = 0.02  # seconds of patience with a lock that was found stuck before


class Turnstile:
    """Two lock files beside the data base."""

    def __init__(self, database: Path, *, patience: float = 10.0) -> None:
        self._queue = database.with_name(f"{database.name}.queue")
        self._door = database.with_name(f"{database.name}.turnstile")
        self._patience = self._left = patience

    @contextmanager
    def passed(self) -> Iterator[None]:
        """Hold the door while a transaction writes."""
        door = -1
        queue = _open(self._queue)
        try:
            until = time.monotonic() + self._left
            free = _take(queue, until)
            door = _open(self._door)
            free = _take(door, until) and free
            self._left = self._patience if free else _ONCE_STUCK
        finally:
            _close(queue)
        try:
            yield
        finally:
            _close(door)


def _open(path: Path) -> int:
    """Each time anew, so that threads of one process stand in the same queue; -1 where the folder is read-only."""
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError:
        return -1


def _take(lock: int, until: float) -> bool:
    """Whether it is taken, or there is none to take."""
    pause = _FIRST_PAUSE
    while lock >= 0 and not _taken(lock):
        if time.monotonic() >= until:
            return False
        time.sleep(pause)
        pause = min(pause * 2, _LONGEST_PAUSE)
    return True


def _taken(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _close(lock: int) -> None:
    if lock >= 0:
        os.close(lock)
