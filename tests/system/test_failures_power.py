"""The power is cut: what the program had not asked the disk to keep is gone."""

from __future__ import annotations

import random
import signal
from pathlib import Path

from tests.system.failures_scene import Scene, scene_in, watcher_of_syncs
from tests.system.kill_campaign import Book, seed
from tests.system.kill_sink import POINTS

CUTS = 6
LONGEST_LOG = 4_000_000  # bytes; SQLite copies its log into the data base from 1,000 pages on, and begins it anew


def test_what_was_on_the_wire_is_known_after_a_power_cut(tmp_path: Path) -> None:
    """Each letter that the relay took has its attempt in what was synced; the next run mails nobody twice."""
    draw, library = random.Random(chosen := seed()), watcher_of_syncs(tmp_path)
    with scene_in(tmp_path, audience=150) as scene:
        scene.begin()
        for _ in range(CUTS):
            cut_the_power(scene, library, draw)
            book = Book.read(f"sqlite:///{scene.database}")
            known = set().union(*book.ids.values())
            assert set(scene.sink.taken) <= known, f"seed {chosen}: the relay took what nobody remembers"
        scene.go_on()


def cut_the_power(scene: Scene, library: Path, draw: random.Random) -> None:
    """Kill the sender, then take back what its data base had not yet synced, and what is never synced."""
    log = scene.project.folder / "synced"
    log.unlink(missing_ok=True)
    letter, point = draw.randint(1, 12), draw.choice(POINTS)
    watched = {"LD_PRELOAD": str(library), "SYNCED_LOG": str(log), "SYNC_TAKES": "15"}
    killed = scene.send(at=letter, point=point, **watched)
    assert killed.status == -signal.SIGKILL, killed
    journal = scene.database.with_name("sender.db-wal")
    kept = max((end for end, name in synced(log) if name == str(journal)), default=0)
    assert kept <= LONGEST_LOG
    with journal.open("r+b") as file:
        file.truncate(kept)
    scene.database.with_name("sender.db-shm").unlink(missing_ok=True)
    for count in (scene.state / "runs").iterdir():
        count.write_bytes(b"")


def synced(log: Path) -> list[tuple[int, str]]:
    """How far which file was kept, request by request."""
    found = []
    for line in log.read_text(encoding="utf-8").splitlines():
        end, _, name = line.partition(" ")
        found.append((int(end), name))
    return found
