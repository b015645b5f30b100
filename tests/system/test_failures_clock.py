"""The clock is set back: between two runs, and in the middle of one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sender import ledger, pipeline
from sender.cli import wiring
from sender.delivery import RelayAccess
from sender.model import Sums
from sender.settings import load
from sender.steps.house import House
from tests.system.failures_scene import Scene, scene_in

DAY = timedelta(days=1)


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    with scene_in(tmp_path, audience=60) as made:
        for name, value in made.project.environment.items():
            monkeypatch.setenv(name, value)
        yield made


@pytest.fixture
def house(scene: Scene) -> Iterator[House]:
    with wiring.opened(load(scene.database.parent), practice=False, create=True) as opened:
        yield opened


async def run(scene: Scene, house: House, now: Callable[[], datetime], limit: int | None = None) -> Sums:
    there = replace(house, now=now)
    brief = pipeline.read(scene.project.campaign)
    planned = pipeline.plan(there, brief, reserved_allowed=True)
    access = RelayAccess("127.0.0.1", scene.sink.port, tls="none")
    summary = await pipeline.send(there, brief, planned, access, stop=asyncio.Event(), limit=limit)
    return summary.sums


def now() -> datetime:
    return datetime.now(UTC)


async def test_a_day_earlier_than_the_run_before(scene: Scene, house: House) -> None:
    """The second run takes place before the first, by the clock: it sends the rest, and the journal stays whole."""
    await run(scene, house, now, limit=20)
    sums = await run(scene, house, lambda: now() - DAY)

    all_is_well(scene, house, sums)


async def test_a_day_back_in_the_middle_of_a_run(scene: Scene, house: House) -> None:
    """Attempts opened today are closed yesterday; nothing else comes of it."""
    calls = 0

    def falling_back() -> datetime:
        nonlocal calls
        calls += 1
        return now() - DAY if calls > 40 else now()

    sums = await run(scene, house, falling_back)

    assert calls > 40
    all_is_well(scene, house, sums)


def all_is_well(scene: Scene, house: House, sums: Sums) -> None:
    assert sums == Sums(accepted=scene.audience)
    assert sorted(scene.sink.taken.values()) == [1] * scene.audience
    with house.store.read() as connection:
        assert ledger.journal.verify(connection, house.state.head()) is None
        ledger.check_restored(connection, house.state)
