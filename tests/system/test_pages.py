"""The public pages under kills. ``python -m tests.system.pages_load`` runs the full count; here a fifth, same code."""

from __future__ import annotations

import random
import sys
from pathlib import Path

from tests.pages import Scene
from tests.system.kill_campaign import seed
from tests.system.pages_load import kill_among

POSTS, KILLS = 2_000, 5


def test_whoever_was_answered_is_in_force_whatever_was_killed(tmp_path: Path) -> None:
    """SIGKILL in the middle of thousands of POSTs: each that was answered 200 counts, and is journalled once."""
    chosen = seed()
    with Scene.open(tmp_path) as scene:
        lines = kill_among(POSTS, KILLS, scene, random.Random(chosen))

    print("\n".join([f"seed {chosen}", *lines]), file=sys.stderr)
