"""Processes that compose and send, while this one alone writes the ledger.

A worker has no data base: people, attempts and answers go over a pipe to its office in this process, where one clerk
commits for all. So a worker that dies leaves nothing behind that is not known here: what it had on the wire is
unknown, and what it had claimed goes to the others. Workers whose parent has died end at once.
"""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
import os
import signal
import socket
import threading
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from functools import partial
from multiprocessing.process import BaseProcess
from typing import Any

from sender.errors import Unreachable
from sender.ledger import LEASE
from sender.logs import get_logger
from sender.model import Answer, Outcome
from sender.steps.channel import Channel, Message
from sender.steps.claims import Claims
from sender.steps.office import LedgerOffice
from sender.steps.worker import SIGNALS, Task, told, work

__all__ = ["COMPLAINTS", "Task", "Workers", "can_fork"]

COMPLAINTS = {
    "SC-533": "The worker processes died",
    "SC-904": "A fault of the program between the processes of a run",
}
_SECONDS_TO_END = 10
_CALLS = 10.0  # seconds between two questions whether a worker is there

log = get_logger()


def can_fork() -> bool:
    """Where other threads run, a forked process could wait for ever for what one of them holds."""
    return hasattr(os, "fork") and threading.active_count() == 1


@dataclass(slots=True)
class _Process:
    process: BaseProcess
    pipe: socket.socket


class Workers:
    """They are forked at once, and wait until ``deliver`` gives them something to do. Use as a context manager."""

    def __init__(self, task: Task, connections: Sequence[int]) -> None:
        """``connections``: how many each worker may have, for as many workers as there are numbers.

        Raises OSError where the machine has no room for them.
        """
        self._processes: list[_Process] = []
        try:
            self._fork(task, connections)
        except OSError:
            self.__exit__()
            raise

    def _fork(self, task: Task, connections: Sequence[int]) -> None:
        pairs = [socket.socketpair() for _ in connections]
        gc.freeze()  # what is here already is not looked through by each of them, which would copy it
        before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)  # until each of them has said that it ignores these
        try:
            for count, (ours, theirs) in zip(connections, pairs, strict=True):
                others = [end for pair in pairs for end in pair if end is not theirs]
                arguments = (theirs, others, task, count)
                process = multiprocessing.get_context("fork").Process(target=work, args=arguments, daemon=True)
                process.start()
                self._processes.append(_Process(process, ours))
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
            gc.unfreeze()
            for _, theirs in pairs:
                theirs.close()

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_: object) -> None:
        """Those that still live see their pipe close, and end."""
        for one in self._processes:
            one.pipe.close()
        for one in self._processes:
            one.process.join(_SECONDS_TO_END)
            one.process.kill()

    async def deliver(self, claims: Claims) -> None:
        """Have all letters sent; once every worker has ended or died, return or raise what ended the run."""
        await _Delivery(claims).run(self._processes)


