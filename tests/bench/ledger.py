"""What a letter costs the thread that commits: claimed by the page, opened and answered in groups, synced each time.

python tests/bench/ledger.py [--letters N] [--groups 10,20,40] [--rounds N] [--profile]

Milliseconds of a processor a letter, the least of the rounds: what other programs take of the machine is not ours.
"""

from __future__ import annotations

import argparse
import cProfile
import gc
import os
import pstats
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

from sqlalchemy import Connection

sys.path.insert(0, str(Path(__file__).parents[2]))

from sender import ledger, pipeline
from sender.cli import wiring
from sender.cli.main import COLLECTED_AFTER
from sender.contacts import page
from sender.ledger import Claim, Closing, Heard, Opened, Pace, Run, Wanted
from sender.model import Answer, Outcome
from sender.steps.house import House
from sender.steps.pacing import pace_of
from sender.steps.wishes import Wishes
from sender.store import Writer
from tests.bench import mail
from tests.bench.ours import lay_out

PAGE = 100  # claims at once, as the desk takes them
TAKEN = Answer(Outcome.ACCEPTED, 250, "2.0.0", "Ok: queued as 4F1A2B3C4D", "dot")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--letters", type=int, default=1000, help="in each round of each size")
    parser.add_argument("--groups", default="10,20,40", help="letters in a commit")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--profile", action="store_true")
    given = parser.parse_args()
    gc.set_threshold(COLLECTED_AFTER)
    groups = [int(size) for size in given.groups.split(",")]
    with tempfile.TemporaryDirectory(prefix="bench-ledger-") as folder:
        people = (given.letters + 2 * max(PAGE, *groups)) * len(groups) * given.rounds
        project = lay_out(Path(folder), people)
        os.environ["HOME"] = str(project.home)
        for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
            os.environ.pop(name, None)
        watched = cProfile.Profile() if given.profile else None
        measure(project.campaign, groups, given.letters, given.rounds, watched)
    if watched:
        pstats.Stats(watched).sort_stats("tottime").print_stats(50)


def measure(campaign: Path, groups: list[int], letters: int, rounds: int, watched: cProfile.Profile | None) -> None:
    brief = pipeline.read(campaign)
    with wiring.opened(wiring.settings_for(campaign), practice=False, create=True) as house:
        planned = pipeline.plan(house, brief, reserved_allowed=True)
        pace = pace_of(house, brief.campaign, planned.campaign_id)
        run = ledger.start(house.store, house.state, planned.campaign_id, house.now(), pace)
        sending = Sending(house, run, pace, Wishes(brief.campaign.topics, house.today), watched)
        spent = {size: min(sending.spent(letters, size) for _ in range(rounds)) for size in groups}
        ledger.end(house.store, house.state, run, house.now())
    for size, (whole, claims) in spent.items():
        print(f"{size:3} letters a commit: {whole * 1000:.4f} ms each, {claims * 1000:.4f} of them for its claim")


class Sending:
    """Does what the desk does, without a wire."""

    def __init__(
        self, house: House, run: Run, pace: Pace, wishes: Wishes, watched: cProfile.Profile | None = None
    ) -> None:
        self._house, self._run, self._pace, self._wishes, self._watched = house, run, pace, wishes, watched
        self._claims: list[Claim] = []
        self._claiming = 0.0

    def spent(self, letters: int, size: int) -> tuple[float, float]:
        """Seconds of a processor a letter, and those of it for its claim, where ``size`` share a commit."""
        writer, flying = Writer(self._house.store), list[Opened]()
        self._claiming = 0.0
        begun = writer.submit(self._begin).result()
        for opening in (*[size] * (letters // size), 0):
            while len(self._claims) < opening:
                self._claims += writer.submit(self._page).result()
            flying = writer.submit(partial(self._commit, answered=flying, opening=opening)).result()
        spent = writer.submit(self._end).result() - begun
        writer.submit(lambda connection: ledger.release(connection, self._claims)).result()
        self._claims.clear()
        writer.close()
        done = letters // size * size
        return spent / done, self._claiming / done

    def _begin(self, _: Connection) -> float:
        if self._watched:
            self._watched.enable()
        return time.thread_time()

    def _end(self, _: Connection) -> float:
        ended = time.thread_time()
        if self._watched:
            self._watched.disable()
        return ended

    def _page(self, connection: Connection) -> tuple[Claim, ...]:
        begun = time.thread_time()
        claims = ledger.claim(connection, self._run.campaign_id, self._run.id, PAGE, self._house.now(), self._pace)
        people = page(connection, [one.contact for one in claims])
        assert claims
        assert len(people) == len(claims)
        self._claiming += time.thread_time() - begun
        return claims

    def _commit(self, connection: Connection, *, answered: list[Opened], opening: int) -> list[Opened]:
        now, heard, mine = self._house.now(), Heard(), self._claims[:opening]
        del self._claims[:opening]
        wanted = [Wanted(one, f"<{one.contact}@eluard.example>", mail.SUBJECT) for one in mine]
        closings = [Closing(one, TAKEN) for one in answered]
        ledger.close_attempts(connection, closings, now, pace=self._pace, heard=heard)
        against, state = self._wishes.against, self._house.state
        results = ledger.open_attempts(connection, state, wanted, now, against, self._pace, heard)
        opened = [one for one in results if isinstance(one, Opened)]
        assert len(opened) == opening
        return opened


if __name__ == "__main__":
    main()
