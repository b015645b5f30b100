"""Several processes send and one keeps the ledger: nobody twice, nobody forgotten, whoever of them dies."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.project import SPRING, Project, in_thread
from tests.smtp_script import CHUNKING, OFFERS, ScriptedRelay

PEOPLE = 240
WINDOWS = 4 * 8  # what one of two workers can have open: four connections, eight letters each
TWO = {"SENDER_WORKERS": "2", "SENDER_CONNECTIONS": "8"}


@pytest.fixture
def crowd(project: Project) -> Project:
    project.audience(*(f"anne{number}" for number in range(PEOPLE)))
    return project


class Run:
    """A run of two workers. ``at``: what is done to it when the relay hears of so many letters."""

    def __init__(self, project: Project, **environment: str) -> None:
        self._project = project
        self._environment = TWO | environment
        self._deeds: dict[int, Callable[[], object]] = {}
        self._started = threading.Event()

    def at(self, letter: int, deed: Callable[[], object]) -> Run:
        self._deeds[letter] = deed
        return self

    @contextmanager
    def begun(self, relay: ScriptedRelay | None = None, **more: str) -> Iterator[ScriptedRelay]:
        """While it lasts the relay is there and the run goes on; then it has ended."""
        with in_thread(relay or ScriptedRelay(self._script, (*OFFERS, CHUNKING))) as self.relay:
            url = f"smtp+plain://127.0.0.1:{self.relay.port}"
            words = (SPRING, "--yes", "--json")
            self.process = self._project.start(*words, SENDER_RELAY=url, **self._environment, **more)
            self._started.set()
            try:
                yield self.relay
                self.out, self.err = self.process.communicate(timeout=120)
            finally:
                self.process.kill()
                self.process.communicate()

    @property
    def status(self) -> int:
        return self.process.returncode

    def workers(self) -> list[int]:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text(encoding="ascii")
        return [int(one) for one in children.split()]

    def _script(self, point: str, letter: int) -> None:
        if point == "mail" and (deed := self._deeds.pop(letter, None)):
            self._started.wait(10)
            deed()


def each_once(relay: ScriptedRelay) -> int:
    """How many letters the relay can have taken; none of them twice."""
    counts = Counter(relay.can_have_taken)
    assert max(counts.values(), default=1) == 1
    return len(counts)


def alive(process: int) -> bool:
    """Zombies are not."""
    try:
        return ") Z " not in Path(f"/proc/{process}/stat").read_text(encoding="ascii")
    except FileNotFoundError:
        return False


def test_everybody_gets_one_letter_from_one_of_them(crowd: Project) -> None:
    """Each worker has its part of the connections; the sums are those of one run."""
    seen: list[int] = []
    run = Run(crowd)
    with run.at(50, lambda: seen.extend(run.workers())).begun() as relay:
        pass

    assert run.status == 0, run.err
    assert len(seen) == 2
    assert each_once(relay) == PEOPLE
    assert crowd.sums()["accepted"] == PEOPLE
    assert relay.most_at_once <= 8
    assert not any(map(alive, seen))


def test_one_that_is_killed_leaves_its_rows_to_the_others(crowd: Project) -> None:
    """What it had on the wire is unknown; everybody else gets a letter in the same run."""
    run = Run(crowd)
    with run.at(60, lambda: os.kill(run.workers()[0], signal.SIGKILL)).begun() as relay:
        pass

    sums = crowd.sums()
    assert run.status == (74 if sums["unknown"] else 0), run.err
    assert sums["unknown"] <= WINDOWS
    assert sums["accepted"] + sums["unknown"] == PEOPLE
    assert sums["accepted"] <= each_once(relay)


def test_when_all_are_killed_the_run_says_so_and_the_next_one_goes_on(crowd: Project) -> None:
    """69, and nothing stays claimed."""
    run = Run(crowd)

    def kill_all() -> None:
        for one in run.workers():
            os.kill(one, signal.SIGKILL)

    with run.at(60, kill_all).begun() as first:
        pass
    before = crowd.sums()
    with Run(crowd).begun() as second:
        pass

    assert run.status == 69
    assert "SC-533" in run.err
    assert before["waiting"] > 0
    assert crowd.sums()["waiting"] == 0
    assert not set(first.can_have_taken) & set(second.can_have_taken)


def test_they_end_with_the_process_that_keeps_the_ledger(crowd: Project) -> None:
    """Killed alone, it takes them along; what was on the wire is unknown, and the next run sends the rest."""
    run, orphans = Run(crowd), list[int]()

    def kill() -> None:
        orphans.extend(run.workers())
        run.process.kill()

    with run.at(60, kill).begun() as first:
        run.process.wait(60)
        wait_until(lambda: not any(map(alive, orphans)))
    with Run(crowd).begun() as second:
        pass

    sums = crowd.sums()
    assert len(orphans) == 2
    assert sums["unknown"] <= 2 * WINDOWS
    assert sums["accepted"] + sums["unknown"] == PEOPLE
    assert not set(first.can_have_taken) & set(second.can_have_taken)


def test_an_interrupt_finishes_what_is_on_the_wire(crowd: Project) -> None:
    """The terminal sends it to all of them; nothing is left unknown."""
    run = Run(crowd)

    def interrupt() -> None:
        for one in (*run.workers(), run.process.pid):
            os.kill(one, signal.SIGINT)

    with run.at(60, interrupt).begun() as relay:
        pass

    sums = crowd.sums()
    assert run.status == 130
    assert "Traceback" not in run.err
    assert sums["unknown"] == 0
    assert sums["accepted"] == each_once(relay) < PEOPLE


def test_a_relay_that_takes_no_second_connection_gets_all_over_one(crowd: Project) -> None:
    """The worker that was turned away ends in peace."""
    relay = OneConnection(offers=OFFERS)
    run = Run(crowd)
    with run.begun(relay):
        pass

    assert run.status == 0, run.err
    assert each_once(relay) == PEOPLE


class OneConnection(ScriptedRelay):
    """Says 421 to whoever comes while another one is there."""

    def __post_init__(self) -> None:
        self.script = lambda point, _: b"421 too many\r\n" if point == "greeting" and len(self._open) > 1 else None


@pytest.mark.parametrize(
    ("point", "deed", "status", "code"),
    [
        ("greeting", b"554 no service\r\n", 78, "SC-607"),
        ("greeting", b"421 busy\r\n", 69, "SC-601"),
        ("mail", b"550 not you\r\n", 78, "SC-608"),
    ],
)
def test_what_ends_one_ends_the_run(crowd: Project, point: str, deed: bytes, status: int, code: str) -> None:
    """The same words and the same exit status as of one process; nobody is marked."""
    run = Run(crowd)
    with run.begun(ScriptedRelay(lambda where, _: deed if where == point else None)) as relay:
        pass

    assert run.status == status, run.err
    assert run.err.count(code) == 1
    assert "Traceback" not in run.err
    assert each_once(relay) == 0
    assert crowd.sums()["waiting"] == PEOPLE


def test_a_limit_is_one_for_all(crowd: Project) -> None:
    """So many letters and no more, whoever sends them."""
    with in_thread(ScriptedRelay()) as relay:
        url = f"smtp+plain://127.0.0.1:{relay.port}"
        done = crowd.run(SPRING, "--yes", "--limit", "7", SENDER_RELAY=url, **TWO)

    assert done.status == 0, done.err
    assert each_once(relay) == 7
    assert crowd.sums()["waiting"] == PEOPLE - 7


def test_few_letters_need_no_workers(crowd: Project) -> None:
    """Unless they are asked for, one process sends as little as that."""
    seen: list[int] = []
    run = Run(crowd, SENDER_WORKERS="")
    with run.at(50, lambda: seen.append(len(run.workers()))).begun():
        pass

    assert run.status == 0, run.err
    assert seen == [0]


def test_a_letter_that_cannot_be_written_is_held(crowd: Project) -> None:
    """By whichever of them meets it."""
    crowd.replace("templates/spring/mail.txt", "Bonjour", "{{ '\\0' if contact.first_name == 'Anne7' }}Bonjour")
    run = Run(crowd)
    with run.begun() as relay:
        pass

    assert run.status == 0, run.err
    sums = crowd.sums()
    assert (sums["held"], sums["accepted"]) == (1, PEOPLE - 1)
    assert each_once(relay) == PEOPLE - 1


def wait_until(ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not ready():
        assert time.monotonic() < deadline
        time.sleep(0.05)
