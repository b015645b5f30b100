"""What whoever composes and sends asks of the ledger, in words that a pipe can carry: people, attempts, answers.

Claims and attempts themselves stay here, so that everything a sender held is known when it is gone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Collection, Sequence
from functools import partial
from typing import Protocol

from sender.ledger import Claim, Closing, NotOpened, Opened, Wanted
from sender.logs import get_logger, logs_debug
from sender.model import Answer, Contact, ContactId, Finding, LetterState, Outcome
from sender.steps.claims import Claims

__all__ = ["LedgerOffice", "Office"]

log = get_logger()


class Office(Protocol):
    """``more``: people to write to, none where nothing is left. ``open``: whether their letter may go to the wire.

    What was opened is settled or given back, what was not is held or released.
    """

    def more(self) -> Awaitable[Sequence[Contact]]: ...

    def open(self, contact: ContactId, message_id: str, subject: str) -> Awaitable[bool]: ...

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

    def open(self, contact: ContactId, message_id: str, subject: str) -> asyncio.Future[bool]:
        """Done once the attempt is on the disk, or refused."""
        self._asked += 1
        told: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        opening = self._clerk.open(Wanted(self._claims.pop(contact), message_id, subject))
        opening.add_done_callback(partial(self._opened, told))
        return told

    def _opened(self, told: asyncio.Future[bool], opening: asyncio.Future[Opened | NotOpened]) -> None:
        self._asked -= 1
        if failure := opening.exception():
            if not told.done():
                told.set_exception(failure)
            return
        result = opening.result()
        if isinstance(result, Opened):
            self._open[result.claim.contact] = result
        else:
            self._refused(result)
        if not told.done():
            told.set_result(isinstance(result, Opened))
        if self._abandoned and isinstance(result, Opened):
            self.give_back(result.claim.contact, None)  # nobody was told: it cannot have gone to the wire

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
