"""A day of a campaign in time that nobody waits for: fifty thousand contacts at forty domains, each with its ways.

The desk, the pool, the sessions and the ledger are the real ones; the clock of their loop moves on whenever nobody has
anything to do, and the relay is a few lines in memory that answer as each domain's receiver would.
"""

from __future__ import annotations

import asyncio
import selectors
from bisect import bisect_left
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, insert

from sender import ledger
from sender.delivery import RelayAccess
from sender.delivery.access import Timeouts
from sender.delivery.session import WINDOW, Session
from sender.ledger import Lane, Pace, State
from sender.model import Contact, ContactId, Decision, Finding, Letter, Verdict
from sender.pipeline import at_work, by_itself
from sender.providers import providers
from sender.rates import Limits, Rate
from sender.steps.claims import Claims
from sender.steps.clerk import Clerk
from sender.store import Store, Writer
from sender.store.schema import contacts
from sender.store.writer import Work

CONTACTS, DOMAINS = 50_000, 40
START = datetime(2026, 11, 26, 0, tzinfo=UTC)
DAY, HOUR = 86_400.0, 3600.0
QUARTER = 900.0
OF_CAMPAIGN = Rate(6000, timedelta(hours=1))
OWN = Rate(10, timedelta(minutes=1))
SEND = Decision((Verdict("address", True, (Finding("valid"),)),))


# --- time


class Clock(selectors.DefaultSelector):
    """Tells the loop that the time it would have slept is over, unless the ledger's thread is at work."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds = 0.0
        self.writing = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready or timeout == 0:
            return ready
        if self.writing or timeout is None:
            return super().select(60)
        self.seconds += timeout
        return []


class DayLoop(asyncio.SelectorEventLoop):
    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self._clock = clock

    def time(self) -> float:
        return self._clock.seconds


class CountedWriter(Writer):
    """The clock stands still while it writes."""

    def __init__(self, store: Store, clock: Clock) -> None:
        super().__init__(store)
        self._clock = clock

    async def do(self, work: Work[Any]) -> Any:
        self._clock.writing += 1
        try:
            return await super().do(work)
        finally:
            self._clock.writing -= 1


# --- the receivers


@dataclass
class Receiver:
    """Takes everything, a moment after it was asked."""

    domain: str
    rate: Rate | None = None
    at_once: int | None = None
    seconds: float = 0.05  # until it has answered
    asked: list[float] = field(default_factory=list)
    taken: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    open: int = 0
    most_open: int = 0

    def rcpt(self, who: str, now: float) -> str:
        self.asked.append(now)
        answer = self.judge(who, now)
        if answer[0] == "2":
            self.open += 1
            self.most_open = max(self.most_open, self.open)
        else:
            self.refused[answer[:9]] += 1
        return answer

    def judge(self, who: str, now: float) -> str:
        return "250 2.1.5 Ok"

    def dot(self, who: str) -> str:
        self.open -= 1
        self.taken[who] += 1
        return "250 2.0.0 Ok"


class Greylisting(Receiver):
    """Takes a recipient's mail four minutes after it was first asked for."""

    first: dict[str, float]

    def judge(self, who: str, now: float) -> str:
        self.first = getattr(self, "first", {})
        early = now - self.first.setdefault(who, now) < 240
        return "450 4.7.1 Greylisted, try again later" if early else super().judge(who, now)


class Busy(Receiver):
    """Asks for patience where mails come closer together than ten seconds."""

    last = -10.0

    def judge(self, who: str, now: float) -> str:
        if now - self.last < 10:
            return "451 4.7.500 Server busy"
        self.last = now
        return super().judge(who, now)


class Blocking(Receiver):
    """Wants none of it, until its postmaster was talked to in the morning."""

    def judge(self, who: str, now: float) -> str:
        return "550 5.7.1 Blocked" if now < 6 * HOUR else super().judge(who, now)


class Deserted(Receiver):
    """Nearly everybody of the first pages of the list has left."""

    def judge(self, who: str, now: float) -> str:
        gone = int(who.partition("@")[0][1:]) < 1000
        return "550 5.1.1 No such user" if gone else super().judge(who, now)


def receivers() -> list[Receiver]:
    limits = {domain: one.limits for one in providers() for domain in one.domains}
    named = [Receiver(name, limits[name].rate, limits[name].at_once, 20) for name in ("free.fr", "orange.fr")]
    named += [
        Receiver("gmail.com", None, limits["gmail.com"].at_once, 5),
        Receiver("paced.example", OWN),
        *(Greylisting(f"grey{number}.example") for number in range(3)),
        *(Busy(f"busy{number}.example") for number in range(2)),
        Blocking("blocking.example"),
        *(Deserted(f"deserted{number}.example") for number in range(2)),
    ]
    return named + [Receiver(f"firm{number}.example") for number in range(DOMAINS - len(named))]


