"""What the parent of workers answers when nothing is left but what other workers hold."""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import Awaitable
from multiprocessing.process import BaseProcess
from typing import cast

from sender.delivery.complaints import refuses_sender
from sender.ledger import Claim
from sender.model import Answer, Contact, ContactId, Outcome
from sender.steps.channel import Channel
from sender.steps.claims import Claims
from sender.steps.office import LedgerOffice
from sender.steps.worker import told
from sender.steps.workers import _Delivery, _Worker

SAID = ("accepted", 250, "2.0.0", "Ok", "dot", False)


class Nobody:
    """Claims of which nothing is left; ``found``: what comes back to them."""

    over = False

    def __init__(self) -> None:
        self.stop, self.found = asyncio.Event(), list[Contact]()


class Holding:
    """An office that holds some letters."""

    def __init__(self, claims: Nobody, holds: int) -> None:
        self._claims, self.holds = claims, holds

    async def more(self) -> list[Contact]:
        found, self._claims.found = self._claims.found, []
        self.holds += len(found)
        return found

    def settle(self, *_: object) -> None:
        self.holds -= 1

    async def abandon(self) -> None:
        self.holds = 0


class Silent:
    def send(self, *_: object) -> None: ...


class Killed:
    """A process; ``times``: how often it was killed."""

    times = 0

    def kill(self) -> None:
        self.times += 1


class Scene:
    """Two workers, each with a letter on the wire."""

    def __init__(self) -> None:
        self.claims = Nobody()
        self.delivery = _Delivery(cast(Claims, self.claims))
        self.one, self.other = self._worker(), self._worker()

    def _worker(self) -> _Worker:
        worker = _Worker(self.delivery, cast(BaseProcess, Killed()))
        worker.office, worker.channel = cast(LedgerOffice, Holding(self.claims, 1)), cast(Channel, Silent())
        self.delivery._workers.append(worker)
        return worker

    def asked(self, worker: _Worker) -> asyncio.Future[object]:
        return asyncio.ensure_future(cast(Awaitable[object], self.delivery.more(worker)))


async def test_two_that_wait_for_each_others_last_answers_both_end() -> None:
    """Each asked for more while it had a letter on the wire; with the last answer there is nobody to wait for."""
    scene = Scene()
    first, second = scene.asked(scene.one), scene.asked(scene.other)
    await asyncio.sleep(0)
    assert not first.done()

    scene.one._heard(("settle", "somebody", SAID))
    await asyncio.sleep(0)
    scene.other._heard(("settle", "somebody else", SAID))

    assert await asyncio.wait_for(asyncio.gather(first, second), 5) == [[], []]


async def test_what_a_dead_one_had_claimed_goes_to_who_waited() -> None:
    """And not to the end of the run."""
    scene, somebody = Scene(), cast(Contact, object())
    scene.one._heard(("settle", "somebody", SAID))
    asked = scene.asked(scene.one)
    await asyncio.sleep(0)
    assert not asked.done()

    scene.claims.found = [somebody]
    scene.other._gone()

    assert await asyncio.wait_for(asked, 5) == [somebody]
    assert scene.other.died


async def test_who_waits_is_told_when_all_is_over() -> None:
    """A stop ends the wait, whatever others hold."""
    scene = Scene()
    asked = scene.asked(scene.one)
    telling = asyncio.ensure_future(scene.delivery._tell_to_stop())
    await asyncio.sleep(0)

    scene.claims.over = True
    scene.claims.stop.set()

    assert await asyncio.wait_for(asked, 5) == []
    await telling


async def test_one_that_gives_no_sign_of_life_is_killed() -> None:
    """After a minute of questions that it did not answer; one answer, and it has a minute again."""
    scene = Scene()
    process = cast(Killed, scene.one._process)
    for _ in range(6):
        scene.one.call()
    scene.one._heard(("here",))
    for _ in range(6):
        scene.one.call()
    assert process.times == 0

    scene.one.call()

    assert process.times == 1
    assert cast(Killed, scene.other._process).times == 0


async def test_a_fault_of_ours_ends_the_run_as_what_it_is() -> None:
    """Not as a worker's death, which would send people to look for memory."""
    scene = Scene()
    scene.one.office = cast(LedgerOffice, object())

    scene.one._heard(("settle", "somebody", SAID))

    assert isinstance(scene.delivery.failure, AttributeError)
    assert scene.claims.stop.is_set()


async def test_what_is_being_given_back_is_still_held() -> None:
    """Who waits for what others hold would else look a moment too early, and end without it."""
    claims = Returning()
    office = LedgerOffice(cast(Claims, claims))
    office._claims[ContactId("c")] = Claim(1, ContactId("c"), "run", 1)

    giving = asyncio.ensure_future(office.release([ContactId("c")]))
    await asyncio.sleep(0)
    assert office.holds == 1

    claims.committed.set()
    await giving
    assert (office.holds, claims.returned) == (0, 1)


class Returning:
    """Claims whose releases wait for the disk."""

    clerk = None

    def __init__(self) -> None:
        self.committed, self.returned = asyncio.Event(), 0

    async def release(self, _: object) -> None:
        await self.committed.wait()

    def came_back(self, letters: int) -> None:
        self.returned += letters


def test_every_error_can_be_told_to_another_process() -> None:
    """With its complaints and what it carries; what nobody foresaw becomes a fault of its own."""
    refusal = refuses_sender("relay", 550, "mail", Answer(Outcome.REFUSED, 550, "5.7.1"))

    again = pickle.loads(pickle.dumps(told(refusal)))
    fault = pickle.loads(pickle.dumps(told(OddError(lambda: None))))

    assert (type(again), again.complaints, again.judgement) == (type(refusal), refusal.complaints, refusal.judgement)
    assert str(again) == str(refusal)
    assert [one.code for one in fault.complaints] == ["SC-904"]


class OddError(Exception):
    """Holds what no pickle can."""
