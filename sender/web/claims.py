"""People's own data: has a letter sent to the address on file, and carries out what is asked behind its link."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Protocol, TypeVar

from sender.links import LinkTarget, Purpose, verify_at
from sender.model import Address
from sender.web.desk import soon
from sender.web.letters import LetterDesk

__all__ = ["Claim", "DataDesk", "Done", "Known", "Opened", "Rights", "Settled"]

T = TypeVar("T")


class Claim(Enum):
    """What people may ask of what is held about them, besides seeing it."""

    CORRECT = "correct"
    RESTRICT = "restrict"
    OBJECT = "object"
    DELETE = "delete"


class Done(Enum):
    """What became of it. ``OPEN``: it could not be done at once, ``PARTLY``: not all of it.

    ``UNCLEAR``: a correction is not understood.
    """

    YES = "yes"
    OPEN = "open"
    PARTLY = "partly"
    UNCLEAR = "unclear"
    GONE = "gone"
    NOT_NOW = "not_now"


@dataclass(frozen=True, slots=True)
class Settled:
    """``due_on``: the last day for what stands open; ``unclear``: names of the fields that were not understood."""

    done: Done
    due_on: date | None = None
    unclear: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """Whose letter it was. ``fields``: what may be corrected, as it stands; nothing where it does not."""

    email: Address
    language: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Opened:
    """A letter whose link was opened: which request it answers, and when that was made."""

    target: LinkTarget
    asked_at: datetime


class Rights(Protocol):
    """The base as far as people's own data need it. Every method raises while it is out of reach."""

    def ask(self, target: LinkTarget, language: str, client: str | None, at: datetime) -> None:
        """Keep the wish, with its letter due; or nothing, where there may be no letter. The caller is not told."""

    def look(self, target: LinkTarget, at: datetime) -> Known | None:
        """Whose letter the link stood in; None where it is worth nothing any more."""

    def see(self, target: LinkTarget, language: str, at: datetime) -> str | None:
        """All that is held, as HTML for the middle of a page; that it was asked for is in the register."""

    def download(self, target: LinkTarget, language: str, at: datetime) -> bytes | None:
        """The same as an archive."""

    def settle(self, target: LinkTarget, claim: Claim, said: Mapping[str, str], at: datetime) -> Settled:
        """Enter the request and carry it out; it is on the disk when this returns. ``said``: the corrections."""


@dataclass(frozen=True, slots=True)
class DataDesk:
    """``good_for``: how long the link of a letter is good for, as the data base has it."""

    rights: Rights
    letters: LetterDesk
    good_for: timedelta

    def whose(self, token: str) -> Opened | None:
        """Which letter a genuine link stood in, however old."""
        found = verify_at(self.letters.ring(token), token, Purpose.DATA)
        return Opened(*found) if found else None

    async def ask(self, target: LinkTarget, language: str, client: str | None) -> bool:
        """Whether it could be kept; never whether anybody is known."""
        return await self.letters.kept("data", lambda: self.rights.ask(target, language, client, self.letters.now()))

    async def look(self, letter: Opened) -> Known | Done:
        return await self._in_time(letter, lambda now: soon(lambda: self.rights.look(letter.target, now)))

    async def see(self, letter: Opened, language: str) -> str | Done:
        return await self._in_time(letter, lambda now: asyncio.to_thread(self.rights.see, letter.target, language, now))

    async def download(self, letter: Opened, language: str) -> bytes | Done:
        return await self._in_time(
            letter, lambda now: asyncio.to_thread(self.rights.download, letter.target, language, now)
        )

    async def settle(self, letter: Opened, claim: Claim, said: Mapping[str, str] | None = None) -> Settled:
        settled = await self._in_time(
            letter, lambda now: asyncio.to_thread(self.rights.settle, letter.target, claim, said or {}, now)
        )
        return Settled(settled) if isinstance(settled, Done) else settled

    async def _in_time(self, letter: Opened, step: Callable[[datetime], Awaitable[T | None]]) -> T | Done:
        """What the step gives; the base is not asked about a letter whose time is over."""
        now = self.letters.now()
        if now - letter.asked_at >= self.good_for:
            return Done.GONE
        found = await self.letters.tried("data", step(now), Done.NOT_NOW)
        return Done.GONE if found is None else found
