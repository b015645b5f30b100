"""What it costs to plan a campaign whose audience the base has never seen: N rows read, entered, judged, written down.

python tests/bench/planning.py [--people N] [--profile]
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
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from sender import pipeline
from sender.cli import wiring
from sender.cli.main import COLLECTED_AFTER
from tests.system.size_project import make_project


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--profile", action="store_true")
    given = parser.parse_args()
    gc.set_threshold(COLLECTED_AFTER)
    with tempfile.TemporaryDirectory(prefix="bench-planning-") as folder:
        project = make_project(Path(folder), given.people)
        os.environ["HOME"] = str(project.home)
        for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
            os.environ.pop(name, None)
        plan(project.folder / "campaigns" / "spring.yaml", profile=given.profile)


def plan(campaign: Path, *, profile: bool) -> None:
    settings, watched = wiring.settings_for(campaign), cProfile.Profile()
    with wiring.opened(settings, practice=True, create=True) as house:
        began, worked = time.perf_counter(), time.process_time()
        if profile:
            watched.enable()
        planned = pipeline.plan(house, pipeline.read(campaign), reserved_allowed=True).plan
        watched.disable()
        passed, worked = time.perf_counter() - began, time.process_time() - worked
    people = planned.to_send + planned.held_contacts
    print(f"{people} people in {passed:.1f} s; processor {worked:.2f} s: {worked / people * 1e6:.0f} microseconds each")
    if profile:
        pstats.Stats(watched).sort_stats("cumulative").print_stats(60)


if __name__ == "__main__":
    main()
