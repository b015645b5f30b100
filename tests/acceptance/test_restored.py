"""A data base that came back from yesterday's backup, and a journal that somebody has changed."""

from __future__ import annotations

import shutil
import sqlite3

from tests.acceptance.conftest import LocalRelay
from tests.project import SPRING, Project


def test_a_restored_base_sends_nothing_until_it_is_settled(project: Project, relay: LocalRelay) -> None:
    """Who was mailed after the backup is not mailed again, however often cron comes; newer objections hold."""
    base, backup = project.folder / "campaigns" / "sender.db", project.home / "backup.db"
    project.audience("anne", "boris", "chloe")
    project.run(SPRING, "--limit", "1", SENDER_RELAY=relay.url)
    shutil.copy(base, backup)
    project.run(SPRING, "--limit", "1", SENDER_RELAY=relay.url)
    for left in base.parent.glob("sender.db*"):
        left.unlink()
    shutil.copy(backup, base)

    runs = [project.run(SPRING, SENDER_RELAY=relay.url) for _ in range(3)]
    status = project.run("status", SPRING)
    resolved = project.run("resolve", "--restored", SPRING)
    after = project.run(SPRING, SENDER_RELAY=relay.url)

    assert [run.status for run in runs] == [74, 74, 74]
    assert all("resolve --restored" in run.err for run in runs)
    assert "resolve --restored" in status.out
    assert resolved.status == 74
    assert "2 letters are unknown now" in resolved.out
    assert after.status == 74
    assert len(project.mails(relay.mails)) == 2
    assert project.sums()["unknown"] == 2
    all_of_them = project.run("resolve", SPRING, "--all-accepted")
    assert all_of_them.status == 0
    assert project.sums()["accepted"] == 3


def test_the_journal_tells_whether_it_was_changed(project: Project) -> None:
    """Whole after a run; not whole once an entry says something else, or the newest ones are gone."""
    project.audience("anne")
    head = project.practise("--json").json["summary"]["journal_head"]
    base = project.folder / "campaigns" / "practice.db"
    before = project.home / "before.db"
    shutil.copy(base, before)

    whole = project.here("journal", "verify", "--practice")
    with_head = project.here("journal", "verify", "--practice", "--head", head)
    mistyped = project.here("journal", "verify", "--practice", "--head", head[:-3])
    alter(
        project,
        "UPDATE journal_payloads SET payload = replace(payload, '\"to_send\":1', '\"to_send\":9')"
        " WHERE payload LIKE '%\"to_send\":1%'",
    )
    changed = project.here("journal", "verify", "--practice")
    shutil.copy(before, base)
    alter(project, "DELETE FROM journal_payloads WHERE seq = 3", "DELETE FROM journal WHERE seq = 3")
    cut = project.here("journal", "verify", "--practice", "--head", head)

    assert (whole.status, with_head.status, mistyped.status) == (0, 0, 64)
    assert head in whole.out
    assert (changed.status, cut.status) == (65, 65)
    assert "SC-525" in changed.err
    assert "SC-525" in cut.err


def alter(project: Project, *statements: str) -> None:
    connection = sqlite3.connect(project.folder / "campaigns" / "practice.db")
    for statement in statements:
        assert connection.execute(statement).rowcount == 1
    connection.commit()
    connection.close()
