"""Writes down what goes on at the wire: opens attempts, closes them, in one commit as many as have gathered.

What gathers until everybody who is ready has spoken, answers first, goes into the next commit; so an attempt is never
opened for a connection before its last answer is written down in the same commit or an earlier one, and a kill leaves
at most one window of open attempts a connection. Answers alone wait a moment for somebody who asks for an attempt.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from sender.ledger import (
    LEASE,
    UNPACED,
    Closing,
    Heard,
    NotOpened,
    Opened,
    Pace,
    Run,
    State,
    Wanted,
    beat,
    close_attempts,
    give_back,
    open_attempts,
    taken_for_dead,
)
from sender.model import Answer, ContactId, Verdict
from sender.store import Writer

__all__ = ["Clerk", "end_task", "keep_alive"]

_FOR_COMPANY = 0.01  # seconds that answers alone wait: else every third commit would be one of answers alone


@dataclass(slots=True)
class Clerk:
    """Writes answers down and opens attempts, in one transaction as many as have gathered.

    ``not_after``: no letter is tried again later than that; ``pace``: no more is opened than it lets through.
    """

    writer: Writer
    state: State
    run: Run
    now: Callable[[], datetime]
    not_after: datetime | None = None
    unwilling: Callable[[Connection, Sequence[ContactId]], Mapping[ContactId, Verdict]] = lambda _base, _asked: {}
    pace: Pace = UNPACED
    _closings: list[Closing] = field(default_factory=list)
    _returned: list[Opened] = field(default_factory=list)
    _judgement: Answer | None = None  # of the sender, by the relay
    _wanted: list[tuple[Wanted, asyncio.Future[Opened | NotOpened]]] = field(default_factory=list)
    _work: asyncio.Event = field(default_factory=asyncio.Event)
    _awaited: asyncio.Event = field(default_factory=asyncio.Event)  # somebody waits for what is to be written
    _idle: asyncio.Event = field(default_factory=asyncio.Event)
    _returning: int = 0
    _committed: asyncio.Event = field(default_factory=asyncio.Event)
    _failure: BaseException | None = None

    def open(self, wanted: Wanted) -> asyncio.Future[Opened | NotOpened]:
        """Done once the attempt is on the disk."""
        future: asyncio.Future[Opened | NotOpened] = asyncio.get_running_loop().create_future()
        if self._failure:
            future.set_exception(self._failure)
        else:
            self._wanted.append((wanted, future))
            self._wake()
            self._awaited.set()
        return future

    def close(self, closing: Closing) -> None:
        self._closings.append(closing)
        self._wake()

    def give_back(self, opened: Opened, judgement: Answer | None = None) -> None:
        self._returned.append(opened)
        self._judgement = judgement or self._judgement
        self._returning += 1
        self._wake()
        self._awaited.set()

    async def all_returned(self) -> bool:
        """Wait until what was given back can be claimed again; False where nothing was."""
        waited = False
        while self._returning:
            waited = True
            await self.next_commit()
        return waited

    async def next_commit(self) -> None:
        """Wait until something more is on the disk; raises where nothing ever will be."""
        if not self._failure:
            await self._committed.wait()
        if self._failure:
            raise self._failure

    async def finish(self) -> None:
        """Wait until all that was handed in is on the disk."""
        self._awaited.set()
        while (self._closings or self._returned or not self._idle.is_set()) and not self._failure:
            await self._idle.wait()
        if self._failure:
            raise self._failure

    async def serve(self) -> None:
        """Work until cancelled; a failure of the base goes to everybody who waits and to all who come later."""
        while True:
            if not self._work.is_set():
                self._idle.set()
            await self._work.wait()
            await self._gathered()
            self._work.clear()
            self._awaited.clear()
            try:
                await self._one_commit()
            except Exception as failure:
                self._fail(failure)
                return

    async def _gathered(self) -> None:
        """Let all who are ready speak first, as long as more comes in at each turn of the loop.

        A commit costs as much for one letter as for ten, and those who wait for it ask for nothing more meanwhile.
        """
        if not self._awaited.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(_FOR_COMPANY):
                    await self._awaited.wait()
        seen = -1
        while seen != (seen := len(self._closings) + len(self._wanted)):
            await asyncio.sleep(0)

    async def _one_commit(self) -> None:
        closings, self._closings = self._closings, []
        returned, self._returned = self._returned, []
        judgement, self._judgement = self._judgement, None
        wanted, self._wanted = self._wanted, []
        now = self.now()

        def write(connection: Connection) -> Sequence[Opened | NotOpened]:
            heard, asked = Heard(), [one for one, _ in wanted]
            close_attempts(connection, closings, now, not_after=self.not_after, pace=self.pace, heard=heard)
            give_back(connection, returned, now, judgement, self.pace, heard)
            return open_attempts(connection, self.state, asked, now, self.unwilling, self.pace, heard)

        try:
            results = await self.writer.do(write)
            self.run.opened_more(sum(isinstance(result, Opened) for result in results))
        except Exception:
            self._wanted = wanted + self._wanted
            raise
        self._returning -= len(returned)
        self._committed.set()
        self._committed.clear()
        for (_, future), result in zip(wanted, results, strict=True):
            if not future.done():
                future.set_result(result)

    def _wake(self) -> None:
        self._idle.clear()
        self._work.set()

    def _fail(self, failure: Exception) -> None:
        self._failure = failure
        self._committed.set()
        for _, future in self._wanted:
            if not future.done():
                future.set_exception(failure)
        self._wanted.clear()
        self._idle.set()


async def keep_alive(writer: Writer, run: Run, now: Callable[[], datetime]) -> None:
    """Prolong the run's lease until cancelled; raises where another machine has taken the run for dead."""
    while True:
        await asyncio.sleep(LEASE.total_seconds() / 3)
        if not await writer.do(lambda connection: beat(connection, run, now())):
            raise taken_for_dead()


async def end_task(task: asyncio.Future[None]) -> None:
    """Cancel and wait; how it ended is for whoever waited for its result."""
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
