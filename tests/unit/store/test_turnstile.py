"""A lock that is stuck costs a process its patience once, not with each transaction."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sender.store import turnstile
from sender.store.turnstile import Turnstile

PATIENCE = 10.0


class Clock:
    """Time passes by sleeping only."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def passing(self, door: Turnstile) -> float:
        """How long it took to get through."""
        before = self.now
        with door.passed():
            return self.now - before


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    one = Clock()
    monkeypatch.setattr(turnstile, "time", one)
    return one


@contextmanager
def held(path: Path) -> Iterator[None]:
    """As a process holds it that was stopped."""
    lock = os.open(path, os.O_RDWR | os.O_CREAT)
    fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(lock)


@pytest.mark.parametrize("end", ["queue", "turnstile"])
def test_the_patience_with_a_stuck_lock_is_spent_once(tmp_path: Path, clock: Clock, end: str) -> None:
    """And comes back with the lock."""
    door = Turnstile(tmp_path / "b.db", patience=PATIENCE)
    free = clock.passing(door)
    with held(tmp_path / f"b.db.{end}"):
        first, *others = [clock.passing(door) for _ in range(10)]
    clock.passing(door)
    with held(tmp_path / f"b.db.{end}"):
        again = clock.passing(door)

    assert free == 0
    assert first >= PATIENCE
    assert sum(others) < PATIENCE / 10
    assert again >= PATIENCE
