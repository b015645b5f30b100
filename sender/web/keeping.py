"""Two clerks behind the desk: one makes objections last, many to one write; the other brings the base up to them.

The file is the truth and also the queue: what the base has not seen yet is what stands in the file after the place
that the base remembers. So nothing is held in memory that a kill could take away.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Generic, TypeVar

__all__ = ["Follower", "SharedWrites"]

T = TypeVar("T")

_REST = 0.1  # seconds between two batches into the base
_SHARE = 4  # the base is left alone this many times as long as a batch took: a sending campaign writes there too
_RETRY = 5.0  # seconds after a failure
_FAREWELL = 5.0  # seconds for the last batch when the pages end


class SharedWrites(Generic[T]):
    """Items that come in while a write waits for the disk go into the next one together."""

    def __init__(self, write: Callable[[Sequence[T]], None]) -> None:
        self._write = write
        self._waiting: list[tuple[T, asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="objections")

    async def keep(self, item: T) -> None:
        """Come back when the item is on the disk; raise what the write raised. Cancelling does not undo it."""
        written = asyncio.get_running_loop().create_future()
        self._waiting.append((item, written))
        if self._writing is None:
            self._writing = asyncio.create_task(self._run())
        await asyncio.shield(written)

    async def _run(self) -> None:
        try:
            while self._waiting:
                group, self._waiting = self._waiting, []
                await self._write_group(group)
        finally:
            self._writing = None

    async def _write_group(self, group: Sequence[tuple[T, asyncio.Future[None]]]) -> None:
        problem = None
        try:
            items = [item for item, _ in group]
            await asyncio.get_running_loop().run_in_executor(self._thread, self._write, items)
        except Exception as error:
            problem = error
        for _, written in group:
            if problem is None:
                written.set_result(None)
            else:
                written.set_exception(problem)
                written.exception()  # whoever hung up does not read it

    async def close(self) -> None:
        """Come back when everything that came in is written."""
        if self._writing is not None:
            await self._writing
        self._thread.shutdown()


class Follower:
    """Calls ``take_in`` when there is news, never twice at once, with rests; after a failure it tries again."""

    def __init__(self, take_in: Callable[[], object], trouble: Callable[[Exception], None]) -> None:
        self._take_in = take_in
        self._trouble = trouble
        self._news = asyncio.Event()
        self._ending = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._told: type[Exception] | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="base")

    @property
    def behind(self) -> bool:
        """Whether the file may hold what the base does not."""
        return self._news.is_set()

    def start(self) -> None:
        """There may be news of an earlier life."""
        self._news.set()
        self._task = asyncio.create_task(self._run())

    def wake(self) -> None:
        self._news.set()

    async def close(self) -> None:
        """One last batch, for a few seconds at most; what it does not bring over stands in the file."""
        self._ending.set()
        self._news.set()
        if self._task is not None:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._task, _FAREWELL)
        self._thread.shutdown(wait=False)

    async def _run(self) -> None:
        while True:
            await self._news.wait()
            last = self._ending.is_set()
            rest = await self._once()
            if last:
                return
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ending.wait(), rest)

    async def _once(self) -> float:
        """How long to rest afterwards."""
        self._news.clear()
        begun = time.monotonic()
        try:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._take_in)
        except Exception as error:
            if type(error) is not self._told:  # once, however often it is tried
                self._trouble(error)
            self._told = type(error)
            self._news.set()
            return _RETRY
        self._told = None
        return max(_REST, _SHARE * (time.monotonic() - begun))