class _Delivery:
    """One run of the workers, as this process sees it."""

    def __init__(self, claims: Claims) -> None:
        self._claims = claims
        self._workers: list[_Worker] = []
        self._changed = asyncio.Event()
        self._tasks: set[asyncio.Future[Any]] = set()
        self.failure: BaseException | None = None

    async def run(self, processes: Sequence[_Process]) -> None:
        for one in processes:
            self._workers.append(await _Worker(self, one.process).begin(one.pipe, self._claims))
        telling = [asyncio.create_task(self._tell_to_stop()), asyncio.create_task(self._watch())]
        ending = asyncio.ensure_future(self._ended())
        try:
            await asyncio.shield(ending)
        except asyncio.CancelledError:
            self._claims.stop.set()
            await ending  # what is on the wire is finished and settled all the same
            raise
        finally:
            for task in telling:
                task.cancel()
        self._judge()

    async def more(self, worker: _Worker) -> Sequence[Any]:
        """Where nothing is left but what others hold, wait for what becomes of that: one of them may die."""
        while not (people := await worker.office.more()) and not self._claims.over and self._others_hold(worker):
            self._changed.clear()
            await self._changed.wait()
        if not people:
            self._changed.set()  # this one holds nothing any more
        return people

    def do(self, work: Awaitable[Any], worker: _Worker, number: int | None = None) -> None:
        """``number``: of the question, where the worker waits for an answer."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(partial(self._done, worker, number))

    def look_again(self, worker: _Worker) -> None:
        """Who waits for what others hold may wait for this one."""
        if not worker.office.holds:
            self._changed.set()

    def fail(self, problem: BaseException) -> None:
        """The run ends with this; what is on the wire is finished first."""
        self.failure = self.failure or problem
        self._claims.stop.set()

    def _done(self, worker: _Worker, number: int | None, task: asyncio.Future[Any]) -> None:
        self._tasks.discard(task)
        problem = task.exception()
        if problem:
            self.fail(problem)
        if number is not None:
            worker.channel.send(number, None if problem else task.result(), told(problem) if problem else None)
        self.look_again(worker)

    def _others_hold(self, worker: _Worker) -> bool:
        return any(one.office.holds for one in self._workers if one is not worker)

    async def _tell_to_stop(self) -> None:
        await self._claims.stop.wait()
        self._changed.set()
        for one in self._workers:
            one.channel.send("stop")

    async def _watch(self) -> None:
        """A worker that gives no sign of life holds up all others: it is taken for dead as a whole run would be."""
        while True:
            await asyncio.sleep(_CALLS)
            for one in self._workers:
                one.call()

    async def _ended(self) -> None:
        for one in self._workers:
            await one.over.wait()
        while self._tasks:
            await asyncio.wait(self._tasks)

    def _judge(self) -> None:
        """Raise what ended the run. That a relay took no connection of one worker ends nothing where it has others."""
        if self.failure:
            raise self.failure
        turned_away = [one.problem for one in self._workers if one.problem and one.turned_away]
        if turned_away and not any(one.connected for one in self._workers):
            raise turned_away[0]
        if any(one.died for one in self._workers) and not any(one.done for one in self._workers):
            raise Unreachable.of(
                "SC-533",
                "the worker processes died",
                why="What they had on the wire is unknown; what was not sent stays waiting.",
                todo="Look whether the machine ran out of memory, then run the same command again;"
                " SENDER_WORKERS=1 sends from one process.",
            )


class _Worker:
    """One worker at the other end of its pipe."""

    channel: Channel
    office: LedgerOffice

    def __init__(self, delivery: _Delivery, process: BaseProcess) -> None:
        self._delivery = delivery
        self._process = process
        self._unheard = 0  # calls in a row that were not answered
        self.over = asyncio.Event()
        self.connected = self.ended = False
        self.problem: BaseException | None = None

    async def begin(self, pipe: socket.socket, claims: Claims) -> _Worker:
        self.office = LedgerOffice(claims)
        loop = asyncio.get_running_loop()
        _, self.channel = await loop.create_unix_connection(lambda: Channel(self._heard, self._gone), sock=pipe)
        self.channel.send("begin", claims.until)
        return self

    @property
    def done(self) -> bool:
        """It found nothing left to do."""
        return self.ended and self.problem is None

    @property
    def died(self) -> bool:
        return self.over.is_set() and not self.ended

    @property
    def turned_away(self) -> bool:
        """The relay took no connection of its."""
        return not self.connected and isinstance(self.problem, Unreachable)

    def call(self) -> None:
        """Ask whether it is there. Stopped together with this process, it has its chance to answer afterwards."""
        if self.over.is_set():
            return
        if self._unheard >= LEASE.total_seconds() / _CALLS:
            log.warning("worker silent", held=self.office.holds)
            self._process.kill()
        self._unheard += 1
        self.channel.send("call")

    def _heard(self, message: Message) -> None:
        self._unheard = 0
        try:
            self._do(message)
        except Exception as problem:
            self._delivery.fail(problem)

    def _do(self, message: Message) -> None:
        office, delivery = self.office, self._delivery
        match message:
            case "settle", contact, (outcome, *rest):
                office.settle(contact, Answer(Outcome(outcome), *rest))
                delivery.look_again(self)
            case "open", number, contact, message_id, subject:
                delivery.do(office.open(contact, message_id, subject), self, number)
            case "give back", contact, judgement:
                office.give_back(contact, judgement)
                delivery.look_again(self)
            case "more", number:
                delivery.do(delivery.more(self), self, number)
            case "hold", number, contact, finding:
                delivery.do(office.hold(contact, finding), self, number)
            case "release", number, some:
                delivery.do(office.release(some), self, number)
            case ("connected",):
                self.connected = True
            case "ended", problem:
                self._has_ended(problem)

    def _has_ended(self, problem: BaseException | None) -> None:
        self.ended, self.problem = True, problem
        if problem and not self.turned_away:
            self._delivery.fail(problem)

    def _gone(self) -> None:
        if not self.ended:
            log.warning("worker died", held=self.office.holds)
        self._delivery.do(self._bury(), self)

    async def _bury(self) -> None:
        try:
            await self.office.abandon()
        finally:
            self.over.set()
            self._delivery.look_again(self)
