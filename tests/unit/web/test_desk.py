"""The desk: an objection lasts, whatever else is broken."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from sender.errors import Unreachable
from sender.links import LinkKey, LinkTarget, Purpose, Ring, sign, sign_at
from sender.model import ContactId
from sender.web import NotRecordedError, ObjectionDesk, Person, Said
from sender.web.desk import UNDO_FOR, Undone

RING = (LinkKey(1, b"a" * 32),)
TARGET = LinkTarget(ContactId("ab" * 16), b"h" * 32)
OTHER = LinkTarget(ContactId("cd" * 16), b"i" * 32)
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


class Recorder:
    """Both ports: notes in which order things were asked of it, and fails where it is told to."""

    def __init__(self, *broken: str) -> None:
        self.broken = broken
        self.asked: list[str] = []
        self.troubles: list[tuple[str, str]] = []

    def _do(self, step: str) -> None:
        self.asked.append(step)
        if step in self.broken:
            raise Unreachable

    def keep(self, said: Sequence[Said]) -> None:
        assert all(one == Said(TARGET, NOW) for one in said)
        self._do("file")

    def demand_room(self) -> None:
        self._do("room")

    def take_in(self) -> None:
        self._do("take in")

    def object(self, target: LinkTarget, at: datetime) -> None:
        assert (target, at) == (TARGET, NOW)
        self._do("base")

    def find(self, target: LinkTarget) -> Person | None:
        self._do("find")
        return None

    def undo(self, target: LinkTarget, objected_at: datetime, at: datetime, wording: str) -> bool:
        assert (target, at, wording) == (TARGET, NOW, "words")
        self._do("undo")
        return True

    def tell_why(self, target: LinkTarget, reason: str, at: datetime) -> None:
        self._do("why")

    def ping(self) -> None:
        self._do("ping")

    def desk(self) -> ObjectionDesk:
        ring: Ring = RING
        return ObjectionDesk(
            lambda _token: ring, self, self, lambda: NOW, lambda where, kind: self.troubles.append((where, kind))
        )

    @asynccontextmanager
    async def open_desk(self) -> AsyncIterator[ObjectionDesk]:
        desk = self.desk()
        desk.open()
        try:
            yield desk
        finally:
            await desk.close()


async def test_the_file_comes_before_the_base() -> None:
    """The append-only file holds the objection before the base is told, which then takes in what stands in it."""
    recorder = Recorder()
    async with recorder.open_desk() as desk:
        assert await desk.take(TARGET) == Said(TARGET, NOW)
        told_when_answered = [step for step in recorder.asked if step != "take in"]

    assert told_when_answered == ["file"]
    assert recorder.asked[-1] == "take in"
    assert recorder.troubles == []


async def test_many_at_once_share_a_write() -> None:
    """What comes in while the disk is busy goes into the next write together."""
    recorder = Recorder()
    async with recorder.open_desk() as desk:
        await asyncio.gather(*(desk.take(TARGET) for _ in range(200)))

    assert recorder.asked.count("file") <= 3


async def test_without_the_file_the_base_takes_it_at_once() -> None:
    """The trouble is told without a person in it."""
    recorder = Recorder("file")
    async with recorder.open_desk() as desk:
        await desk.take(TARGET)

    assert "base" in recorder.asked
    assert recorder.troubles == [("objections", "Unreachable")]


async def test_a_broken_base_costs_nothing() -> None:
    """The file has it; what the base missed it takes in later."""
    recorder = Recorder("take in")
    async with recorder.open_desk() as desk:
        await desk.take(TARGET)
        assert desk.base_behind

    assert "file" in recorder.asked
    assert set(recorder.troubles) == {("base", "Unreachable")}


async def test_kept_nowhere_is_never_called_kept() -> None:
    """When both fail, the desk says so; a later one is tried again."""
    recorder = Recorder("file", "base")
    async with recorder.open_desk() as desk:
        for _ in range(2):
            with pytest.raises(NotRecordedError):
                await desk.take(TARGET)


async def test_whoever_hangs_up_has_objected_all_the_same() -> None:
    """A connection that breaks in the middle undoes nothing."""
    recorder = Recorder()
    async with recorder.open_desk() as desk:
        asking = asyncio.create_task(desk.take(TARGET))
        await asyncio.sleep(0)
        asking.cancel()

    assert "file" in recorder.asked


async def test_a_page_without_the_base_knows_nobody() -> None:
    """A base out of reach costs the name on the page, nothing else."""
    recorder = Recorder("find")

    assert await recorder.desk().person(TARGET) is None
    assert recorder.troubles == [("page", "Unreachable")]


def test_only_genuine_links_name_somebody() -> None:
    """The desk verifies with the ring and for objections."""
    desk = Recorder().desk()

    assert desk.whose(sign(RING, Purpose.OBJECT, TARGET.contact, TARGET.address_hash)) == TARGET
    assert desk.whose(sign(RING, Purpose.UNDO, TARGET.contact, TARGET.address_hash)) is None
    assert desk.whose("x" * 90) is None


@pytest.mark.parametrize(
    ("target", "age", "result"),
    [
        (TARGET, timedelta(0), Undone.YES),
        (TARGET, UNDO_FOR, Undone.YES),
        (TARGET, UNDO_FOR + timedelta(microseconds=1), Undone.TOO_LATE),
        (OTHER, timedelta(0), Undone.NOT_THIS_ONE),
    ],
)
async def test_an_objection_is_taken_back_soon_and_by_its_own_page(
    target: LinkTarget, age: timedelta, result: Undone
) -> None:
    """Within half an hour, with the token of this very person; the base is asked for nothing else."""
    recorder = Recorder()
    token = sign_at(RING, Purpose.UNDO, target, NOW - age)

    assert await recorder.desk().undo(TARGET, token, "words") is result
    assert recorder.asked == (["undo"] if result is Undone.YES else [])


async def test_what_is_broken_is_told_and_not_raised() -> None:
    """Taking back, telling why and health come to an answer whatever happens."""
    desk = Recorder("undo", "why", "ping", "room").desk()

    assert await desk.undo(TARGET, sign_at(RING, Purpose.UNDO, TARGET, NOW), "words") is Undone.NOT_NOW
    assert await desk.tell_why(TARGET, "other") is False
    assert (await desk.can_keep(), await desk.base_in_reach()) == (False, False)
