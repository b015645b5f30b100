"""Any order of runs, deaths, leases, late answers and readings: nobody is opened again who may have the letter."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import select, update

from sender import ledger
from sender.ledger import Claim, Opened, Run, State
from sender.model import Outcome
from sender.store import Store
from sender.store.schema import contacts, pauses, troubles
from tests.unit.ledger.scene import ACCEPTED, DEFERRED, HELD, REFUSED, SEND, UNKNOWN, Scene, contact_id, die

PEOPLE = 6
DOMAINS = (b"one", b"two")
ANSWERS = st.sampled_from([ACCEPTED, REFUSED, DEFERRED, UNKNOWN])


class TwoMachines(RuleBasedStateMachine):
    """``wire``: what each run has open, also the dead ones, whose answers may still come. ``done``: who may have it."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        base = Path(self.folder.name)
        self.store = Store.open(str(base / "s.db"), create=True)
        self.here = Scene.make(self.store, base / "here", audience=PEOPLE)
        with self.store.write() as connection:
            for number in range(PEOPLE):
                mine = contacts.c.id == contact_id(number)
                connection.execute(update(contacts).where(mine).values(domain_hash=DOMAINS[number % 2]))
        self.there = Scene(self.store, State(base / "there"), self.here.campaign)
        self.runs: list[tuple[Scene, Run]] = []
        self.claims: dict[str, list[Claim]] = {}
        self.wire: dict[str, list[Opened]] = {}
        self.done: set[str] = set()

    def teardown(self) -> None:
        for _, run in self.runs:
            die(run)
        self.store.close()
        self.folder.cleanup()

    @rule(which=st.booleans())
    def start(self, which: bool) -> None:
        scene = self.here if which else self.there
        if len(self.runs) < 3:
            run = scene.start()
            self.runs.append((scene, run))
            self.claims[run.id], self.wire[run.id] = [], []

    @initialize()
    def two_runs(self) -> None:
        self.start(True)
        self.start(False)

    @precondition(lambda self: self.runs)
    @rule(data=st.data())
    def claim_and_open(self, data: st.DataObject) -> None:
        scene, run = data.draw(st.sampled_from(self.runs), label="run")
        self.claims[run.id] += scene.claim(run, 2)
        self.put_on_the_wire(scene, run)

    @precondition(lambda self: self.runs)
    @rule(data=st.data(), limit=st.integers(1, 3))
    def claim(self, data: st.DataObject, limit: int) -> None:
        scene, run = data.draw(st.sampled_from(self.runs), label="run")
        self.claims[run.id] += scene.claim(run, limit)

    @precondition(lambda self: self.runs)
    @rule(data=st.data())
    def open(self, data: st.DataObject) -> None:
        self.put_on_the_wire(*data.draw(st.sampled_from(self.runs), label="run"))

    def put_on_the_wire(self, scene: Scene, run: Run) -> None:
        claims, self.claims[run.id] = tuple(self.claims[run.id]), []
        paused = self.paused()
        for opened in scene.open(run, claims):
            assert DOMAINS[int(opened.claim.contact, 16) % 2] not in paused, "opened past a pause"
            assert opened.claim.contact not in self.done, "opened again after it may have arrived"
            on_the_wire = {one.claim.contact for many in self.wire.values() for one in many}
            assert opened.claim.contact not in on_the_wire, "on the wire twice"
            self.wire[run.id].append(opened)

    def paused(self) -> set[bytes]:
        with self.store.read() as connection:
            return {*connection.execute(select(pauses.c.domain_hash).where(pauses.c.lifted_at.is_(None))).scalars()}

    @precondition(lambda self: any(self.wire.values()))
    @rule(data=st.data(), answer=ANSWERS)
    def answer(self, data: st.DataObject, answer: object) -> None:
        run_id = data.draw(st.sampled_from([key for key, many in self.wire.items() if many]), label="run")
        opened = self.wire[run_id].pop()
        self.here.close([opened], answer)
        if answer.outcome is not Outcome.DEFERRED:
            self.done.add(opened.claim.contact)

    @precondition(lambda self: any(self.wire.values()))
    @rule(data=st.data())
    def give_back(self, data: st.DataObject) -> None:
        run_id = data.draw(st.sampled_from([key for key, many in self.wire.items() if many]), label="run")
        opened = self.wire[run_id].pop()
        with self.store.write() as connection:
            ledger.give_back(connection, [opened], self.here.now)

    @precondition(lambda self: self.runs)
    @rule(data=st.data())
    def kill(self, data: st.DataObject) -> None:
        scene, run = data.draw(st.sampled_from(self.runs), label="run")
        self.runs.remove((scene, run))
        die(run)

    @precondition(lambda self: self.runs)
    @rule()
    def kill_and_go_on(self) -> None:
        scene, run = self.runs.pop(0)
        die(run)
        self.start(scene is self.here)

    @rule(whole=st.booleans())
    def lift(self, whole: bool) -> None:
        with self.store.write() as connection:
            named = None if whole else DOMAINS[0]
            ledger.lift(connection, self.here.campaign, named, self.here.now, by="jane", why=None)

    @rule(minutes=st.sampled_from([0.5, 2, 6, 40]))
    def time_passes(self, minutes: float) -> None:
        self.here.later(minutes=minutes)
        self.there.now = self.here.now

    @rule(which=st.booleans())
    def reap(self, which: bool) -> None:
        scene = self.here if which else self.there
        ledger.reap(self.store, scene.state, scene.now)

    @rule(kept=st.sets(st.integers(0, PEOPLE - 1)), held=st.sets(st.integers(0, PEOPLE - 1)))
    def read_again(self, kept: set[int], held: set[int]) -> None:
        self.here.read_audience({number: HELD if number in held else SEND for number in kept})

    @invariant()
    def three_noes_in_a_row_are_a_pause(self) -> None:
        with self.store.read() as connection:
            rows = select(troubles.c.domain_hash).where(troubles.c.in_a_row >= 3)
            assert {*connection.execute(rows).scalars()} <= self.paused()

    @invariant()
    def sums_are_the_audience(self) -> None:
        assert self.here.sums().audience == PEOPLE


TwoMachines.TestCase.settings = settings(
    max_examples=60, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
TestTwoMachines = TwoMachines.TestCase
