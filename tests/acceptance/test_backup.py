"""Yesterday's copy comes back; nobody comes back with it, and nobody is mailed again."""

from __future__ import annotations

import stat
from pathlib import Path

import pyrage

from tests.acceptance.conftest import LocalRelay
from tests.project import SPRING, Project

ANNE, BORIS = "anne@cabinet-anne.example", "boris@cabinet-boris.example"


def test_a_restored_backup_brings_nobody_back_and_mails_nobody_twice(project: Project, relay: LocalRelay) -> None:
    """One was mailed after the backup, one objected, one was erased: none of them gets a mail from it."""
    wire = {"SENDER_RELAY": relay.url, "SENDER_LANGUAGE": "en"}
    project.audience("anne", "boris", "chloe", "david")
    project.run(SPRING, "--limit", "1", **wire)
    saved = project.here("backup", str(project.home / "yesterday.db"), **wire)
    project.run(SPRING, "--limit", "1", **wire)
    mailed = {str(mail["To"]).split("<")[1][:-1] for mail in project.mails(relay.mails)}
    erased, objector, *_ = sorted({ANNE, BORIS, "chloe@cabinet-chloe.example", "david@cabinet-david.example"} - mailed)
    project.here("person", "erase", erased, "--yes")
    project.here("person", "object", objector)

    asked = project.here("restore", str(project.home / "yesterday.db"), **wire)
    restored = project.here("restore", str(project.home / "yesterday.db"), "--yes", **wire)
    again = project.run(SPRING, "--json", **wire)
    whole = project.here("journal", "verify")
    base = (project.folder / "campaigns" / "sender.db").read_bytes()

    assert saved.status == 0
    assert stat.S_IMODE((project.home / "yesterday.db").stat().st_mode) == 0o600
    assert asked.status == 64
    assert restored.status == 74
    assert "1 person whom the backup still held was erased again" in restored.out
    assert again.status == 74
    assert {str(mail["To"]).split("<")[1][:-1] for mail in project.mails(relay.mails)} == mailed
    assert len(project.mails(relay.mails)) == 2
    assert erased.encode() not in base
    assert whole.status == 0
    assert not list((project.folder / "campaigns").glob(".sender.db*"))


def test_a_backup_comes_back_where_nothing_is_left(project: Project, relay: LocalRelay) -> None:
    """The data base is gone, keys and state are there; sealed backups need their key."""
    project.audience("anne", "boris")
    project.run(SPRING, SENDER_RELAY=relay.url)
    key = pyrage.x25519.Identity.generate()
    (project.home / "key.txt").write_text(f"# created by a test\n{key}\n")
    saved = project.here("backup", str(project.home), "--age", str(key.to_public()), "--json")
    sealed = Path(saved.json["path"])
    for left in (project.folder / "campaigns").glob("sender.db*"):
        left.unlink()

    shut = project.here("restore", str(sealed), "--yes")
    restored = project.here("restore", str(sealed), "--yes", "--age-key", str(project.home / "key.txt"))
    again = project.run(SPRING, "--json", SENDER_RELAY=relay.url)

    assert b"cabinet-anne" not in sealed.read_bytes()
    assert shut.status == 64
    assert "SC-191" in shut.err
    assert restored.status == 0, restored
    assert again.json["plan"]["already"] == 2
    assert len(project.mails(relay.mails)) == 2


def test_what_is_no_backup_of_this_base_changes_nothing(project: Project, relay: LocalRelay) -> None:
    project.audience("anne")
    project.run(SPRING, SENDER_RELAY=relay.url)
    base = project.folder / "campaigns" / "sender.db"
    before = base.read_bytes()
    (project.home / "letter.txt").write_text("Dear Sir")
    results = [project.here("restore", str(project.home / name), "--yes") for name in ("letter.txt", "nothing.db")]
    other = project.here("backup", str(project.home / "here.db"), SENDER_DATABASE="postgresql://db.example/x")

    assert [result.status for result in results] == [65, 66]
    assert all("SC-191" in result.err for result in results)
    assert base.read_bytes() == before
    assert other.status == 64
    assert "pg_dump" in other.err


def test_the_backup_of_another_project_is_refused(project: Project, relay: LocalRelay, tmp_path: Path) -> None:
    """Its keys are known here, but this base has mailed other people."""
    project.audience("anne")
    project.run(SPRING, SENDER_RELAY=relay.url)
    project.here("backup", str(project.home / "here.db"))
    for left in (project.folder / "campaigns").glob("sender.db*"):
        left.unlink()
    project.run(SPRING, "--create", SENDER_RELAY=relay.url)

    refused = project.here("restore", str(project.home / "here.db"), "--yes")

    assert refused.status == 78
    assert "SC-193" in refused.err
