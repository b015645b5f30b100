"""Who wants to hear from the sender, or elsewhere: takes the wish, has its letter sent, records what is confirmed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Protocol

from sender.links import LinkTarget, Purpose, Ring, verify_at
from sender.model import Address
from sender.web.desk import soon
from sender.web.offer import Offer

__all__ = ["Asked", "Confirmed", "JoiningDesk", "Moved", "Moving", "Newcomers"]

_ROUND = 60.0  # seconds until letters that the relay put off are looked at again


@dataclass(frozen=True, slots=True)
class Asked:
    """What a form said. ``client``: the address that it came from, where it is known; ``words``: what it showed."""

    email: Address
    language: str
    topics: tuple[str, ...] = ()
    tracking: bool = False
    client: str | None = None
    words: tuple[str, ...] = ()


class Confirmed(Enum):
    """What became of a confirmation. ``CLOSED``: something stands against mail that no consent lifts."""

    YES = "confirmed"
    CLOSED = "closed"
    GONE = "gone"
    NOT_NOW = "not_now"


@dataclass(frozen=True, slots=True)
class Moving:
    """What a letter about another address is about. ``new``: it went to the new one; else to the one of before."""

    email: Address
    language: str
    new: bool


class Moved(Enum):
    """What became of it. ``KEPT``: the address of before stays, or is back."""

    YES = "moved"
    KEPT = "kept"
    NOT_POSSIBLE = "not_possible"
    GONE = "gone"
    NOT_NOW = "not_now"


class Newcomers(Protocol):
    """The base and the relay, as far as opting in needs them. Every method raises while they are out of reach."""

    def ask(self, asked: Asked, at: datetime) -> None:
        """Keep the wish, with its letter due; or nothing, where there may be no letter. The caller is not told."""

    def look(self, target: LinkTarget, at: datetime) -> Asked | None:
        """What waits behind a link; None where nothing does any more."""

    def confirm(self, target: LinkTarget, client: str | None, at: datetime) -> Confirmed:
        """Make the contact and its consents; they are on the disk when this returns."""

    def move(self, target: LinkTarget, address: Address, language: str, client: str | None, at: datetime) -> None:
        """Keep the wish for another address, with both letters due; or nothing. The caller is not told."""

    def look_at_move(self, target: LinkTarget, at: datetime) -> Moving | None:
        """What waits behind a link of such a letter."""

    def settle_move(self, target: LinkTarget, at: datetime) -> Moved:
        """Move, or keep; it is on the disk when this returns."""

    def send_due(self) -> None:
        """Hand over the letters that are due."""


class JoiningDesk:
    """``trouble`` is told where something failed and the error's class, never whom it was about."""

    def __init__(
        self,
        offer: Offer,
        newcomers: Newcomers,
        ring: Callable[[str], Ring],
        now: Callable[[], datetime],
        trouble: Callable[[str, str], None],
    ) -> None:
        self.offer = offer
        self._people, self._ring, self._now, self._trouble = newcomers, ring, now, trouble
        self._news, self._ending = asyncio.Event(), False
        self._rounds: asyncio.Task[None] | None = None

    def open(self) -> None:
        """There may be letters due of an earlier life."""
        self._news.set()
        self._rounds = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Letters that are being handed over are; the others are due when the pages come back."""
        self._ending = True
        self._news.set()
        if self._rounds is not None:
            await self._rounds

    def whose(self, token: str) -> LinkTarget | None:
        """Which request a genuine link names, however old."""
        found = verify_at(self._ring(token), token, Purpose.CONFIRM)
        return found[0] if found else None

    async def ask(self, asked: Asked) -> bool:
        """Whether it could be kept; never whether the address is known."""
        return await self.kept("opt-in", lambda: self._people.ask(asked, self._now()))

    async def move(self, target: LinkTarget, address: Address, language: str, client: str | None) -> bool:
        """The same for another address."""
        return await self.kept("address", lambda: self._people.move(target, address, language, client, self._now()))

    async def look(self, token: str) -> Asked | None:
        target = self.whose(token)
        if target is None:
            return None
        try:
            return await soon(lambda: self._people.look(target, self._now()))
        except Exception as error:
            self._trouble("opt-in", type(error).__name__)
            return None

    async def confirm(self, token: str, client: str | None) -> Confirmed:
        target = self.whose(token)
        if target is None:
            return Confirmed.GONE
        try:
            return await asyncio.to_thread(self._people.confirm, target, client, self._now())
        except Exception as error:
            self._trouble("opt-in", type(error).__name__)
            return Confirmed.NOT_NOW

    async def look_at_move(self, token: str) -> Moving | None:
        target = self.whose(token)
        if target is None:
            return None
        try:
            return await soon(lambda: self._people.look_at_move(target, self._now()))
        except Exception as error:
            self._trouble("address", type(error).__name__)
            return None

    async def settle_move(self, token: str) -> Moved:
        target = self.whose(token)
        if target is None:
            return Moved.GONE
        try:
            return await asyncio.to_thread(self._people.settle_move, target, self._now())
        except Exception as error:
            self._trouble("address", type(error).__name__)
            return Moved.NOT_NOW

    async def kept(self, where: str, step: Callable[[], None]) -> bool:
        """Whether it could be kept; its letters go out afterwards."""
        try:
            await asyncio.to_thread(step)
        except Exception as error:
            self._trouble(where, type(error).__name__)
            return False
        self._news.set()
        return True

    async def _run(self) -> None:
        while await self._called():
            try:
                await asyncio.to_thread(self._people.send_due)
            except Exception as error:
                self._trouble("letters", type(error).__name__)

    async def _called(self) -> bool:
        """There is news, or it is time to look again; False at the end."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._news.wait(), _ROUND)
        self._news.clear()
        return not self._ending
