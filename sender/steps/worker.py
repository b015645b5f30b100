"""What a worker process does: it composes, sends, and asks its parent for everything that concerns the ledger."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any

from sender.delivery import RelayAccess, deliver, quick_loop
from sender.errors import Exit, Fault, SenderError
from sender.logs import get_logger
from sender.model import Answer, Contact, ContactId, Finding
from sender.steps.channel import Channel, Message
from sender.steps.desk import Compose, LedgerDesk

__all__ = ["SIGNALS", "Task", "told", "work"]

SIGNALS = frozenset({signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
"""They mean the parent, which says when to stop: a worker that ended at once would leave letters unknown."""

log = get_logger()


@dataclass(frozen=True, slots=True)
class Task:
    """What composing and sending need."""

    access: RelayAccess
    compose: Compose
    window: int
    now: Callable[[], datetime]


def work(pipe: socket.socket, others: Iterable[socket.socket], task: Task, connections: int) -> None:
    """The whole life of the process. ``others``: sockets that are none of its business, open in it all the same."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    for one in others:
        one.close()  # else nobody would see their ends close
    with asyncio.Runner(loop_factory=quick_loop) as runner:
        runner.run(_Worker(task, connections).run(pipe))


class _Worker:
    def __init__(self, task: Task, connections: int) -> None:
        self._task = task
        self._connections = connections
        self._until: datetime | None = None  # nothing goes out from then on
        self._begin, self._stop, self._left = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._ending = False

    async def run(self, pipe: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        _, self._channel = await loop.create_unix_connection(lambda: Channel(self._heard, self._gone), sock=pipe)
        self._office = _FarOffice(self._channel)
        await self._begin.wait()
        self._channel.send("ended", await self._send())
        self._ending = True
        self._channel.close()
        await self._left.wait()

    async def _send(self) -> SenderError | None:
        task = self._task
        desk = LedgerDesk(self._office, task.compose, over=self._over)
        sending = deliver(
            task.access,
            desk,
            connections=self._connections,
            window=task.window,
            stop=self._stop,
            on_event=lambda event: self._channel.send(event.kind),
        )
        try:
            try:
                await sending
            finally:
                await desk.finish()
        except Exception as problem:
            return told(problem)
        return None

    def _over(self) -> bool:
        return self._stop.is_set() or (self._until is not None and self._task.now() >= self._until)

    def _heard(self, message: Message) -> None:
        match message:
            case "begin", until:
                self._until = until
                self._begin.set()
            case ("stop",):
                self._stop.set()
            case ("call",):
                self._channel.send("here")
            case number, result, problem:
                self._office.answered(number, result, problem)

    def _gone(self) -> None:
        """The parent died, or wants no more: what is on the wire stays as it is, and is unknown."""
        if not self._ending:
            os._exit(Exit.FAULT)
        self._left.set()


class _FarOffice:
    """The office at the other end of the pipe."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._numbers = count()
        self._waiting: dict[int, asyncio.Future[Any]] = {}

    def more(self) -> Awaitable[Sequence[Contact]]:
        return self._ask("more")

    def open(self, contact: ContactId, message_id: str, subject: str) -> Awaitable[bool]:
        return self._ask("open", contact, message_id, subject)

    def settle(self, contact: ContactId, answer: Answer) -> None:
        said = (answer.outcome.value, answer.code, answer.enhanced, answer.text, answer.stage, answer.hard_bounce)
        self._channel.send("settle", contact, said)  # a tuple: thousands a second are cheaper to tell

    def give_back(self, contact: ContactId, judgement: Answer | None) -> None:
        self._channel.send("give back", contact, judgement)

    def hold(self, contact: ContactId, finding: Finding) -> Awaitable[None]:
        return self._ask("hold", contact, finding)

    def release(self, some: Collection[ContactId]) -> Awaitable[None]:
        return self._ask("release", some)

    def answered(self, number: int, result: object, problem: Exception | None) -> None:
        future = self._waiting.pop(number)
        if future.done():  # nobody waits any more
            return
        if problem:
            future.set_exception(problem)
        else:
            future.set_result(result)

    def _ask(self, what: str, *about: object) -> asyncio.Future[Any]:
        number = next(self._numbers)
        future = self._waiting[number] = asyncio.get_running_loop().create_future()
        self._channel.send(what, number, *about)
        return future


def told(problem: BaseException) -> SenderError:
    """As it can be told to another process. What nobody foresaw is logged here, where it happened."""
    if isinstance(problem, SenderError):
        return problem
    log.error("worker failed", exc_info=problem)
    return Fault.of(
        "SC-904",
        f"{type(problem).__name__} between the processes of a run",
        why="The run ends; what was on the wire is settled or unknown.",
        todo="Please report it, with what the log says.",
    )
