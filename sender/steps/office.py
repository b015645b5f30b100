"""What whoever composes and sends asks of the ledger, in words that a pipe can carry: people, attempts, answers.

Claims and attempts themselves stay here, so that everything a sender held is known when it is gone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Collection, Sequence
from datetime import datetime
from functools import partial
from typing import NamedTuple, Protocol

from sender.ledger import Claim, Closing, NotOpened, Opened, Wanted
from sender.logs import get_logger, logs_debug
from sender.model import Answer, Contact, ContactId, Finding, LetterState, Outcome
from sender.steps.claims import Claims

__all__ = ["LedgerOffice", "Office", "Wish"]

log = get_logger()


class Wish(NamedTuple):
    """A letter that is to go out: whose, and what is written down of it."""

    contact: ContactId
    message_id: str
    subject: str


class Office(Protocol):
    """``more``: people to write to, none where nothing is left. ``open``: whose letters may go to the wire.

    What was opened is settled or given back, what was not is held or released.
    """

    def more(self) -> Awaitable[Sequence[Contact]]: ...

    def open(self, wishes: Sequence[Wish]) -> Awaitable[Collection[ContactId]]: ...

    def settle(self, contact: ContactId, answer: Answer) -> None: ...

    def give_back(self, contact: ContactId, judgement: Answer | None) -> None: ...

    def hold(self, contact: ContactId, finding: Finding) -> Awaitable[None]: ...

    def release(self, some: Collection[ContactId]) -> Awaitable[None]: ...


class LedgerOffice:
    """The office of one who sends, beside the clerk."""

    def __init__(self, claims: Claims) -> None:
        self._all = claims
        self._clerk = claims.clerk
        self._claims: dict[ContactId, Claim] = {}
        self._open: dict[ContactId, Opened] = {}
        self._asked = 0  # attempts that are about to be opened, claims that are about to be given back
        self._abandoned = False

    @property
    def until(self) -> datetime | None:
        """When nothing may go out any more."""
        return self._all.until

    @property
    def holds(self) -> int:
        """Letters that this one may send or is sending."""
        return len(self._claims) + self._asked + len(self._open)

    async def more(self) -> list[Contact]:
        claimed = await self._all.more()
        self._claims |= {one.contact: one for one, _ in claimed}
        if self._abandoned:
            await self.release(list(self._claims))
            return []
        return [contact for _, contact in claimed]

    def open(self, wishes: Sequence[Wish]) -> asyncio.Future[Collection[ContactId]]:
        """Done once the attempts are on the disk, or refused."""
        self._asked += len(wishes)
        told: asyncio.Future[Collection[ContactId]] = asyncio.get_running_loop().create_future()
        wanted = [Wanted(self._claims.pop(one.contact), one.message_id, one.subject) for one in wishes]
        self._clerk.open(wanted).add_done_callback(partial(self._opened, told, len(wishes)))
        return told

    def _opened(
        self,
        told: asyncio.Future[Collection[ContactId]],
        wishes: int,
        opening: asyncio.Future[Sequence[Opened | NotOpened]],
    ) -> None:
        self._asked -= wishes
        if failure := opening.exception():
            if not told.done():
                told.set_exception(failure)
            return
        opened = {one.claim.contact: one for one in opening.result() if isinstance(one, Opened)}
        self._open |= opened
        for one in opening.result():
            if isinstance(one, NotOpened):
                self._refused(one)
        if not told.done():
            told.set_result(list(opened))
        if self._abandoned:
            for contact in opened:
                self.give_back(contact, None)  # nobody was told: it cannot have gone to the wire

    def _refused(self, result: NotOpened) -> None:
        self._all.came_back(1)
        tell = log.debug if result.why == "paced" else log.info
        tell("letter", contact=result.claim.contact, outcome="not opened", why=result.why)
        if result.why in {"suppressed", "unwilling"}:
            self._all.count(LetterState.HELD)

    def settle(self, contact: ContactId, answer: Answer) -> None:
        """The relay's word; it is on the disk before the next attempt that is asked for is open."""
        if answer.outcome is not Outcome.ACCEPTED or logs_debug():  # thousands a second stand in the ledger
            tell = log.debug if answer.outcome is Outcome.ACCEPTED else log.info
            tell("letter", contact=contact, outcome=answer.outcome, code=answer.code, stage=answer.stage)
        self._clerk.close(Closing(self._open.pop(contact), answer))
        self._all.count(answer.outcome)

    def give_back(self, contact: ContactId, judgement: Answer | None) -> None:
        """The relay certainly has not taken this letter. ``judgement``: its no to the sender."""
        self._clerk.give_back(self._open.pop(contact), judgement)
        self._all.came_back(1)

    async def hold(self, contact: ContactId, finding: Finding) -> None:
        log.info("letter", contact=contact, outcome=LetterState.HELD, why=finding.code)
        one = self._claims.pop(contact)
        self._asked += 1
        try:
            await self._all.hold(one, finding)
        finally:
            self._asked -= 1

    async def release(self, some: Collection[ContactId]) -> None:
        """They were not composed, and wait for the next who asks."""
        claims = [self._claims.pop(contact) for contact in some]
        self._asked += len(claims)  # who waits for what others hold waits until it can be claimed
        try:
            await self._all.release(claims)
            self._all.came_back(len(claims))
        finally:
            self._asked -= len(claims)

    async def abandon(self) -> None:
        """Whoever sent is dead: what was on its way may have arrived, the rest waits for others."""
        self._abandoned = True
        for contact in list(self._open):
            self.settle(contact, Answer(Outcome.UNKNOWN, text="the worker process ended"))
        await self.release(list(self._claims))
