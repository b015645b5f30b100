"""What the pages may do: say to whom a link belongs, take an objection so that it lasts, and take it back again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Protocol, TypeVar

from sender.links import LinkTarget, Purpose, Ring, sign_at, verify, verify_at
from sender.model import Address
from sender.web.keeping import Follower, SharedWrites

__all__ = ["UNDO_FOR", "NotRecordedError", "ObjectionDesk", "Objections", "People", "Person", "Said", "Undone", "Wish"]

T = TypeVar("T")

UNDO_FOR = timedelta(minutes=30)
"""How long the page that took an objection may take it back. The data base knows the same limit."""

_PATIENCE = 2.0  # seconds that a page waits for what the base says of somebody


@dataclass(frozen=True, slots=True)
class Person:
    """What the page may show of the contact whom a link names.

    ``sender``: who wrote to them last; ``source``: how the address was come by, in the words of ``SourceKind``.
    """

    sender: str
    email: Address
    language: str | None = None
    source: str | None = None
    collected_on: date | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """One objection: whose, and when it was said."""

    target: LinkTarget
    at: datetime


class Undone(Enum):
    """What became of the wish to take an objection back."""

    YES = "yes"
    TOO_LATE = "too_late"
    NOT_THIS_ONE = "not_this_one"
    NOT_NOW = "not_now"


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody chose on the page. ``most``: mails in twelve months; ``refused``: topics."""

    most: int | None = None
    language: str | None = None
    refused: tuple[str, ...] = ()


class Objections(Protocol):
    """The append-only file of objections, apart from the data base."""

    def keep(self, said: Sequence[Said]) -> None:
        """Keep all of them; they are on the disk when this returns. Keeping one again does no harm."""

    def demand_room(self) -> None:
        """Raise where the next one could not be kept."""


class People(Protocol):
    """The contacts base, as far as the pages need it. Every method raises while the base is out of reach."""

    def find(self, target: LinkTarget) -> Person | None:
        """The contact, only while its address is still the one that the link was sent to."""

    def take_in(self) -> None:
        """Suppress and journal what the objections file holds and the base has not seen."""

    def object(self, target: LinkTarget, at: datetime) -> None:
        """The same for one that the file could not keep."""

    def undo(self, target: LinkTarget, objected_at: datetime, at: datetime, wording: str) -> bool:
        """Lift the objection of that moment and record the person's word, given to ``wording``.

        False where something else stands against mail, or the contact is not there.
        """

    def tell_why(self, target: LinkTarget, reason: str, at: datetime) -> None:
        """Journal why the person objected."""

    def choose(self, target: LinkTarget, wish: Wish, at: datetime) -> None:
        """Write the wish down; of whom the base does not know, the refused topics alone."""

    def ping(self) -> None:
        """Do nothing, where the base is in reach."""


class NotRecordedError(Exception):
    """The objection could be kept nowhere."""


class ObjectionDesk:
    """Takes objections. ``trouble`` is told where something failed and the error's class, never whom it was about.

    ``ring`` gives the keys to check a token with. ``open`` and ``close`` belong around everything else.
    """

    def __init__(
        self,
        ring: Callable[[str], Ring],
        objections: Objections,
        people: People,
        now: Callable[[], datetime],
        trouble: Callable[[str, str], None],
    ) -> None:
        self._ring, self._people, self._now, self.trouble = ring, people, now, trouble
        self._room = objections.demand_room
        self._file = SharedWrites(objections.keep)
        self._base = Follower(people.take_in, lambda error: self.trouble("base", type(error).__name__))

    def open(self) -> None:
        self._base.start()

    async def close(self) -> None:
        """Everything that was said is on the disk, and in the base where that is in reach."""
        await self._file.close()
        await self._base.close()

    # --- links

    def whose(self, token: str) -> LinkTarget | None:
        """Whom a genuine link names; None for everything else."""
        return verify(self._ring(token), token, Purpose.OBJECT)

    def undo_token(self, said: Said) -> str:
        """What the page that answers an objection carries, and no link: worth something for this objection alone."""
        return sign_at(self._ring(""), Purpose.UNDO, said.target, said.at)

    # --- asking

    async def person(self, target: LinkTarget) -> Person | None:
        """The contact for the page; None where the base does not know it or does not answer soon."""
        try:
            return await soon(lambda: self._people.find(target))
        except Exception as error:
            self.trouble("page", type(error).__name__)
            return None

    async def base_in_reach(self) -> bool:
        return await self._tried("health", soon(self._people.ping))

    async def can_keep(self) -> bool:
        """Whether the objections file would take the next one."""
        return await self._tried("objections", soon(self._room))

    @property
    def base_behind(self) -> bool:
        return self._base.behind

    # --- acting

    async def take(self, target: LinkTarget) -> Said:
        """Keep the objection in the file; the base learns of it later, and at once where the file fails.

        The file alone is enough: it is read in the transaction that opens any attempt. So the base never stands in
        the way of an answer, and nothing that goes wrong in it can cost an objection.
        """
        # Meets: GDPR art. 21(3) (no further processing once the person has objected)
        said = Said(target, self._now())
        if await self._tried("objections", self._file.keep(said)):
            self._base.wake()
        elif not await self._tried("base", asyncio.to_thread(self._people.object, target, said.at)):
            raise NotRecordedError
        return said

    def heard(self) -> None:
        """Another desk may have put something into the file: the base is to learn of it."""
        self._base.wake()

    async def undo(self, target: LinkTarget, token: str, wording: str) -> Undone:
        """Take back what the person said a moment ago; ``token`` must be of that very objection.

        ``wording``: what stood on the button and beside it, to be kept as what the person agreed to.
        """
        found = verify_at(self._ring(token), token, Purpose.UNDO)
        now = self._now()
        if found is None or found[0] != target:
            return Undone.NOT_THIS_ONE
        if now - found[1] > UNDO_FOR:
            return Undone.TOO_LATE
        try:
            lifted = await asyncio.to_thread(self._people.undo, target, found[1], now, wording)
        except Exception as error:
            self.trouble("undo", type(error).__name__)
            return Undone.NOT_NOW
        return Undone.YES if lifted else Undone.NOT_THIS_ONE

    async def tell_why(self, target: LinkTarget, reason: str) -> bool:
        """Whether it could be written down."""
        return await self._tried("reason", asyncio.to_thread(self._people.tell_why, target, reason, self._now()))

    async def choose(self, target: LinkTarget, wish: Wish) -> bool:
        """Whether it is written down."""
        return await self._tried("choices", asyncio.to_thread(self._people.choose, target, wish, self._now()))

    async def _tried(self, where: str, step: Awaitable[None]) -> bool:
        try:
            await step
        except Exception as error:
            self.trouble(where, type(error).__name__)
            return False
        return True


async def soon(question: Callable[[], T]) -> T:
    """The answer of a thread, for which nobody waits longer than is decent."""
    return await asyncio.wait_for(asyncio.to_thread(question), _PATIENCE)
