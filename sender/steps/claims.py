"""The letters of a run that are still to be handed out: claimed by the page, within limit, hours and pace."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic

from sqlalchemy import Connection

from sender.contacts import page
from sender.ledger import Again, Claim, again, claim, enrol, release
from sender.model import Contact, ContactId, Decision, Finding, LetterState, Verdict
from sender.steps.clerk import Clerk

__all__ = ["LETTER_GATE", "Claims"]

LETTER_GATE = "letter"
_AT_ONCE = 100  # a page of contacts in memory; what is not opened goes back at the end
_BURIES = 5.0  # seconds between two looks for runs that have died
_LEAST_REST = 0.01  # seconds between two looks at letters that others are just taking
_LONGEST_REST = 10.0  # letters that were deferred may be due, or be brought back from a pause

Claimed = tuple[Claim, Contact]


@dataclass(slots=True)
class Claims:
    """What one run hands out, to whoever sends. ``tally`` counts what became of it, by outcome.

    Nothing more is handed out from ``until`` on, or once ``stop`` is set; before that it waits for letters that the
    pace holds back. ``limit``: so many at most. ``bury`` looks for runs that have died with letters on the wire.
    """

    clerk: Clerk
    reading: int
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    until: datetime | None = None
    limit: int | None = None
    observe: Callable[[int], None] = lambda _count: None
    bury: Callable[[], object] = lambda: None
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    tally: Counter[str] = field(default_factory=Counter)
    _buried: float = field(default_factory=monotonic)
    _claiming: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def over(self) -> bool:
        """Nothing more may go out, whatever waits."""
        return self.stop.is_set() or (self.until is not None and self.clerk.now() >= self.until)

    async def more(self) -> list[Claimed]:
        """The next letters, claimed, with the people they are for; none where nothing is left, or the time is over."""
        async with self._claiming:
            while not self._ended():
                claimed, found = await self.clerk.writer.do(self._look)
                here = [(one, contact) for one, contact in claimed if contact is not None]
                if len(here) < len(claimed):
                    await self.release([one for one, contact in claimed if contact is None])  # erased since
                if here:
                    self._hand_out(len(here))
                    return here
                if not claimed and not await self._more_to_come(found):
                    break
        return []

    async def release(self, claims: Sequence[Claim]) -> None:
        """What was claimed and is not sent now waits again."""
        if claims:
            await self.clerk.writer.do(lambda connection: release(connection, claims))

    async def hold(self, one: Claim, finding: Finding) -> None:
        """Its letter cannot be written."""
        verdict = Verdict(LETTER_GATE, False, (finding,))

        def write(connection: Connection) -> None:
            release(connection, [one])
            enrol(connection, one.campaign_id, self.reading, [(one.contact, Decision((verdict,)))])

        await self.clerk.writer.do(write)
        self.came_back(1)
        self.count(LetterState.HELD)

    def came_back(self, letters: int) -> None:
        """So many were handed out and did not go."""
        self._hand_out(-letters)

    def count(self, what: str) -> None:
        self.tally[what] += 1
        self.observe(1)

    def _hand_out(self, letters: int) -> None:
        if self.limit is not None:
            self.limit -= letters

    def _ended(self) -> bool:
        return self.limit == 0 or self.over

    async def _more_to_come(self, found: Again | None) -> bool:
        """Nothing can be claimed now: wait for what comes back, or until the pace may let more through."""
        if await self.clerk.all_returned():
            return True
        if found is None:
            return False
        at = min(found.at, self.until) if self.until else found.at
        seconds = (at - self.clerk.now()).total_seconds()
        await self._rest(min(max(seconds, _LEAST_REST), _LONGEST_REST), answers=found.answers)
        if found.answers and monotonic() - self._buried > _BURIES:  # they may be another run's, which may be dead
            self._buried = monotonic()
            await asyncio.to_thread(self.bury)
        return not self.stop.is_set()

    async def _rest(self, seconds: float, *, answers: bool) -> None:
        """So long, or until ``stop`` is set, or where ``answers`` count, until the next commit."""
        waits = [self.sleep(seconds), self.stop.wait(), *([self.clerk.next_commit()] if answers else [])]
        tasks = [asyncio.ensure_future(one) for one in waits]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()

    def _look(self, connection: Connection) -> tuple[list[tuple[Claim, Contact | None]], Again | None]:
        """A page of claims; where there are none, when to look again. Both at one moment, lest room come between."""
        run, now, pace = self.clerk.run, self.clerk.now(), self.clerk.pace
        size = _AT_ONCE if self.limit is None else min(_AT_ONCE, self.limit)
        claims = claim(connection, run.campaign_id, run.id, size, now, pace)
        if not claims:
            return [], again(connection, run.campaign_id, pace, now)
        people = _people(connection, (one.contact for one in claims))
        return [(one, people.get(one.contact)) for one in claims], None


def _people(connection: Connection, asked: Iterable[ContactId]) -> dict[ContactId, Contact]:
    return {contact.id: contact for contact in page(connection, list(asked))}
