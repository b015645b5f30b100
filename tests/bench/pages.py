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

_APART = 'keys = "keys"\nstate = "state"\nlog = "pages.log"\n'
_PROBE_SECONDS = 0.02


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

    @property
    def median(self) -> float:
        return statistics.median(self.seconds) if self.seconds else float("nan")


@dataclass(frozen=True)
class Measured:
    """Rates a second, and medians in seconds. ``letters_alone`` is the same campaign without anybody pressing."""

    alone: float
    beside: float
    answer_alone: float
    answer_beside: float
    letters_alone: float
    letters_beside: float
    wait_beside: float


def measure(posts: int, contacts: int, port: int) -> Measured:
    """``port``: of the sink. Half of the contacts are sent to in peace, the other half beside the objections."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        project = make_project(Path(folder), contacts, held_every=0)
        settings = project.folder / "campaigns" / "sender.toml"
        settings.write_text(settings.read_text(encoding="utf-8") + _APART, encoding="utf-8")
        assert project.run("check", "campaigns/spring.yaml").status == 0
        relay = {"SENDER_RELAY": f"smtp+plain://127.0.0.1:{port}"}
        first = project.run(
            "campaigns/spring.yaml", "--yes", "--create", "--json", "--limit", str(contacts // 2), **relay
        )
        assert first.status == 0, first.err
        os.environ["XDG_STATE_HOME"] = str(project.home / "state")
        with wiring.opened(load(project.folder / "campaigns"), practice=False) as house:
            return _measured(project, house, posts, relay, _rate(first.json))


def _measured(project: Project, house: House, posts: int, relay: dict[str, str], letters_alone: float) -> Measured:
    socket = project.folder / "pages.sock"
    server = start(project.folder / "campaigns", socket, project.environment)
    try:
        asyncio.run(Crowd(socket, presses(house, 100)).press_all())  # it is up by then
        alone, seconds_alone = _press(socket, house, posts)
        probe = Probe(house.store)
        with probe.watching():
            sending = project.start("campaigns/spring.yaml", "--yes", "--json", **relay)
            crowd, until = [], time.monotonic() + 300
            while sending.poll() is None and time.monotonic() < until:
                crowd.append(_press(socket, house, posts // 4))
            out, err = sending.communicate(timeout=60)
        assert sending.returncode == 0, err
    finally:
        server.terminate()
        server.wait(60)
    rates, answers = [rate for rate, _ in crowd], [one for _, each in crowd for one in each]
    return Measured(
        alone,
        statistics.median(rates),
        statistics.median(seconds_alone),
        statistics.median(answers),
        letters_alone,
        _rate(json.loads(out)),
        probe.median,
    )


def _press(socket: Path, house: House, posts: int) -> tuple[float, list[float]]:
    crowd = Crowd(socket, presses(house, posts))
    begun = time.monotonic()
    asyncio.run(crowd.press_all())
    return posts / (time.monotonic() - begun), crowd.seconds


def _rate(said: dict[str, dict[str, float]]) -> float:
    return float(said["summary"]["accepted_now"]) / float(said["summary"]["seconds"])
