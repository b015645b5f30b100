"""Any replies in any order, lost connections, kills: what the relay has and what the ledger says of it agree."""

from __future__ import annotations

import asyncio
import shutil
from collections import Counter
from collections.abc import Coroutine
from functools import partial
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from smtp_script import CHUNKING, CLOSE, OFFERS, ScriptedRelay
from sqlalchemy import select

from sender import ledger
from sender.delivery import RelayRefusesSender, Session, Timeouts, Untouched
from sender.ledger import Closing, Opened, Wanted
from sender.model import Answer, Letter, Outcome
from sender.store import Store
from sender.store.schema import letters
from tests.unit.ledger.scene import Scene, die

PEOPLE = 10
CONNECTIONS = 2
MEMORY = Path("/dev/shm")  # a power cut is not what is tried here
DEEDS = (
    *(b"421 4.3.2 going\r\n", b"450 4.2.0 later\r\n", b"550 5.1.1 unknown\r\n", b"503 5.5.1 what\r\n"),
    *(b"354 Go on\r\n", b"250 2.0.0 Ok\r\n", b"\x00\xff what\r\n", CLOSE),
)
KINDS = (((), 1), (OFFERS[:1], 2), *[((*OFFERS, CHUNKING), window) for window in (3, 4, 4)])
"""What a relay offers, and the window that follows from it."""

deeds = st.one_of(st.none(), st.sampled_from(DEEDS))
which = st.integers(0, CONNECTIONS - 1)
parts = st.sampled_from([0.0, 0.3, 0.9, 1.0])


class Line(asyncio.Transport):
    """A connection without a network, and who talks at the other end of it, one word at each turn."""

    def __init__(self, relay: ScriptedRelay, window: int, *, proven: bool) -> None:
        super().__init__()
        self.relay = relay
        self.unknown = 0
        self.to_relay = self.to_us = b""
        self._closing = self._deaf = False
        self._turn = asyncio.Event()
        self._reader = asyncio.StreamReader(limit=1 << 20)
        self._talk = asyncio.ensure_future(relay.converse(self._reader, _Mouth(self)))  # type: ignore[arg-type]
        offers = {name.partition(" ")[0]: name.partition(" ")[2] for name in relay.offers}
        self.session = Session("relay", offers, Timeouts(), window=window)
        self.session.proven = proven
        self.session.connection_made(self)

    def write(self, data: Any) -> None:
        if not self._closing:
            self.to_relay += bytes(data)

    def is_closing(self) -> bool:
        return self._closing

    def close(self) -> None:
        self._closing = True

    abort = close

    async def turn(self, deed: bytes | None, part: float = 1.0) -> None:
        """The relay reads what has come and answers once; ``part`` of what it has said reaches us."""
        self.relay.script = lambda point, _: None if point in {"content", "after"} else deed
        self._feed(1.0)
        self._turn.set()
        await _quiet()
        heard = int(len(self.to_us) * part)
        said, self.to_us = self.to_us[:heard], self.to_us[heard:]
        self.session.data_received(said)
        if self._talk.done():
            self.session.eof_received()
        await _quiet()

    async def end(self, part: float = 1.0) -> None:
        """The connection is gone. Of what was under way the relay reads a part, takes what it can, and nobody hears."""
        if self._deaf:
            return
        self.relay.script = lambda _point, _number: None
        self._deaf = True
        self._feed(part)
        self._reader.feed_eof()
        self._turn.set()
        await self._talk
        self.session.connection_lost(None)
        await _quiet()

    async def wait(self) -> None:
        """What the relay does after each word: until its next turn."""
        if not self._deaf:
            self._turn.clear()
            await self._turn.wait()

    def _feed(self, part: float) -> None:
        arrived = int(len(self.to_relay) * part)
        self._reader.feed_data(self.to_relay[:arrived])
        self.to_relay = self.to_relay[arrived:]


class _Mouth:
    """What a relay that talks over a `Line` says, as `ScriptedRelay` writes it."""

    def __init__(self, line: Line) -> None:
        self._line = line

    def write(self, data: bytes) -> None:
        self._line.to_us += data

    async def drain(self) -> None:
        await self._line.wait()


async def _quiet() -> None:
    for _ in range(12):  # more than any task here needs to come to its next wait
        await asyncio.sleep(0)


