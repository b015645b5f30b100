"""Letters that people ask for on a page: what they ask is kept, its letter sent afterwards, its link known again.

The desks of the pages share it: opting in, another address, one's own data.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from sender.links import LinkTarget, Purpose, Ring, verify_at
from sender.web.desk import soon

__all__ = ["LetterDesk"]

T = TypeVar("T")
F = TypeVar("F")

_ROUND = 60.0  # seconds until letters that the relay put off are looked at again


@dataclass(slots=True)
class LetterDesk:
    """``send_due`` hands over the letters that are due, until it is told to stop; raises where base or relay are away.

    ``trouble`` is told where something failed and the error's class, never whom it was about.
    """

    send_due: Callable[[Callable[[], bool]], None]
    ring: Callable[[str], Ring]
    now: Callable[[], datetime]
    trouble: Callable[[str, str], None]
    _news: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    _ending: bool = field(default=False, init=False)
    _rounds: asyncio.Task[None] | None = field(default=None, init=False)

    def open(self) -> None:
        """There may be letters due of an earlier life."""
        self._news.set()
        self._rounds = asyncio.create_task(self._run())

    async def close(self) -> None:
        """The letter that is being handed over is; the others are due when the pages come back."""
        self._ending = True
        self._news.set()
        if self._rounds is not None:
            await self._rounds

    def whose(self, token: str) -> LinkTarget | None:
        """Which request a genuine link of a letter names, however old."""
        found = verify_at(self.ring(token), token, Purpose.CONFIRM)
        return found[0] if found else None

    async def kept(self, where: str, step: Callable[[], None]) -> bool:
        """Whether what somebody asked could be kept; its letters go out afterwards."""
        try:
            await asyncio.to_thread(step)
        except Exception as error:
            self.trouble(where, type(error).__name__)
            return False
        self._news.set()
        return True

    async def looked(self, where: str, step: Callable[[], T | None], gone: F, failed: F) -> T | F:
        """What waits behind a link; ``gone`` where nothing does, ``failed`` where the base does not say so soon."""
        found = await self.tried(where, soon(step), failed)
        return gone if found is None else found

    async def settled(self, where: str, step: Callable[[], T], failed: T) -> T:
        """What became of it, or ``failed``."""
        return await self.tried(where, asyncio.to_thread(step), failed)

    async def tried(self, where: str, step: Awaitable[T], failed: F) -> T | F:
        """What the step gives, or ``failed``."""
        try:
            return await step
        except Exception as error:
            self.trouble(where, type(error).__name__)
            return failed

    async def _run(self) -> None:
        while await self._called():
            try:
                await asyncio.to_thread(self.send_due, lambda: self._ending)
            except Exception as error:
                self.trouble("letters", type(error).__name__)

    async def _called(self) -> bool:
        """There is news, or it is time to look again; False at the end."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._news.wait(), _ROUND)
        self._news.clear()
        return not self._ending
