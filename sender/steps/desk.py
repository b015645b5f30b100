"""The desk between ledger and wire: hands out letters whose attempts are on the disk, takes the relay's answers.

It fills the port ``delivery.Desk``. What gathers until everybody who is ready has spoken, answers first, goes into the
next commit; so an attempt is never opened for a connection before its last answer is written down in the same commit
or an earlier one, and a kill leaves at most one window of open attempts a connection.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic

from sqlalchemy import Connection

from sender.contacts import page
from sender.ledger import (
    LEASE,
    UNPACED,
    Again,
    Claim,
    Closing,
    Heard,
    NotOpened,
    Opened,
    Pace,
    Run,
    State,
    Wanted,
    again,
    beat,
    claim,
    close_attempts,
    enrol,
    give_back,
    open_attempts,
    release,
    taken_for_dead,
)
from sender.letters import CannotCompose
from sender.logs import get_logger
from sender.model import Answer, Contact, ContactId, Decision, Letter, LetterState, Outcome, Verdict
from sender.store import Writer

CLAIMED_AT_ONCE = 100  # a page of contacts in memory; what is not opened goes back at the end
LETTER_GATE = "letter"
_BURIES = 5.0  # seconds between two looks for runs that have died
_LEAST_REST = 0.01  # seconds between two looks at letters that others are just taking
_LONGEST_REST = 10.0  # letters that were deferred may be due, or be brought back from a pause
log = get_logger()

Compose = Callable[[Contact], Letter]
"""Makes one contact's letter; raises CannotCompose where this one cannot be written."""


@dataclass(slots=True)
class Clerk:
    """Writes answers down and opens attempts, in one transaction as many as have gathered.

    ``not_after``: no letter is tried again later than that; ``pace``: no more is opened than it lets through.
    """

    writer: Writer
    state: State
    run: Run
    now: Callable[[], datetime]
    not_after: datetime | None = None
    unwilling: Callable[[Connection, Sequence[ContactId]], Mapping[ContactId, Verdict]] = lambda _base, _asked: {}
    pace: Pace = UNPACED
    _closings: list[Closing] = field(default_factory=list)
    _returned: list[Opened] = field(default_factory=list)
    _judgement: Answer | None = None  # of the sender, by the relay
    _wanted: list[tuple[Wanted, asyncio.Future[Opened | NotOpened]]] = field(default_factory=list)
    _work: asyncio.Event = field(default_factory=asyncio.Event)
    _idle: asyncio.Event = field(default_factory=asyncio.Event)
    _returning: int = 0
    _committed: asyncio.Event = field(default_factory=asyncio.Event)
    _failure: BaseException | None = None

    async def open(self, wanted: Wanted) -> Opened | NotOpened:
        """Returns once the attempt is on the disk."""
        if self._failure:
            raise self._failure
        future: asyncio.Future[Opened | NotOpened] = asyncio.get_running_loop().create_future()
        self._wanted.append((wanted, future))
        self._wake()
        return await future

    def close(self, closing: Closing) -> None:
        self._closings.append(closing)
        self._wake()

    def give_back(self, opened: Opened, judgement: Answer | None = None) -> None:
        self._returned.append(opened)
        self._judgement = judgement or self._judgement
        self._returning += 1
        self._wake()

    async def all_returned(self) -> bool:
        """Wait until what was given back can be claimed again; False where nothing was."""
        waited = False
        while self._returning:
            waited = True
            await self.next_commit()
        return waited

    async def next_commit(self) -> None:
        """Wait until something more is on the disk; raises where nothing ever will be."""
        if not self._failure:
            await self._committed.wait()
        if self._failure:
            raise self._failure

    async def finish(self) -> None:
        """Wait until all that was handed in is on the disk."""
        while (self._closings or self._returned or not self._idle.is_set()) and not self._failure:
            await self._idle.wait()
        if self._failure:
            raise self._failure

    async def serve(self) -> None:
        """Work until cancelled; a failure of the base goes to everybody who waits and to all who come later."""
        while True:
            if not self._work.is_set():
                self._idle.set()
            await self._work.wait()
            await self._gathered()
            self._work.clear()
            try:
                await self._one_commit()
            except Exception as failure:
                self._fail(failure)
                return

    async def _gathered(self) -> None:
        """Let all who are ready speak first, as long as more comes in at each turn of the loop.

        A commit costs as much for one letter as for ten, and those who wait for it ask for nothing more meanwhile.
        """
        seen = -1
        while seen != (seen := len(self._closings) + len(self._wanted)):
            await asyncio.sleep(0)

    async def _one_commit(self) -> None:
        closings, self._closings = self._closings, []
        returned, self._returned = self._returned, []
        judgement, self._judgement = self._judgement, None
        wanted, self._wanted = self._wanted, []
        now = self.now()

        def write(connection: Connection) -> Sequence[Opened | NotOpened]:
            heard, asked = Heard(), [one for one, _ in wanted]
            close_attempts(connection, closings, now, not_after=self.not_after, pace=self.pace, heard=heard)
            give_back(connection, returned, now, judgement, self.pace, heard)
            return open_attempts(connection, self.state, asked, now, self.unwilling, self.pace, heard)

        try:
            results = await self.writer.do(write)
            self.run.opened_more(sum(isinstance(result, Opened) for result in results))
        except Exception:
            self._wanted = wanted + self._wanted
            raise
        self._returning -= len(returned)
        self._committed.set()
        self._committed.clear()
        for (_, future), result in zip(wanted, results, strict=True):
            if not future.done():
                future.set_result(result)

    def _wake(self) -> None:
        self._idle.clear()
        self._work.set()

    def _fail(self, failure: Exception) -> None:
        self._failure = failure
        self._committed.set()
        for _, future in self._wanted:
            if not future.done():
                future.set_exception(failure)
        self._wanted.clear()
        self._idle.set()


