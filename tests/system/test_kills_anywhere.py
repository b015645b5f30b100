"""A sender killed wherever it speaks to the disk or to another process: while it makes its base, plans, sends, ends."""

from __future__ import annotations

import random
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, select

from sender.store import Store
from sender.store.migrate import upgrade
from sender.store.schema import journal
from tests.databases import new_database
from tests.system.failures_scene import Scene, scene_in, watcher_of_syncs
from tests.system.kill_campaign import Book, seed

AUDIENCE = 12
CREATIONS = 5
SHARE = {"sqlite": 2, "postgresql": 16}  # of all the places where it can be killed, one in so many is drawn


@pytest.fixture
def library(tmp_path: Path) -> Path:
    return watcher_of_syncs(tmp_path)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/own.db"
        return
    with new_database(request.getfixturevalue("postgresql")) as made:
        yield made


def test_a_sender_killed_anywhere_leaves_nothing_broken(tmp_path: Path, library: Path, url: str) -> None:
    """Each kill falls at another place of a run that goes on from the last; in the end everybody was served once."""
    chosen = seed()
    draw, killed, kind = random.Random(chosen), {}, url.partition(":")[0]
    with scene_in(tmp_path, audience=AUDIENCE) as scene:
        at = 1
        while killed_at(scene, library, url, at):
            killed[at] = True
            at += draw.randint(1, 2 * SHARE[kind])
        peace(scene, url)
        check(scene, url)
    print(f"{kind}: killed at {len(killed)} places, seed {chosen}", file=sys.stderr)
    assert len(killed) >= 5


@pytest.mark.parametrize("begun", ["from nothing", "with the first version's tables"])
def test_a_sender_killed_while_it_makes_its_base(tmp_path: Path, library: Path, begun: str) -> None:
    """Keys, files apart, tables: whatever was made by then, the next run makes the rest and serves everybody."""
    chosen = seed()
    for number, at in enumerate(random.Random(chosen).sample(range(1, 30), CREATIONS)):
        folder = tmp_path / str(number)
        folder.mkdir()
        url = f"sqlite:///{folder}/own.db"
        with scene_in(folder, audience=AUDIENCE) as scene:
            if begun != "from nothing":
                make_older(folder / "own.db")
            killed_at(scene, library, url, at)
            peace(scene, url)
            check(scene, url)


def make_older(file: Path) -> None:
    """A data base as the first version left it when it was interrupted before it had a name."""
    file.touch(mode=0o600)
    engine = create_engine(f"sqlite:///{file}")
    with engine.begin() as connection:
        upgrade(connection, "0001")
    engine.dispose()


def killed_at(scene: Scene, library: Path, url: str, at: int) -> bool:
    """Whether the sender came that far."""
    done = scene.send("--create", "--limit", "3", LD_PRELOAD=str(library), KILL_AT=str(at), SENDER_DATABASE=url)
    assert done.status in {0, 74, -signal.SIGKILL}, done
    assert "Traceback" not in done.err
    return done.status == -signal.SIGKILL


def peace(scene: Scene, url: str) -> None:
    """The next run needs nobody's help, and there is nothing left to do after it."""
    done = scene.send("--create", SENDER_DATABASE=url)
    assert done.status in {0, 74}, done


def check(scene: Scene, url: str) -> None:
    book = Book.read(url)
    scene.check(book)
    assert len(book.sent("accepted") | book.sent("unknown")) == AUDIENCE
    whole = scene.project.here("journal", "verify", SENDER_DATABASE=url)
    assert whole.status == 0, whole
    store = Store.open(url)
    try:
        with store.read() as connection:
            kinds = set(connection.execute(select(journal.c.kind)).scalars())
    finally:
        store.close()
    assert {"decided", "run_started", "run_ended"} <= kinds
