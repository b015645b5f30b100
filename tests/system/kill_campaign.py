"""One campaign, killed again and again until everybody was served; and what must be true of it afterwards."""

from __future__ import annotations

import os
import random
import signal
import statistics
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import select

from sender.store import Store
from sender.store.schema import attempts, letters
from tests.project import Project
from tests.system.kill_sink import POINTS, KillSink, Trigger

CONNECTIONS = 10
WINDOW = 2  # of a relay with PIPELINING: one letter waits for its 250, the next one's commands are out
WINDOW_OF_CHUNKS = 8  # of a relay with CHUNKING: the default of SENDER_WINDOW; near by no more than four
LONGEST_RUN = 300  # seconds; a run that hangs is a failure


@dataclass
class Victim:
    """A sender under way, and the trigger that watches it."""

    process: subprocess.Popen[str]
    trigger: Trigger
    started: float
    helo: str

    def end(self) -> int:
        """Its exit status. A hanging one fails the test."""
        try:
            self.words = self.process.communicate(timeout=LONGEST_RUN)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        return self.process.returncode

    @property
    def seconds_to_first_letter(self) -> float | None:
        at = self.trigger.first_letter_at
        return None if at is None else at - self.started


@dataclass
class Record:
    """What the kills hit, and how long the next run took to its first letter."""

    kills: int = 0
    with_letter: int = 0
    points: Counter[str] = field(default_factory=Counter)
    after_kill: list[float] = field(default_factory=list)
    after_peace: list[float] = field(default_factory=list)

    def note(self, trigger: Trigger) -> None:
        self.kills += 1
        self.with_letter += trigger.on_wire > 0
        self.points[trigger.point] += 1


@dataclass
class KilledCampaign:
    """Starts senders of one project against one sink. ``url``: its data base; ``workers``: processes that send."""

    project: Project
    sink: KillSink
    url: str
    draw: random.Random
    workers: int = 1
    record: Record = field(default_factory=Record)
    started: int = 0

    @property
    def window(self) -> int:
        return WINDOW_OF_CHUNKS if self.sink.chunking else WINDOW

    def start(self, message: int = 0, *arguments: str, deed: Callable[[int], None] | None = None) -> Victim:
        """``deed``: what is done to the process at that message, instead of killing it."""
        self.started += 1
        helo = f"sender-{self.started}.example"
        begun = time.monotonic()
        process = self.project.start(
            "campaigns/spring.yaml", "--yes", "--create", "--json", *arguments,
            SENDER_RELAY=f"smtp+plain://127.0.0.1:{self.sink.port}",
            SENDER_DATABASE=self.url,
            SENDER_HELO=helo,
            SENDER_CONNECTIONS=str(CONNECTIONS),
            SENDER_WORKERS=str(self.workers),
        )  # fmt: skip
        shot = partial(deed, process.pid) if deed else None
        return Victim(process, self.sink.arm(helo, process.pid, message, self.draw.choice(POINTS), shot), begun, helo)

    def kill_one(self, most: int) -> Victim:
        """Start a sender and let the sink kill it at one of its first ``most`` letters."""
        victim = self.start(self.draw.randint(1, most))
        self.bury(victim)
        return victim

    def kill_a_worker(self, most: int) -> None:
        """One of its workers dies at one of the run's first ``most`` letters; the others go on, up to a limit."""
        message = self.draw.randint(1, most)
        run = self.start(message, "--limit", str(2 * most), deed=self._kill_child_of)
        assert run.end() in {0, 74}, run.words
        assert run.trigger.fired
        self.record.note(run.trigger)

    def _kill_child_of(self, process: int) -> None:
        os.kill(self.draw.choice(children(process)), signal.SIGKILL)

    def bury(self, victim: Victim) -> None:
        status = victim.end()
        assert status == -signal.SIGKILL, f"ended by itself with {status}: {victim.words}"
        self.sink.drained(victim.helo)
        self.record.note(victim.trigger)

    def kill_repeatedly(self, kills: int, most: int, peaceful_every: int = 10) -> None:
        """Now and then a run ends in peace after one letter: the yardstick for how soon the next one goes on."""
        before = None
        for number in range(kills):
            victim = self.kill_one(most)
            self._time(victim, before)
            before = "kill"
            if number % peaceful_every == peaceful_every - 1:
                calm = self.start(0, "--limit", "1")
                assert calm.end() in {0, 74}, calm.words
                self._time(calm, before)
                again = self.start(0, "--limit", "1")
                assert again.end() in {0, 74}, again.words
                self._time(again, "peace")
                before = "peace"

    def _time(self, victim: Victim, before: str | None) -> None:
        seconds = victim.seconds_to_first_letter
        if seconds is not None and before:
            (self.record.after_kill if before == "kill" else self.record.after_peace).append(seconds)

    def finish(self) -> dict[str, Any]:
        """The last run, left in peace; its sums."""
        last = self.start()
        status = last.end()
        assert status in {0, 74}, last.words
        shown = self.project.run("status", "campaigns/spring.yaml", "--json", SENDER_DATABASE=self.url)
        sums: dict[str, Any] = shown.json["campaigns"][0]["sums"]
        return sums

    def check(self, sums: dict[str, Any], audience: int) -> list[str]:
        """Everything that must hold afterwards; the lines of the transcript."""
        book = Book.read(self.url)
        taken = self.sink.taken
        assert {name: count for name, count in taken.items() if count > 1} == {}, "somebody got it twice"
        assert sum(value for name, value in sums.items() if name != "audience") == audience
        assert sums["waiting"] == sums["sending"] == sums["deferred"] == sums["refused"] == 0
        assert book.sent("accepted") <= set(taken), "written down as accepted, and the relay never took it"
        assert book.sent("refused") == book.sent("deferred") == set(), "this relay refused nobody"
        assert set(taken) <= book.sent("accepted") | book.sent("unknown"), "taken, and the ledger says otherwise"
        assert sums["accepted"] == len(book.sent("accepted"))
        assert sums["unknown"] == len(book.sent("unknown"))
        assert max(book.unknown_by_run.values(), default=0) <= CONNECTIONS * self.window
        assert len(book.unknown_by_run) <= self.record.kills
        assert book.in_doubt_more_than_once == 0
        unknown_taken = len(book.sent("unknown") & set(taken))
        return [
            f"{self.record.kills} kills over {audience} contacts, {self.record.with_letter} of them with a letter on "
            f"the wire ({100 * self.record.with_letter // max(1, self.record.kills)} %)",
            "points: " + ", ".join(f"{name} {self.record.points[name]}" for name in POINTS),
            f"sums: {', '.join(f'{value} {name}' for name, value in sums.items() if value)}",
            f"the relay took {len(taken)} letters, none twice; {sums['accepted']} are written down as accepted",
            f"unknown: {sums['unknown']} ({unknown_taken} of them taken), "
            f"at most {max(book.unknown_by_run.values(), default=0)} after one kill "
            f"({CONNECTIONS} connections, a window of {self.window})",
            *self._times(),
        ]

    def _times(self) -> list[str]:
        after, peace = self.record.after_kill, self.record.after_peace
        if not after or not peace:
            return []
        plain = statistics.median(peace)
        return [
            f"process start to first letter: {plain:.2f} s after a peaceful end (median of {len(peace)}); after a kill "
            f"{statistics.median(after) - plain:+.2f} s (median of {len(after)}), {max(after) - plain:+.2f} s at most"
        ]