class Wire(asyncio.Transport):
    """One connection to a relay that asks the receiver while it is spoken to."""

    def __init__(self, session: Session, by_domain: dict[str, Receiver]) -> None:
        super().__init__()
        self._session, self._by_domain = session, by_domain
        self._heard = b""
        self._who = ""
        self._content = self._closing = False
        self._at = 0.0
        self._answers: deque[bytes] = deque()

    def write(self, data: Any) -> None:
        self._heard += bytes(data)
        loop = asyncio.get_running_loop()
        while (answer := self._next(loop.time())) is not None:
            text, seconds = answer
            self._at = max(self._at, loop.time() + seconds)
            self._answers.append(f"{text}\r\n".encode())
            loop.call_at(self._at, self._answer)

    def _next(self, now: float) -> tuple[str, float] | None:
        end = b"\r\n.\r\n" if self._content else b"\r\n"
        said, found, rest = self._heard.partition(end)
        if not found:
            return None
        self._heard = rest
        receiver = self._by_domain.get(self._who.partition("@")[2])
        if self._content:
            assert receiver is not None
            self._content = False
            asyncio.get_running_loop().call_later(receiver.seconds, receiver.dot, self._who)
            return "250 2.0.0 Ok", receiver.seconds
        verb = said[:4].upper()
        if verb == b"RCPT":
            self._who = said[9:-1].decode()
            answer = self._by_domain[self._who.partition("@")[2]].rcpt(self._who, now)
            self._who = self._who if answer[0] == "2" else ""
            return answer, 0.01
        if verb == b"DATA":
            self._content = bool(self._who)
            return ("354 Go on" if self._who else "554 5.5.1 No valid recipients"), 0.0
        if verb == b"RSET":
            self._who = ""
        return ("221 2.0.0 Bye" if verb == b"QUIT" else "250 2.0.0 Ok"), 0.0

    def _answer(self) -> None:
        """The oldest: timers of one moment come in any order."""
        line = self._answers.popleft()
        if not self._closing:
            self._session.data_received(line)

    def is_closing(self) -> bool:
        return self._closing

    def close(self) -> None:
        if not self._closing:
            self._closing = True
            asyncio.get_running_loop().call_soon(self._session.connection_lost, None)

    abort = close


# --- the campaign


def hash_of(domain: str) -> bytes:
    return sha256(domain.encode()).digest()


@dataclass
class Day:
    store: Store
    state: State
    clock: Clock
    receivers: list[Receiver]
    campaign: int = 0
    paused: list[ledger.Reason] = field(default_factory=list)
    runs: int = 0

    def now(self) -> datetime:
        return START + timedelta(seconds=self.clock.seconds)

    def begin(self) -> None:
        """Everybody is in the base, and was decided about."""
        with self.store.write() as connection:
            self.campaign = ledger.identify(connection, "spring", Path("/c/spring.yaml"), {"offer": "a"}, START).id
            reading = ledger.begin_reading(connection, self.campaign)
            for first in range(0, CONTACTS, 5000):
                some = range(first, first + 5000)
                connection.execute(insert(contacts), [self.person(number) for number in some])
                batch = [(ContactId(f"{number:032x}"), SEND) for number in some]
                ledger.enrol(connection, self.campaign, reading, batch)
            ledger.withdraw(connection, self.campaign, reading)

    def person(self, number: int) -> dict[str, object]:
        domain = self.receivers[number % DOMAINS].domain
        email = f"p{number}@{domain}"
        return {
            "id": f"{number:032x}",
            "email_key": email,
            "email": email,
            "source_kind": "trade_show",
            "address_hash": hash_of(email),
            "domain_hash": hash_of(domain),
            "created_at": START,
            "updated_at": START,
        }

    @property
    def pace(self) -> Pace:
        named = [Lane(one.id, one.limits, frozenset(map(hash_of, one.domains))) for one in providers() if one.limits]
        own = Lane("own", Limits(OWN), frozenset([hash_of("paced.example")]))
        return Pace((*named, own, Lane("campaign-1", Limits(OF_CAMPAIGN))), "eluard.example")

    def sums(self) -> Any:
        with self.store.read() as connection:
            return ledger.sums(connection, self.campaign)

    async def run(self) -> None:
        """What ``pipeline.send`` does, as cron starts it."""
        self.runs += 1
        run = ledger.start(self.store, self.state, self.campaign, self.now(), self.pace)
        writer = CountedWriter(self.store, self.clock)
        try:
            clerk = Clerk(writer, self.state, run, self.now, pace=self.pace)
            access = RelayAccess("127.0.0.1", 1)
            await at_work(
                clerk,
                by_itself(Claims(clerk, reading=1), access=access, compose=compose, connections=10, window=WINDOW),
            )
        finally:
            writer.close()
            ledger.end(self.store, self.state, run, self.now())

    async def operator(self) -> None:
        """Looks every hour, and goes on with what was paused; with the domain that blocks once that was settled."""
        while True:
            await asyncio.sleep(HOUR)
            with self.store.write() as connection:
                self.resume(connection)

    def resume(self, connection: Connection) -> None:
        for one in ledger.pauses_of(connection, self.campaign):
            if one.domain is None or self.clock.seconds > 7 * HOUR:
                domain = hash_of(one.domain) if one.domain else None
                self.paused.append(one.reason)
                ledger.lift(connection, self.campaign, domain, self.now(), by="operator", why="settled")

    async def pass_by(self) -> None:
        """Cron starts a run each quarter of an hour, unless one is at work."""
        looking = asyncio.create_task(self.operator())
        while (left := self.sums()).waiting + left.deferred and self.clock.seconds < DAY:
            await self.run()
            await asyncio.sleep(QUARTER - self.clock.seconds % QUARTER)
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)


