"""What a campaign stands on is taken away: each time a clear word, the right exit status, and nobody mailed twice."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.system.failures_scene import WITHOUT_ROOT_POWERS, Scene, demand_clear, scene_in


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with scene_in(tmp_path) as made:
        yield made


def test_a_full_disk_stops_the_run(scene: Scene) -> None:
    """The file system of the project fills up in mid-run: 69, and after room was made everybody else is served."""
    room = scene.project.folder / "campaigns"
    with small_disk(room, megabytes=4):
        scene.begin()
        result = scene.send(at=20, deed=lambda: fill(room / "ballast"))
        demand_clear(result, 69, "SC-506")
        (room / "ballast").unlink()
        scene.go_on()


def test_a_file_that_may_not_grow_stops_the_run(scene: Scene) -> None:
    """A limit on the size of files (a quota): the driver calls it an input/output error."""
    scene.begin()
    largest = scene.database.stat().st_size

    result = scene.send(preexec=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest)))

    demand_clear(result, 69, "SC-507" if "SC-507" in result.err else "SC-506")
    scene.go_on()


def test_a_data_base_that_may_not_be_written(scene: Scene) -> None:
    """Nothing was planned and nothing sent: 69."""
    scene.begin()
    taken = dict(scene.sink.taken)
    scene.database.chmod(0o400)

    result = scene.send(behind=WITHOUT_ROOT_POWERS if os.geteuid() == 0 else ())

    demand_clear(result, 69, "SC-507")
    assert scene.sink.taken == taken
    scene.database.chmod(0o600)
    scene.go_on()


def test_a_state_folder_that_may_not_be_written(scene: Scene) -> None:
    """Objections could not be kept there, so nothing is sent: 69."""
    scene.begin()
    taken = dict(scene.sink.taken)
    for path in (scene.state, *scene.state.rglob("*")):
        path.chmod(0o500 if path.is_dir() else 0o400)

    result = scene.send(behind=WITHOUT_ROOT_POWERS if os.geteuid() == 0 else ())

    demand_clear(result, 69, "SC-526")
    assert scene.sink.taken == taken
    for path in (scene.state, *scene.state.rglob("*")):
        path.chmod(0o700 if path.is_dir() else 0o600)
    scene.go_on()


def test_a_stranger_holds_the_data_base_from_the_start(scene: Scene) -> None:
    """It waits ten seconds, then says who is in the way: 69."""
    scene.begin()
    with stranger(scene.database):
        result = scene.send()

    demand_clear(result, 69, "SC-508")
    scene.go_on()


def test_a_stranger_takes_the_data_base_in_mid_run(scene: Scene) -> None:
    """What was on the wire is unknown at most; the rest goes on once the stranger has left."""
    scene.begin()
    leave = threading.Event()
    holds = threading.Event()
    thread = threading.Thread(target=hold, args=(scene.database, holds, leave))

    def lock() -> None:
        thread.start()
        assert holds.wait(10)

    result = scene.send(at=20, deed=lock)
    leave.set()
    thread.join(10)

    demand_clear(result, 69, "SC-508")
    scene.go_on()


def test_a_data_base_deleted_in_mid_run_stops_the_run(scene: Scene) -> None:
    """What is written into a file without a name is lost: the run ends at once and says so."""
    scene.begin()
    aside = scene.project.folder / "aside.db"

    result = scene.send(at=20, deed=lambda: move(scene.database, aside))

    demand_clear(result, 69, "SC-514")
    assert len(scene.sink.taken) < scene.audience / 2
    move(aside, scene.database)
    scene.go_on()


def test_a_data_base_replaced_by_its_backup_in_mid_run_stops_the_run(scene: Scene) -> None:
    """The run ends; the restored base knows that it is old, and after ``resolve --restored`` nobody is mailed twice."""
    scene.begin()
    backup = scene.project.folder / "backup.db"
    shutil.copy(scene.database, backup)

    result = scene.send(at=20, deed=lambda: go_back_to(scene, backup))

    demand_clear(result, 69, "SC-514")
    sends_nothing_until_resolved(scene)


def test_a_restored_backup_sends_nothing_by_itself(scene: Scene) -> None:
    """Older than the journal's head: 74, and after ``resolve --restored`` every letter is unknown, none sent again."""
    scene.begin()
    backup = scene.project.folder / "backup.db"
    shutil.copy(scene.database, backup)
    assert scene.send("--limit", "50").status == 0
    shutil.copy(backup, scene.database)

    sends_nothing_until_resolved(scene)


@pytest.mark.parametrize("command", ["resolve spring.yaml", "status spring.yaml", "resolve --restored"])
def test_a_backup_of_a_run_that_was_killed_later_is_known_for_old(scene: Scene, command: str) -> None:
    """Only the run's own count of attempts can tell: no command may bury that run, and the count with it."""
    scene.begin()
    backup = scene.project.folder / "backup.db"

    def back_up() -> None:
        helo = f"run-{scene.started}.example"
        copy_while_open(scene.database, backup)
        scene.sink.arm(helo, scene.sink.triggers[helo].pid, 60, "mail")

    killed = scene.send(at=20, deed=back_up)
    assert killed.status == -signal.SIGKILL
    go_back_to(scene, backup)

    looked = scene.project.here(*command.split())

    assert looked.status == 74, looked
    if command != "resolve --restored":
        assert "resolve --restored" in looked.out + looked.err
        sends_nothing_until_resolved(scene)
    assert scene.send().status == 74
    assert [name for name, count in scene.sink.taken.items() if count > 1] == []