@dataclass(frozen=True)
class Book:
    """What the ledger says, read past the program."""

    ids: dict[str, set[str]]
    unknown_by_run: Counter[str]
    in_doubt_more_than_once: int

    def sent(self, state: str) -> set[str]:
        """Message-IDs of the letters that stand in ``state``."""
        return self.ids.get(state, set())

    @classmethod
    def read(cls, url: str) -> Book:
        store = Store.open(url)
        try:
            with store.read() as connection:
                joined = attempts.join(
                    letters,
                    (letters.c.campaign_id == attempts.c.campaign_id) & (letters.c.contact_id == attempts.c.contact_id),
                )
                wanted = (attempts.c.message_id, attempts.c.outcome, attempts.c.run_id, letters.c.state)
                rows = connection.execute(select(*wanted).select_from(joined)).all()
        finally:
            store.close()
        ids: dict[str, set[str]] = {}
        doubts: Counter[str] = Counter()
        for row in rows:
            ids.setdefault(row.state, set()).add(row.message_id)
            if row.outcome == "unknown":
                doubts[row.message_id] += 1
        lost = Counter(row.run_id for row in rows if row.outcome == "unknown")
        return cls(ids, lost, sum(count > 1 for count in doubts.values()))


def children(process: int) -> list[int]:
    """Those that it forked."""
    found = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii")
    return [int(one) for one in found.split()]


def local_only(project: Project) -> None:
    """Leave the mailbox out that takes requests to stop: nobody reads it here. The invented pages are not asked for."""
    project.replace("campaigns/sender.toml", "unsubscribe_mailbox =", "# unsubscribe_mailbox =")


def seed() -> int:
    """Drawn anew each time and printed, so that a failure can be played again: KILL_SEED=... make test-system."""
    return int(os.environ.get("KILL_SEED") or random.SystemRandom().randrange(10**6))
