"""One-click POSTs a second, each durable, alone and beside a campaign that sends; and how long writers wait."""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sender.cli import wiring
from sender.settings import load
from sender.steps.house import House
from sender.store import Store
from tests.project import Project
from tests.system.pages_load import Crowd, presses, start
from tests.system.size_project import make_project

ROUNDS = 3
STEADY = 500
"""POSTs a second that the pages are to take beside a campaign at full speed."""

_APART = 'keys = "keys"\nstate = "state"\nlog = "pages.log"\n'
_PROBE_SECONDS = 0.02
_LONGEST = 300  # seconds for one campaign
_TICK = os.sysconf("SC_CLK_TCK")


@dataclass
class Probe:
    """A writer of its own beside all others: how long a transaction that changes nothing takes, door to door."""

    store: Store
    seconds: list[float] = field(default_factory=list)

    @contextmanager
    def watching(self) -> Iterator[None]:
        ended = threading.Event()
        thread = threading.Thread(target=self._run, args=(ended,))
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def _run(self, ended: threading.Event) -> None:
        while not ended.wait(_PROBE_SECONDS):
            begun = time.perf_counter()
            with self.store.write():
                pass
            self.seconds.append(time.perf_counter() - begun)


@dataclass(frozen=True)
class Pressed:
    """What one crowd met. ``answers``: seconds of each; ``server``, ``crowd``: processor seconds for all of them."""

    begun: float
    seconds: float
    answers: list[float]
    server: float
    crowd: float


@dataclass(frozen=True)
class Phase:
    """Rates a second and medians in seconds; None where nobody pressed, or nothing was sent.

    ``wait``: of any writer of the same data base. ``server``, ``crowd``: processor seconds for each POST.
    """

    posts: float | None = None
    answer: float | None = None
    server: float | None = None
    crowd: float | None = None
    letters: float | None = None
    wait: float | None = None


@dataclass(frozen=True)
class Measured:
    """``pressed``: POSTs alone; ``sent``: a campaign alone; ``beside``: both, as fast as they go; ``steady``: the
    campaign as fast as it goes, and ``STEADY`` POSTs a second."""

    pressed: Phase
    sent: Phase
    beside: Phase
    steady: Phase


def measure(posts: int, contacts: int, port: int) -> Measured:
    """``port``: of the sink. A third of the contacts is sent to in each of the three ways."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        project = make_project(Path(folder), contacts, held_every=0)
        settings = project.folder / "campaigns" / "sender.toml"
        settings.write_text(settings.read_text(encoding="utf-8") + _APART, encoding="utf-8")
        assert project.run("check", "campaigns/spring.yaml").status == 0
        os.environ["XDG_STATE_HOME"] = str(project.home / "state")
        with wiring.opened(load(project.folder / "campaigns"), practice=False, create=True) as house:
            return Scene(project, house, contacts // 3, posts, port).measured()


@dataclass
class Scene:
    """One project, its pages, and a relay that takes everything. ``letters`` and ``posts``: in each phase."""

    project: Project
    house: House
    letters: int
    posts: int
    port: int

    def measured(self) -> Measured:
        self.socket = self.project.folder / "pages.sock"
        server = start(self.project.folder / "campaigns", self.socket, self.project.environment)
        self.process = server.pid
        try:
            self._press(100)  # it is up by then
            pressed = _phase([self._press(self.posts) for _ in range(ROUNDS)])
            return Measured(pressed, self._sent(0), self._sent(self.posts // 4), self._sent(2 * STEADY, STEADY))
        finally:
            server.terminate()
            server.wait(60)

    def _sent(self, posts: int, rate: float | None = None) -> Phase:
        """A campaign that sends, beside crowds of so many ``posts`` one after the other."""
        relay = {"SENDER_RELAY": f"smtp+plain://127.0.0.1:{self.port}"}
        probe, crowds, until = Probe(self.house.store), [], time.monotonic() + _LONGEST
        with probe.watching():
            sending = self.project.start(
                "campaigns/spring.yaml", "--yes", "--json", "--limit", str(self.letters), **relay
            )
            while posts and sending.poll() is None and time.monotonic() < until:
                crowds.append(self._press(posts, rate))
            out, err = sending.communicate(timeout=_LONGEST)
        ended = time.monotonic()
        assert sending.returncode == 0, err
        summary = json.loads(out)["summary"]
        meanwhile = [one for one in crowds if one.begun > ended - float(summary["seconds"])]
        letters = float(summary["accepted_now"]) / float(summary["seconds"])
        return _phase(meanwhile or crowds, letters, statistics.median(probe.seconds))

    def _press(self, posts: int, rate: float | None = None) -> Pressed:
        crowd = Crowd(self.socket, presses(self.house, posts), rate=rate)
        begun, server, ours = time.monotonic(), _spent(self.process), time.process_time()
        asyncio.run(crowd.press_all())
        seconds = time.monotonic() - begun
        return Pressed(begun, seconds, crowd.seconds, _spent(self.process) - server, time.process_time() - ours)


def _phase(crowds: list[Pressed], letters: float | None = None, wait: float | None = None) -> Phase:
    if not crowds:
        return Phase(letters=letters, wait=wait)
    posts = sum(len(one.answers) for one in crowds)
    return Phase(
        statistics.median(len(one.answers) / one.seconds for one in crowds),
        statistics.median(each for one in crowds for each in one.answers),
        sum(one.server for one in crowds) / posts,
        sum(one.crowd for one in crowds) / posts,
        letters,
        wait,
    )


def _spent(process: int) -> float:
    """Processor seconds of a process so far, all its threads together."""
    said = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()  # proc_pid_stat(5)
    return (int(said[11]) + int(said[12])) / _TICK