@pytest.mark.parametrize("command", ["law accept IE --reviewed-by Anne", "person object p1@societe-0.example"])
def test_what_is_written_into_a_restored_base_does_not_make_it_new(scene: Scene, command: str) -> None:
    """The journal gets as long as the kept head says, and stays another one."""
    scene.begin()
    backup = scene.project.folder / "backup.db"
    scene.send("--limit", "50", at=20, deed=lambda: copy_while_open(scene.database, backup))
    go_back_to(scene, backup)

    written = scene.project.here(*command.split())

    assert written.status == 0, written
    sends_nothing_until_resolved(scene)


def copy_while_open(database: Path, copy: Path) -> None:
    """As ``sqlite3 .backup`` does it."""
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
        target.execute("PRAGMA journal_mode = DELETE")


def go_back_to(scene: Scene, backup: Path) -> None:
    for path in scene.database.parent.glob("sender.db*"):
        path.unlink()
    shutil.copy(backup, scene.database)


def sends_nothing_until_resolved(scene: Scene) -> None:
    taken = dict(scene.sink.taken)
    demand_clear(scene.send(), 74, "SC-520")
    resolved = scene.project.run("resolve", "--restored", cwd=scene.project.folder / "campaigns")
    assert resolved.status == 74, resolved
    after = scene.send()
    assert after.status == 74, after
    assert "Traceback" not in after.err
    assert scene.sink.taken == taken


@pytest.mark.parametrize("edge", ["not_after: 2026-01-30T18:00", "not_before: 2099-01-30T18:00"])
def test_what_a_killed_run_left_is_told_although_its_time_is_over(scene: Scene, edge: str) -> None:
    """74 from every run and from status, until it is settled; then the campaign is quiet."""
    scene.begin()
    assert scene.send(at=20, point="dot").status == -signal.SIGKILL
    with scene.project.campaign.open("a", encoding="utf-8") as file:
        file.write(f"schedule: {{zone: Europe/Paris, {edge}}}\n")
    unwatched = {"SENDER_RELAY": f"smtp+plain://127.0.0.1:{scene.sink.port}"}

    later = [scene.project.run("campaigns/spring.yaml", **unwatched) for _ in range(2)]
    settled = scene.project.run("resolve", "campaigns/spring.yaml", "--all-accepted")
    last = scene.project.run("campaigns/spring.yaml", **unwatched)

    assert [run.status for run in later] == [74, 74]
    assert all("send-campaign resolve" in run.err for run in later)
    assert settled.status == 0
    assert last.status == 0
    assert "resolve" not in last.err


def test_status_knows_that_a_run_was_killed(scene: Scene) -> None:
    """No run is at work any more; what it had on the wire is unknown, and the exit status says so."""
    scene.begin()
    scene.send(at=20, point="dot")

    status = scene.project.run("status", "campaigns/spring.yaml", "--json")

    (campaign,) = status.json["campaigns"]
    assert status.status == 74
    assert campaign["live_runs"] == campaign["sums"]["sending"] == 0
    assert campaign["sums"]["unknown"] > 0


def test_a_file_that_is_no_data_base(scene: Scene) -> None:
    """78, and the file is left as it was."""
    scene.database.write_bytes(b"Prenom;Nom\n" * 1000)

    result = scene.send()

    demand_clear(result, 78, "SC-503")
    assert scene.database.read_bytes() == b"Prenom;Nom\n" * 1000
    assert not scene.sink.taken


def test_a_data_base_cut_in_half(scene: Scene) -> None:
    """A copy that was broken off: damaged, 78; nothing is sent."""
    scene.begin()
    whole = scene.database.read_bytes()
    scene.database.write_bytes(whole[: len(whole) // 2])
    taken = dict(scene.sink.taken)

    result = scene.send()

    demand_clear(result, 78, "SC-505")
    assert scene.sink.taken == taken
    scene.database.write_bytes(whole)
    scene.go_on()


# --- ways to spoil things


class small_disk:  # noqa: N801  reads as what it is in a with statement
    """A file system of its own for a folder, its content kept. Needs root, else the test says so."""

    def __init__(self, folder: Path, megabytes: int) -> None:
        self.folder, self.size = folder, megabytes

    def __enter__(self) -> None:
        keep = self.folder.with_name("kept")
        self.folder.rename(keep)
        self.folder.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", f"size={self.size}m", "tmpfs", str(self.folder)]
        if subprocess.run(mount, capture_output=True, check=False).returncode:
            pytest.skip("this machine lets nobody mount a small disk")
        shutil.copytree(keep, self.folder, dirs_exist_ok=True)

    def __exit__(self, *_: object) -> None:
        subprocess.run(["umount", "-l", str(self.folder)], check=True)


def fill(file: Path) -> None:
    """Until no byte more goes in."""
    with file.open("wb", buffering=0) as ballast:
        try:
            while True:
                ballast.write(bytes(4096))
        except OSError:
            return


class stranger:  # noqa: N801
    """Another program with the base open for itself alone."""

    def __init__(self, database: Path) -> None:
        self.database = database

    def __enter__(self) -> None:
        self.connection = sqlite3.connect(self.database, isolation_level=None)
        self.connection.execute("BEGIN IMMEDIATE")

    def __exit__(self, *_: object) -> None:
        self.connection.execute("ROLLBACK")
        self.connection.close()


def hold(database: Path, holds: threading.Event, leave: threading.Event) -> None:
    connection = sqlite3.connect(database, isolation_level=None, timeout=20)
    connection.execute("BEGIN IMMEDIATE")
    holds.set()
    leave.wait(60)
    connection.execute("ROLLBACK")
    connection.close()


def move(base: Path, to: Path) -> None:
    """The base with all that SQLite keeps beside it."""
    for path in base.parent.glob(f"{base.name}*"):
        path.rename(to.with_name(to.name + path.name.removeprefix(base.name)))
