"""People's own data: has a letter sent to the address on file, and carries out what is asked behind its link."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Protocol, TypeVar

from sender.links import LinkTarget, Purpose, Ring, verify_at
from sender.model import Address
from sender.web.desk import soon

__all__ = ["Claim", "DataDesk", "Done", "Known", "Rights", "Settled"]

T = TypeVar("T")
Kept = Callable[[str, Callable[[], None]], Awaitable[bool]]


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


class DataDesk:
    """``kept`` keeps what has a letter sent; ``trouble`` is told where something failed, never whom it was about."""

    def __init__(
        self,
        rights: Rights,
        kept: Kept,
        ring: Callable[[str], Ring],
        now: Callable[[], datetime],
        trouble: Callable[[str, str], None],
    ) -> None:
        self._rights, self._kept, self._ring, self._now, self._trouble = rights, kept, ring, now, trouble

    def whose(self, token: str) -> LinkTarget | None:
        """Which request a genuine link names, however old: how long it is good for stands in the base."""
        found = verify_at(self._ring(token), token, Purpose.DATA)
        return found[0] if found else None

    async def ask(self, target: LinkTarget, language: str, client: str | None) -> bool:
        """Whether it could be kept; never whether anybody is known."""
        return await self._kept("data", lambda: self._rights.ask(target, language, client, self._now()))

    async def look(self, target: LinkTarget) -> Known | Done:
        return await self._tried(soon(lambda: self._rights.look(target, self._now())))

    async def see(self, target: LinkTarget, language: str) -> str | Done:
        return await self._tried(asyncio.to_thread(self._rights.see, target, language, self._now()))

    async def download(self, target: LinkTarget, language: str) -> bytes | Done:
        return await self._tried(asyncio.to_thread(self._rights.download, target, language, self._now()))

    async def settle(self, target: LinkTarget, claim: Claim, said: Mapping[str, str] | None = None) -> Settled:
        step = asyncio.to_thread(self._rights.settle, target, claim, said or {}, self._now())
        settled = await self._tried(step)
        return Settled(settled) if isinstance(settled, Done) else settled

    async def _tried(self, step: Awaitable[T | None]) -> T | Done:
        try:
            found = await step
        except Exception as error:
            self._trouble("data", type(error).__name__)
            return Done.NOT_NOW
        return Done.GONE if found is None else found
