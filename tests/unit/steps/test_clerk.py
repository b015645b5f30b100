"""What the clerk does when something beside the data base fails."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, cast

import pytest

from sender import ledger
from sender.errors import Unreachable
from sender.ledger import Claim, Closing, Opened, State, Wanted
from sender.model import Answer, ContactId, Outcome
from sender.steps.clerk import Clerk, end_task
from sender.store import Store, Writer
from sender.store.schema import campaigns

NOW = datetime(2026, 4, 2, 9, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store.open(f"sqlite:///{tmp_path}/own.db", create=True)
    with made.write() as connection:
        connection.execute(campaigns.insert().values(id=1, name="spring", path="spring.yaml", created_at=NOW))
    yield made
    made.close()


async def test_a_count_that_cannot_be_written_ends_the_run_and_nobody_waits_for_ever(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The attempt is on the disk and its letter does not go out: whoever waits for it is told why."""
    state = State(tmp_path / "state")
    run = ledger.start(store, state, 1, NOW)
    writer = Writer(store)
    clerk = Clerk(writer, state, run, lambda: NOW)
    monkeypatch.setattr("sender.steps.clerk.open_attempts", lambda *_: (ledger.Opened(CLAIM, 1, "<one@x.example>"),))
    monkeypatch.setattr(os, "pwrite", no_room)
    serving = asyncio.create_task(clerk.serve())

    with pytest.raises(Unreachable) as told:
        await asyncio.wait_for(clerk.open(Wanted(CLAIM, "<one@x.example>")), 30)
    with pytest.raises(Unreachable):
        await clerk.finish()

    assert [one.code for one in told.value.complaints] == ["SC-526"]
    await serving
    writer.close()


async def test_what_comes_in_during_a_commit_is_waited_for(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever waits for the end sleeps until it is on the disk too, and lets others work meanwhile."""
    monkeypatch.setattr("sender.steps.clerk.close_attempts", lambda *_, **__: None)
    writer, state = SlowWriter(), State(tmp_path / "state")
    clerk = Clerk(cast(Writer, writer), state, ledger.start(store, state, 1, NOW), lambda: NOW, _idle=Sleep())
    serving = asyncio.create_task(clerk.serve())
    clerk.close(CLOSING)
    await writer.begun.wait()
    clerk.close(CLOSING)
    finishing = asyncio.create_task(clerk.finish())
    await asyncio.sleep(0)

    writer.disk.set()
    await finishing

    assert writer.commits == 2
    await end_task(serving)


async def test_answers_alone_wait_for_an_attempt_that_is_asked_for(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They share its commit; where nobody asks, they are written down all the same."""
    written: list[tuple[int, int]] = []
    closed: list[Closing] = []
    monkeypatch.setattr("sender.steps.clerk.close_attempts", lambda _c, some, *_, **__: closed.extend(some))
    monkeypatch.setattr("sender.steps.clerk.open_attempts", lambda _c, _s, some, *_: opened_all(some))

    def opened_all(some: list[Wanted]) -> tuple[Opened, ...]:
        written.append((len(closed), len(some)))
        closed.clear()
        return tuple(Opened(one.claim, 1, one.message_id) for one in some)

    writer, state = Writer(store), State(tmp_path / "state")
    clerk = Clerk(writer, state, ledger.start(store, state, 1, NOW), lambda: NOW)
    serving = asyncio.create_task(clerk.serve())
    clerk.close(CLOSING)
    for _ in range(5):
        await asyncio.sleep(0)
    clerk.close(CLOSING)
    await clerk.open(Wanted(CLAIM, "<one@x.example>"))
    clerk.close(CLOSING)
    await clerk.next_commit()

    assert written == [(2, 1), (1, 0)]
    await end_task(serving)
    writer.close()


class SlowWriter:
    """Its commits last until the disk is there."""

    def __init__(self) -> None:
        self.begun, self.disk, self.commits = asyncio.Event(), asyncio.Event(), 0

    async def do(self, _work: object) -> list[object]:
        self.begun.set()
        await self.disk.wait()
        self.commits += 1
        return []


class Sleep(asyncio.Event):
    """Fails whoever asks again and again, which would let nobody else work."""

    asked = 0

    async def wait(self) -> Literal[True]:
        self.asked += 1
        assert self.asked < 10
        return await super().wait()


CLAIM = Claim(1, ContactId("c" * 32), "r" * 32, 1)
CLOSING = Closing(Opened(CLAIM, 1, "<one@x.example>"), Answer(Outcome.ACCEPTED))


def no_room(*_: object) -> int:
    raise OSError(28, "No space left on device")
