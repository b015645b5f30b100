"""A sender that is stopped and not dead: nobody may take its letters, and somebody must be told."""

from __future__ import annotations

import fcntl
import os
import signal
import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.project import COMMAND
from tests.system.failures_scene import Scene, scene_in

LETTERS = 200


def hung_sender(scene: Scene) -> subprocess.Popen[bytes]:
    """A run that the relay's third letter stops (SIGSTOP), and that has given no sign of life for two minutes."""
    process = subprocess.Popen(
        [COMMAND, "campaigns/spring.yaml", "--yes"],
        cwd=scene.project.folder,
        env=scene.project.environment | scene.settings("hung.example") | {"SENDER_CONNECTIONS": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    scene.sink.arm("hung.example", process.pid, 3, "mail", lambda: os.kill(process.pid, signal.SIGSTOP))
    os.waitpid(process.pid, os.WUNTRACED)
    for _ in range(20):
        if made_silent(scene):
            return process
        process.send_signal(signal.SIGCONT)  # it was stopped in the middle of a transaction: a little further
        time.sleep(0.002)
        process.send_signal(signal.SIGSTOP)
        os.waitpid(process.pid, os.WUNTRACED)
    process.kill()
    process.wait(30)
    raise AssertionError("it was in a transaction every time it was stopped")


def held(lock: Path) -> bool:
    """Whether the stopped sender has locked one of the turnstile's files."""
    with lock.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def made_silent(scene: Scene) -> bool:
    """Put the run's last sign of life two minutes back; False where the data base or its turnstile is held just now."""
    if any(map(held, scene.database.parent.glob(f"{scene.database.name}.*"))):
        return False
    with closing(sqlite3.connect(scene.database, timeout=0.2)) as base:
        try:
            with base:
                base.execute("UPDATE runs SET lease_until = '2026-01-01T00:01:00.000000Z' WHERE state = 'live'")
        except sqlite3.OperationalError:
            return False
    return True


@pytest.mark.parametrize(("language", "words"), [("en", "no sign of life"), ("fr", "plus signe de vie")])
def test_letters_of_a_hung_run_are_told_about(tmp_path: Path, language: str, words: str) -> None:
    """75 with the process's number, from the next run and from status; once it is killed the next run goes on."""
    with scene_in(tmp_path, audience=LETTERS) as scene:
        scene.begin()
        process = hung_sender(scene)
        try:
            beside = scene.send(SENDER_LANGUAGE=language)
            status = scene.project.run("status", "campaigns/spring.yaml", SENDER_LANGUAGE=language)
            as_json = scene.project.run("status", "campaigns/spring.yaml", "--json").json["campaigns"][0]
        finally:
            process.kill()
            process.wait(30)

        for result in (beside, status):
            assert result.status == 75, result
            assert words in result.out
            assert str(process.pid) in result.out
            assert "2026-01-01 00:00:00 UTC" in result.out
        assert [run["process"] for run in as_json["hung"]] == [process.pid]
        assert as_json["hung"][0]["letters"] >= 10
        scene.sink.drained("hung.example")
        book = scene.go_on()
        assert len(book.sent("unknown")) <= 2


def test_a_hung_run_that_wakes_up_takes_nothing_twice(tmp_path: Path) -> None:
    """It holds its claims all the while: it finishes them itself, and the run beside it had none of them."""
    with scene_in(tmp_path, audience=LETTERS) as scene:
        scene.begin()
        process = hung_sender(scene)
        try:
            scene.send()
            process.send_signal(signal.SIGCONT)
            process.wait(60)
        finally:
            process.kill()
        scene.sink.drained("hung.example")
        book = scene.go_on()

        assert book.sent("unknown") == set()
