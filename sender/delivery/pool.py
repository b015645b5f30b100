"""Several connections, one desk: take a letter, send it, settle it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from sender.delivery.access import RelayAccess
from sender.delivery.complaints import RelayRefusesSender, breaks_off
from sender.delivery.connect import connect
from sender.delivery.patience import Sleep, patience
from sender.delivery.session import WINDOW, WITHOUT_CHUNKS, Session, Untouched
from sender.enhanced import asks_for_patience
from sender.errors import Fault, Unreachable
from sender.model import Answer, Letter, Outcome

LETTERS_PER_CONNECTION = 100  # what Orange allows; relays that allow more lose one handshake in a hundred
IDLE_SECONDS = 60.0  # well below the 300 s after which relays hang up (RFC 5321 §4.5.3.2.7)
BROKEN_IN_A_ROW = 5
_JUDGED = frozenset({Outcome.ACCEPTED, Outcome.REFUSED})


class Desk(Protocol):
    """Where letters come from and answers go to.

    ``take`` gives a letter whose attempt is open and committed, None at the end; once ``stop`` is set it must return
    soon. ``give_back``: the relay certainly has not taken it, and no answer counts for the letter; ``judgement``: what
    it said of the sender instead.
    """

    async def take(self) -> Letter | None: ...

    def settle(self, letter: Letter, answer: Answer) -> None: ...

    def give_back(self, letter: Letter, judgement: Answer | None = None) -> None: ...


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to a connection: ``connected``, ``lost``, ``knocking`` or ``fewer`` (the relay takes no more)."""

    kind: str


async def deliver(
    access: RelayAccess,
    desk: Desk,
    *,
    connections: int,
    stop: asyncio.Event,
    on_event: Callable[[Event], None] | None = None,
    sleep: Sleep = asyncio.sleep,
    window: int = WINDOW,
    letters_per_connection: int = LETTERS_PER_CONNECTION,
    idle_seconds: float = IDLE_SECONDS,
) -> None:
    """Send until the desk is empty or ``stop`` is set; what is on the wire is finished first.

    Nothing is taken before a first connection has logged in. On the first error that ends the run ``stop`` is set,
    the other workers settle what they have, and the error is raised.
    """
    tell = on_event or (lambda _: None)
    pool = _Pool(access, desk, stop, tell, sleep, window, letters_per_connection, idle_seconds)
    await pool.run(connections)


