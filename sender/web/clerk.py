"""Who wants to hear from the sender, or elsewhere: takes the wish by way of a letter, records what is confirmed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Protocol

from sender.links import LinkTarget
from sender.model import Address
from sender.web.letters import LetterDesk
from sender.web.offer import Offer

__all__ = ["Asked", "Confirmed", "JoiningDesk", "Moved", "Moves", "Moving", "MovingDesk", "Newcomers"]

# --- opting in


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


class Newcomers(Protocol):
    """The base as far as opting in needs it. Every method raises while it is out of reach."""

    def ask(self, asked: Asked, at: datetime) -> None:
        """Keep the wish, with its letter due; or nothing, where there may be no letter. The caller is not told."""

    def look(self, target: LinkTarget, at: datetime) -> Asked | None:
        """What waits behind a link; None where nothing does any more."""

    def confirm(self, target: LinkTarget, client: str | None, at: datetime) -> Confirmed:
        """Make the contact and its consents; they are on the disk when this returns."""


@dataclass(frozen=True, slots=True)
class JoiningDesk:
    offer: Offer
    people: Newcomers
    letters: LetterDesk

    async def ask(self, asked: Asked) -> bool:
        """Whether it could be kept; never whether the address is known."""
        return await self.letters.kept("opt-in", lambda: self.people.ask(asked, self.letters.now()))

    async def look(self, target: LinkTarget) -> Asked | Confirmed:
        now, gone, failed = self.letters.now, Confirmed.GONE, Confirmed.NOT_NOW
        return await self.letters.looked("opt-in", lambda: self.people.look(target, now()), gone, failed)

    async def confirm(self, target: LinkTarget, client: str | None) -> Confirmed:
        now, failed = self.letters.now, Confirmed.NOT_NOW
        return await self.letters.settled("opt-in", lambda: self.people.confirm(target, client, now()), failed)


# --- another address


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


class Moves(Protocol):
    """The base as far as another address needs it. Every method raises while it is out of reach."""

    def ask(self, target: LinkTarget, address: Address, language: str, client: str | None, at: datetime) -> None:
        """Keep the wish for another address, with both letters due; or nothing. The caller is not told."""

    def look(self, target: LinkTarget, at: datetime) -> Moving | None:
        """What waits behind a link of such a letter."""

    def settle(self, target: LinkTarget, at: datetime) -> Moved:
        """Move, or keep; it is on the disk when this returns."""


@dataclass(frozen=True, slots=True)
class MovingDesk:
    people: Moves
    letters: LetterDesk

    async def ask(self, target: LinkTarget, address: Address, language: str, client: str | None) -> bool:
        """Whether it could be kept; never whether anybody is known."""
        now = self.letters.now
        return await self.letters.kept("address", lambda: self.people.ask(target, address, language, client, now()))

    async def look(self, target: LinkTarget) -> Moving | Moved:
        now, gone, failed = self.letters.now, Moved.GONE, Moved.NOT_NOW
        return await self.letters.looked("address", lambda: self.people.look(target, now()), gone, failed)

    async def settle(self, target: LinkTarget) -> Moved:
        now, failed = self.letters.now, Moved.NOT_NOW
        return await self.letters.settled("address", lambda: self.people.settle(target, now()), failed)
