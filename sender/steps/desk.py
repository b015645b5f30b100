"""The desk between ledger and wire: hands out letters whose attempts are on the disk, takes the relay's answers."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from sender.letters import CannotCompose
from sender.model import Answer, Contact, Letter
from sender.steps.office import Office

__all__ = ["Compose", "LedgerDesk"]

Compose = Callable[[Contact], Letter]
"""Makes one contact's letter; raises CannotCompose where this one cannot be written."""


class LedgerDesk:
    """Fills the port ``delivery.Desk``. Nothing more is handed out once it is ``over``."""

    def __init__(self, office: Office, compose: Compose, *, over: Callable[[], bool]) -> None:
        self._office = office
        self._compose = compose
        self._over = over
        self._people: deque[Contact] = deque()
        self._asking = asyncio.Lock()

    async def take(self) -> Letter | None:
        """The next letter, its attempt open and on the disk; None where nothing is left, or the time is over.

        None is opened ahead of its turn: it would go out past a breaker that tripped meanwhile.
        """
        while (contact := await self._next()) is not None:
            try:
                letter = self._compose(contact)
            except CannotCompose as reason:
                await self._office.hold(contact.id, reason.finding)
                continue
            if await self._office.open(contact.id, letter.message_id, letter.subject):
                return letter
        return None

    def settle(self, letter: Letter, answer: Answer) -> None:
        self._office.settle(letter.contact, answer)

    def give_back(self, letter: Letter, judgement: Answer | None = None) -> None:
        self._office.give_back(letter.contact, judgement)

    async def finish(self) -> None:
        """Who was not written to waits for the next run."""
        left = [contact.id for contact in self._people]
        self._people.clear()
        await self._office.release(left)

    async def _next(self) -> Contact | None:
        if self._over():
            return None
        if not self._people:
            async with self._asking:
                if not self._people:
                    self._people.extend(await self._office.more())
        return self._people.popleft() if self._people and not self._over() else None
