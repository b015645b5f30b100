"""A small campaign on a project of its own, its sink, and ways to spoil what it stands on."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.project import COMMAND, Project, Result
from tests.system.kill_campaign import Book, local_only
from tests.system.kill_sink import KillSink
from tests.system.size_project import make_project

AUDIENCE = 120
WITHOUT_ROOT_POWERS = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")
"""Permissions hold for root too in what is run behind these words."""


@dataclass
class Scene:
    project: Project
    sink: KillSink
    audience: int = AUDIENCE
    started: int = 0

    @property
    def database(self) -> Path:
        return self.project.folder / "campaigns" / "sender.db"

    @property
    def state(self) -> Path:
        """The folder SENDER_STATE of the only base."""
        return next(path.parent for path in (self.project.home / "state").rglob("host"))

    def send(
        self,
        *arguments: str,
        at: int = 0,
        point: str = "mail",
        deed: Callable[[], None] | None = None,
        behind: tuple[str, ...] = (),
        preexec: Callable[[], None] | None = None,
        **environment: str,
    ) -> Result:
        """Run the campaign; at the ``at``-th letter the sink does ``deed``, or kills. ``behind``: words before ours."""
        self.started += 1
        helo = f"run-{self.started}.example"
        process = subprocess.Popen(
            [*behind, COMMAND, "campaigns/spring.yaml", "--yes", *arguments],
            cwd=self.project.folder,
            env=self.project.environment | self.settings(helo) | environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=preexec,
        )
        trigger = self.sink.arm(helo, process.pid, at, point, deed)
        try:
            out, err = process.communicate(timeout=120)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        assert trigger.fired or not at, "the deed was never done"
        self.sink.drained(helo)
        return Result(process.returncode, out, err)

    def settings(self, helo: str) -> dict[str, str]:
        return {"SENDER_RELAY": f"smtp+plain://127.0.0.1:{self.sink.port}", "SENDER_HELO": helo}

    def begin(self, letters: int = 1) -> None:
        """A first run in peace: the base is there, and so many letters are sent."""
        done = self.send("--limit", str(letters))
        assert done.status == 0, done.err

    def go_on(self) -> Book:
        """The trouble is over: the next run serves everybody else, and nobody gets it twice."""
        last = self.send()
        assert last.status in {0, 74}, last.err
        book = Book.read(f"sqlite:///{self.database}")
        self.check(book)
        sums = self.project.run("status", "campaigns/spring.yaml", "--json").json["campaigns"][0]["sums"]
        assert sums["accepted"] + sums["unknown"] == self.audience
        assert sums["waiting"] == sums["sending"] == sums["refused"] == sums["deferred"] == 0
        return book

    def check(self, book: Book) -> None:
        taken = self.sink.taken
        assert [name for name, count in taken.items() if count > 1] == []
        assert book.sent("accepted") <= set(taken)
        assert set(taken) <= book.sent("accepted") | book.sent("unknown")


@contextmanager
def scene_in(folder: Path, audience: int = AUDIENCE) -> Iterator[Scene]:
    project = make_project(folder, audience, held_every=0)
    local_only(project)
    with KillSink() as sink:
        yield Scene(project, sink, audience)


def watcher_of_syncs(folder: Path) -> Path:
    """The library of failures_synced.c, to be loaded before a sender's C library."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("there is no C compiler on this machine")
    library = folder / "synced.so"
    source = Path(__file__).with_name("failures_synced.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], check=True)
    return library


def demand_clear(result: Result, status: int, code: str) -> None:
    """What, why and what to do, under the right code and exit status; no word of Python's."""
    assert (result.status, f"error {code}" in result.err) == (status, True), result
    assert "Traceback" not in result.err
    lines = [line for line in result.err.splitlines() if line.strip()]
    first = next(number for number, line in enumerate(lines) if line.startswith(f"error {code}"))
    assert all(line.startswith(" ") for line in lines[first + 1 : first + 3]), result.err
    assert len(lines[first + 1 : first + 3]) == 2, result.err