def compose(contact: Contact) -> Letter:
    name = f"<{contact.id}@eluard.example>"
    content = f"Message-ID: {name}\r\n\r\nBonjour\r\n".encode()
    return Letter(contact.id, "conseil@eluard.example", str(contact.email), name, content)


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    """The day when it is over."""
    folder, clock = tmp_path_factory.mktemp("day"), Clock()
    store = Store.open(str(folder / "s.db"), create=True)
    made = Day(store, State(folder / "state"), clock, receivers())
    made.begin()
    by_domain = {one.domain: one for one in made.receivers}

    async def connect(access: RelayAccess, window: int) -> Session:
        await asyncio.sleep(0.1)
        session = Session(access, {"PIPELINING": "", "8BITMIME": ""}, Timeouts(), window=window)
        session.connection_made(Wire(session, by_domain))
        return session

    with pytest.MonkeyPatch.context() as patch, asyncio.Runner(loop_factory=lambda: DayLoop(clock)) as runner:
        patch.setattr("sender.delivery.pool.connect", connect)
        runner.run(made.pass_by())
    yield made
    store.close()


def test_everybody_has_it_by_the_end_and_nobody_twice(day: Day) -> None:
    """But for those who were told no: at the domain that blocked, and addresses that do not exist."""
    taken = sum((one.taken for one in day.receivers), Counter())
    sums = day.sums()

    assert day.clock.seconds < DAY
    assert set(taken.values()) == {1}
    assert (sums.accepted, sums.accepted + sums.refused) == (len(taken), CONTACTS)
    assert sums.refused == sum(count for one in day.receivers for said, count in one.refused.items() if said[0] == "5")


def test_nobody_gets_more_than_they_take(day: Day) -> None:
    """In any hour or minute, wherever it begins, and at once; and the campaign goes no faster than its file says."""
    asked = sorted(moment for one in day.receivers for moment in one.asked)

    assert most_in(asked, OF_CAMPAIGN) <= OF_CAMPAIGN.mails
    for one in day.receivers:
        assert one.rate is None or most_in(one.asked, one.rate) <= one.rate.mails
        assert one.at_once is None or one.most_open <= one.at_once
    assert [one.most_open for one in day.receivers if one.at_once][:2] == [2, 2]  # Free and Orange are full at times


def test_who_asks_for_patience_is_given_it(day: Day) -> None:
    """Most of what a busy domain is asked it can take; a greylisting one is asked twice for each, and no more."""
    for one in day.receivers:
        if isinstance(one, Busy):
            assert one.refused["451 4.7.5"] < len(one.taken) / 2
        if isinstance(one, Greylisting):
            assert len(one.asked) == 2 * len(one.taken) == 2 * CONTACTS / DOMAINS


def test_breakers_stopped_what_they_should(day: Day) -> None:
    """The domain that blocked after three noes, the campaign for addresses that do not exist; both went on."""
    (blocking,) = (one for one in day.receivers if isinstance(one, Blocking))

    assert {ledger.Reason.IN_A_ROW, ledger.Reason.BOUNCES} == set(day.paused)
    assert day.runs > 4  # a run ends where its campaign is stopped; those that cron starts meanwhile do so at once
    # As many as ten connections may have on the wire at the third no; and after a lift one at a time, to the third
    lifts = day.paused.count(ledger.Reason.IN_A_ROW)
    assert 3 <= blocking.refused["550 5.7.1"] <= 3 + 10 + 3 * (1 + lifts)
    assert len(blocking.taken) == CONTACTS / DOMAINS - blocking.refused["550 5.7.1"]


def most_in(moments: list[float], rate: Rate) -> int:
    """The most of them in a period, wherever it begins."""
    period = rate.period.total_seconds()
    return max(number + 1 - bisect_left(moments, moment - period + 1e-6) for number, moment in enumerate(moments))