class SessionAndLedger(RuleBasedStateMachine):
    """The desk's part is played here: answers are written down with the next letters that are opened, or later."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(mkdtemp(prefix="session-and-ledger-", dir=MEMORY if MEMORY.is_dir() else None))
        self.scene = Scene.make(Store.open(str(self.folder / "s.db"), create=True), self.folder / "state", PEOPLE)
        self.run = self.scene.start()
        self.runner = asyncio.Runner()
        self.lines: list[Line] = []
        self.closings: list[Closing] = []
        self.returned: list[Opened] = []
        self.faults: list[BaseException] = []

    @initialize(kind=st.sampled_from(KINDS))
    def meet(self, kind: tuple[tuple[str, ...], int]) -> None:
        offers, self.window = kind
        self.relay, self.proven = ScriptedRelay(offers=offers), False

    def do(self, work: Coroutine[Any, Any, None]) -> None:
        self.runner.run(self._and_bury(work))
        assert not self.faults
        assert all(line.unknown <= self.window for line in self.lines)

    async def _and_bury(self, work: Coroutine[Any, Any, None]) -> None:
        await work
        for line in self.lines:
            if not line.session.alive:
                await line.end()  # whatever was written may still reach the relay
        self.lines = [line for line in self.lines if line.session.alive]

    # --- letters

    async def hand_over(self) -> None:
        """As many letters on as many connections as there is room for."""
        while len(self.lines) < CONNECTIONS:
            self.lines.append(Line(self.relay, self.window, proven=self.proven))
        for line in self.lines:
            while line.session.alive and line.session.has_room:
                if not (opened := self.commit(self.scene.claim(self.run, 1))):
                    return
                name = opened[0].message_id
                assert name not in self.relay.can_have_taken, "opened again, and the relay may have it"
                content = f"Message-ID: {name}\r\n\r\nBonjour\r\n.\r\n".encode()
                letter = Letter(opened[0].claim.contact, "b@test.example", "a@client.example", name, content)
                line.session.submit(letter).add_done_callback(partial(self.answered, line, opened[0], self.run.id))

    def commit(self, claims: tuple[ledger.Claim, ...] = ()) -> list[Opened]:
        """Answers first, as the clerk does it."""
        scene = self.scene
        with scene.store.write() as connection:
            ledger.close_attempts(connection, self.closings, scene.now)
            ledger.give_back(connection, self.returned, scene.now)
            wanted = [Wanted(one, f"<{one.contact}@example.org>") for one in claims]
            results = ledger.open_attempts(connection, scene.state, wanted, scene.now)
        self.closings, self.returned = [], []
        opened = [one for one in results if isinstance(one, Opened)]
        self.run.opened_more(len(opened))
        return opened

    def answered(self, line: Line, opened: Opened, run: str, answer: asyncio.Future[Answer]) -> None:
        error = answer.exception()
        if run != self.run.id:
            return  # who asked is dead
        self.proven |= line.session.proven
        if isinstance(error, Untouched | RelayRefusesSender):
            self.returned.append(opened)
        elif error:
            self.faults.append(error)
        else:
            self.closings.append(Closing(opened, answer.result()))
            line.unknown += answer.result().outcome is Outcome.UNKNOWN

    @rule()
    def write_down(self) -> None:
        self.commit()

    @rule(minutes=st.sampled_from([1, 30, 300]))
    def time_passes(self, minutes: int) -> None:
        self.scene.later(minutes=minutes)

    # --- the relay, and the wire

    @rule(which=which, words=st.integers(0, 9), deed=deeds, part=parts)
    def talk(self, which: int, words: int, deed: bytes | None, part: float) -> None:
        """The relay says so many good words, then one that need not be good."""
        self.do(self._talk(which, words, deed, part))

    async def _talk(self, which: int, words: int, deed: bytes | None, part: float) -> None:
        await self.hand_over()
        for _ in range(words):
            await self.lines[which].turn(None)
        await self.lines[which].turn(deed, part)

    @rule(which=which, words=st.integers(0, 9), part=parts)
    def lose(self, which: int, words: int, part: float) -> None:
        self.talk(which, words, None, part)
        if which < len(self.lines):
            self.do(self.lines[which].end(part))

    @rule(which=which, words=st.integers(0, 9), part=parts)
    def kill(self, which: int, words: int, part: float) -> None:
        """Answers that were not written down are forgotten; the next run begins at once."""
        self.talk(which, words, None, part)
        before, dead, lines = self.scene.sums(), self.run, self.lines
        die(dead)
        self.run, self.lines, self.closings, self.returned = self.scene.start(), [], [], []
        assert self.scene.sums().unknown - before.unknown == before.sending <= CONNECTIONS * self.window
        for line in lines:
            self.do(line.end(part))

    # --- always

    @invariant()
    def ledger_and_relay_agree(self) -> None:
        states = self.states()
        assert self.scene.sums().audience == len(states) == PEOPLE
        assert max(Counter(self.relay.can_have_taken).values(), default=0) <= 1, "somebody got it twice"
        assert {states[name] for name in self.relay.can_have_taken} <= {"accepted", "unknown", "sending"}
        assert {name for name, state in states.items() if state == "accepted"} <= {*self.relay.taken}

    def states(self) -> dict[str, str]:
        with self.scene.store.read() as connection:
            rows = connection.execute(select(letters.c.contact_id, letters.c.state)).all()
        return {f"<{row[0]}@example.org>": row[1] for row in rows}

    def teardown(self) -> None:
        """With a relay that behaves, whoever certainly has nothing gets it, and nobody else."""
        try:
            self.kill(0, 0, 1.0)
            self.scene.later(days=1)
            for _ in range(PEOPLE):
                for which in range(CONNECTIONS):
                    self.talk(which, 6 * self.window, None, 1.0)
            self.commit()
            self.ledger_and_relay_agree()
            assert {*self.states().values()} <= {"accepted", "refused", "unknown"}
        finally:
            die(self.run)
            self.runner.close()
            self.scene.store.close()
            shutil.rmtree(self.folder)


TestSessionAndLedger = SessionAndLedger.TestCase
TestSessionAndLedger.settings = settings(
    max_examples=20, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
)