@dataclass(slots=True)
class _Pool:
    access: RelayAccess
    desk: Desk
    stop: asyncio.Event
    tell: Callable[[Event], None]
    sleep: Sleep
    window: int
    letters_per_connection: int
    idle_seconds: float
    error: BaseException | None = None
    broken: int = 0
    impatient: set[str] = field(default_factory=set)
    open: int = 0
    proven: bool = False
    returned: int = 0

    async def run(self, connections: int) -> None:
        first = await self._first()
        if first is None:
            return
        self.opened()
        sessions: list[Session | None] = [first, *([None] * (max(connections, 1) - 1))]
        workers = [asyncio.create_task(_Worker(self, session).run()) for session in sessions]
        try:
            await asyncio.wait(workers)
        except asyncio.CancelledError:
            self.stop.set()
            await asyncio.wait(workers)  # what is on the wire is finished and settled all the same
            raise
        finally:
            for worker in workers:
                if worker.done() and not worker.cancelled():
                    worker.exception()  # each was seen; the first is what is to be told
        if self.error:
            raise self.error

    async def _first(self) -> Session | None:
        """None where ``stop`` is set before the relay has let us in: nothing was taken yet."""
        connecting = asyncio.ensure_future(connect(self.access, self.window))
        stopping = asyncio.ensure_future(self.stop.wait())
        try:
            await asyncio.wait([connecting, stopping], return_when=asyncio.FIRST_COMPLETED)
            return connecting.result() if connecting.done() else None
        finally:
            connecting.cancel()
            stopping.cancel()

    def opened(self) -> None:
        self.open += 1
        self.tell(Event("connected"))

    async def until_stopped(self, seconds: float) -> None:
        """Sleep, but not on after ``stop``."""
        self.tell(Event("knocking"))
        naps = {asyncio.ensure_future(self.sleep(seconds)), asyncio.ensure_future(self.stop.wait())}
        try:
            await asyncio.wait(naps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for nap in naps:
                nap.cancel()

    def fail(self, error: BaseException) -> None:
        """The run ends with this error; what is on the wire is finished first."""
        self.error = self.error or error
        self.stop.set()

    def broke(self) -> None:
        """A relay that breaks off conversation after conversation would leave every letter deferred or unknown."""
        self.broken += 1
        if self.broken >= BROKEN_IN_A_ROW:
            raise breaks_off(self.access)


class _Worker:
    """One connection at a time, opened when there is a letter for it."""

    def __init__(self, pool: _Pool, session: Session | None) -> None:
        self._pool = pool
        self._session = session
        self._known = session is not None  # the relay has taken a connection of ours before
        self._broken: Session | None = None

    async def run(self) -> None:
        try:
            while not self._pool.stop.is_set():
                letter = await self._pool.desk.take()
                if not (await self._handle(letter) if letter else await self._got_back()):
                    return
        except BaseException as error:
            self._pool.fail(error)
            raise
        finally:
            await self._leave()

    async def _handle(self, letter: Letter) -> bool:
        """Hand it to a session and wait until that has room for another. False where this worker is to end."""
        pool = self._pool
        try:
            session = None if pool.stop.is_set() else await self._ready()
        except BaseException:
            pool.desk.give_back(letter)
            raise
        if session is None:
            pool.desk.give_back(letter)
            return False
        session.proven |= pool.proven
        try:
            answer = session.submit(letter)
        except Fault:
            pool.desk.give_back(letter)
            raise
        answer.add_done_callback(partial(self._answered, session, letter))
        await session.room()
        return True

    async def _got_back(self) -> bool:
        """The desk is empty; but a letter on its way may have come back to it."""
        before = self._pool.returned
        if self._session:
            await self._answers_of(self._session)
        return self._pool.returned > before

    @staticmethod
    async def _answers_of(session: Session) -> None:
        """Wait until every letter of its has an answer, and until all were told: one may be a lesson for the next."""
        await session.drained()
        await asyncio.sleep(0)

    def _answered(self, session: Session, letter: Letter, answer: asyncio.Future[Answer]) -> None:
        """Settle the letter.

        It is given back only where the error says that the relay cannot have taken it; after any other its attempt
        stays open, and will be found unknown.
        """
        pool, error = self._pool, answer.exception()
        pool.proven |= session.proven
        try:
            if isinstance(error, Untouched | RelayRefusesSender):
                pool.desk.give_back(letter, error.judgement if isinstance(error, RelayRefusesSender) else None)
                pool.returned += 1
            if error is None:
                pool.desk.settle(letter, answer.result())
                self._be_careful_after(answer.result())
            elif not isinstance(error, Untouched):
                pool.fail(error)
            self._count_broken(session, letter, None if error else answer.result())
        except Exception as problem:
            pool.fail(problem)

    def _be_careful_after(self, answer: Answer) -> None:
        """A connection took a letter's certainty with it, and may take several: new ones risk one at a time.

        Relays that end a connection after some letters would otherwise leave a few unknown each time.
        """
        if answer.outcome is Outcome.UNKNOWN:
            self._pool.window = min(self._pool.window, WITHOUT_CHUNKS)

    def _count_broken(self, session: Session, letter: Letter, answer: Answer | None) -> None:
        """Each connection that broke off counts once, however many letters were on their way.

        A receiver that asks for patience, and hangs up, says nothing of a relay that has taken letters for others; of
        one that has not, each domain that is sent away counts once.
        """
        pool = self._pool
        if session.alive or (answer and answer.outcome in _JUDGED):
            pool.broken = 0
            pool.impatient.clear()
        elif answer and asks_for_patience(answer):
            domain = letter.recipient.rpartition("@")[2].lower()
            heard_before, self._broken = domain in pool.impatient or self._broken is session, session
            pool.impatient.add(domain)
            if not heard_before and not pool.proven:
                pool.broke()
        elif self._broken is not session:
            self._broken = session
            self._pool.broke()

    async def _ready(self) -> Session | None:
        """A living session; None where the relay takes no further connection, or ``stop`` was set meanwhile."""
        if self._session and self._worn(self._session):
            await self._leave()
        if self._session is None:
            self._session = await (self._again() if self._known else self._further())
        return self._session

    def _worn(self, session: Session) -> bool:
        idle = 0.0 if session.busy else asyncio.get_running_loop().time() - session.idle_since
        return not session.alive or session.sent >= self._pool.letters_per_connection or idle > self._pool.idle_seconds

    async def _further(self) -> Session | None:
        """One more connection; a relay that already serves us may set a limit."""
        try:
            session = await connect(self._pool.access, self._pool.window)
        except Unreachable:
            if self._pool.open == 0:
                return await self._again()
            self._pool.tell(Event("fewer"))
            return None
        self._known = True
        self._pool.opened()
        return session

    async def _again(self) -> Session | None:
        pool = self._pool
        try:
            session: Session = await patience(pool.until_stopped, pool.stop.is_set)(connect, pool.access, pool.window)
        except Unreachable:
            if pool.stop.is_set():
                return None
            raise
        self._known = True
        pool.opened()
        return session

    async def _leave(self) -> None:
        if self._session is None:
            return
        await self._answers_of(self._session)
        session, self._session = self._session, None
        self._pool.open -= 1
        if not session.alive:
            self._pool.tell(Event("lost"))
        await session.quit()