class LedgerDesk:
    """What one run hands out. ``tally`` counts the answers, by outcome, that came in this run.

    Nothing more is handed out from ``until`` on, or once ``stop`` is set; before that it waits for letters that the
    pace holds back. ``bury`` looks for runs that have died with letters on the wire.
    """

    def __init__(
        self,
        clerk: Clerk,
        compose: Compose,
        *,
        reading: int,
        limit: int | None = None,
        observe: Callable[[int], None] = lambda _count: None,
        until: datetime | None = None,
        stop: asyncio.Event | None = None,
        bury: Callable[[], object] = lambda: None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.tally: Counter[str] = Counter()
        self._clerk = clerk
        self._compose = compose
        self._reading = reading
        self._left = limit
        self._observe = observe
        self._until = until
        self._stop = stop or asyncio.Event()
        self._bury = bury
        self._buried = monotonic()
        self._sleep = sleep
        self._claims: deque[tuple[Claim, Contact | None]] = deque()
        self._claiming = asyncio.Lock()
        self._open: dict[ContactId, Opened] = {}

    async def take(self) -> Letter | None:
        """The next letter, its attempt open and on the disk; None where nothing is left, or the time is over."""
        while (taken := await self._next_claim()) is not None:
            one, contact = taken
            if contact is None:
                await self._release([one])  # erased since it was claimed
                continue
            try:
                letter = self._compose(contact)
            except CannotCompose as reason:
                await self._hold(one, reason)
                continue
            opened = await self._clerk.open(Wanted(one, letter.message_id, letter.subject))
            if isinstance(opened, Opened):
                self._open[letter.contact] = opened
                return letter
            self._put_back_limit()
            tell = log.debug if opened.why == "paced" else log.info
            tell("letter", contact=letter.contact, outcome="not opened", why=opened.why)
            if opened.why in {"suppressed", "unwilling"}:
                self._count(LetterState.HELD)
        return None

    def settle(self, letter: Letter, answer: Answer) -> None:
        """Hand the relay's word to the clerk; it is on the disk before this connection's next letter is open."""
        tell = log.debug if answer.outcome is Outcome.ACCEPTED else log.info  # thousands a second stand in the ledger
        tell("letter", contact=letter.contact, outcome=answer.outcome, code=answer.code, stage=answer.stage)
        self._clerk.close(Closing(self._open.pop(letter.contact), answer))
        self._count(answer.outcome)

    def give_back(self, letter: Letter, judgement: Answer | None = None) -> None:
        """The relay certainly has not taken this letter. ``judgement``: its no to the sender."""
        self._clerk.give_back(self._open.pop(letter.contact), judgement)
        self._put_back_limit()

    async def finish(self) -> None:
        """All answers on the disk, all claims that were not opened given back."""
        await self._release([one for one, _ in self._claims])
        self._claims.clear()
        await self._clerk.finish()

    @property
    def accepted(self) -> int:
        return self.tally[Outcome.ACCEPTED]

    async def _next_claim(self) -> tuple[Claim, Contact | None] | None:
        if self._over():
            return None
        async with self._claiming:
            while not self._claims and not self._over():
                claims, found = await self._clerk.writer.do(self._look)
                self._claims.extend(claims)
                if not self._claims and not await self._more_to_come(found):
                    break
        if not self._claims or self._over():
            return None
        if self._left is not None:
            self._left -= 1
        return self._claims.popleft()

    async def _more_to_come(self, found: Again | None) -> bool:
        """Nothing can be claimed now: wait for what comes back, or until the pace may let more through."""
        if await self._clerk.all_returned():
            return True
        if found is None:
            return False
        at = min(found.at, self._until) if self._until else found.at
        seconds = (at - self._clerk.now()).total_seconds()
        await self._rest(min(max(seconds, _LEAST_REST), _LONGEST_REST), answers=found.answers)
        if found.answers and monotonic() - self._buried > _BURIES:  # they may be another run's, which may be dead
            self._buried = monotonic()
            await asyncio.to_thread(self._bury)
        return not self._stop.is_set()

    async def _rest(self, seconds: float, *, answers: bool) -> None:
        """So long, or until ``stop`` is set, or where ``answers`` count, until the next commit."""
        waits = [self._sleep(seconds), self._stop.wait(), *([self._clerk.next_commit()] if answers else [])]
        tasks = [asyncio.ensure_future(one) for one in waits]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()

    def _over(self) -> bool:
        late = self._until is not None and self._clerk.now() >= self._until
        return late or self._left == 0 or self._stop.is_set()

    def _put_back_limit(self) -> None:
        if self._left is not None:
            self._left += 1

    def _look(self, connection: Connection) -> tuple[list[tuple[Claim, Contact | None]], Again | None]:
        """A page of claims; where there are none, when to look again. Both at one moment, lest room come between."""
        run, now, pace = self._clerk.run, self._clerk.now(), self._clerk.pace
        size = CLAIMED_AT_ONCE if self._left is None else min(CLAIMED_AT_ONCE, self._left)
        claims = claim(connection, run.campaign_id, run.id, size, now, pace)
        if not claims:
            return [], again(connection, run.campaign_id, pace, now)
        people = {contact.id: contact for contact in page(connection, [one.contact for one in claims])}
        return [(one, people.get(one.contact)) for one in claims], None

    async def _hold(self, one: Claim, reason: CannotCompose) -> None:
        verdict = Verdict(LETTER_GATE, False, (reason.finding,))
        log.info("letter", contact=one.contact, outcome=LetterState.HELD, why=reason.finding.code)

        def write(connection: Connection) -> None:
            release(connection, [one])
            enrol(connection, one.campaign_id, self._reading, [(one.contact, Decision((verdict,)))])

        await self._clerk.writer.do(write)
        self._put_back_limit()
        self._count(LetterState.HELD)

    async def _release(self, claims: Sequence[Claim]) -> None:
        await self._clerk.writer.do(lambda connection: release(connection, claims))

    def _count(self, what: str) -> None:
        self.tally[what] += 1
        self._observe(1)


async def keep_alive(writer: Writer, run: Run, now: Callable[[], datetime]) -> None:
    """Prolong the run's lease until cancelled; raises where another machine has taken the run for dead."""
    while True:
        await asyncio.sleep(LEASE.total_seconds() / 3)
        if not await writer.do(lambda connection: beat(connection, run, now())):
            raise taken_for_dead()


async def end_task(task: asyncio.Future[None]) -> None:
    """Cancel and wait; how it ended is for whoever waited for its result."""
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
