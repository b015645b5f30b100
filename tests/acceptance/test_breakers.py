"""Receivers that want none of it: what a breaker stops, what is said of it, and how it goes on."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
from collections.abc import Callable, Iterable

import pytest

from tests.project import HEADER, SPRING, Project, Result, in_thread
from tests.smtp_script import ScriptedRelay, at

UNWANTED = b"550 5.7.1 Unwanted\r\n"


def audience(project: Project, *domains: str, each: int) -> None:
    """So many lawyers at each domain, the domains one after the other in turn."""
    rows = [
        f"anne.n{number}@{domain};Anne;N{number};{domain.title()} SAS;SAS;Juriste;FR"
        for number in range(each)
        for domain in domains
    ]
    text = "\n".join([HEADER, *rows, ""])
    (project.folder / "campaigns" / "spring-contacts.csv").write_text(text, encoding="utf-8")


class Unwilling(ScriptedRelay):
    """``refusing``: the domains that want none; ``hook`` is called with the number of each message that begins."""

    refusing: frozenset[str] = frozenset()
    asked: int = 0

    def deny(self, domains: Iterable[str], hook: Callable[[int], object] = lambda _number: None) -> Unwilling:
        self.refusing = frozenset(domains)

        def script(point: str, number: int) -> bytes | None:
            if point == "mail":
                hook(number)
            if point != "rcpt" or not any(f"@{domain}>" in self.commands[-1] for domain in self.refusing):
                return None
            self.asked += 1
            return UNWANTED

        self.script = script
        return self


def send_to(project: Project, relay: ScriptedRelay, *arguments: str) -> Result:
    settings = {"SENDER_RELAY": f"smtp+plain://127.0.0.1:{relay.port}", "SENDER_CONNECTIONS": "1"}
    return project.run(SPRING, *arguments, **settings)


def standing(project: Project) -> tuple[int, dict[str, int], list[dict[str, object]]]:
    result = project.run("status", SPRING, "--json")
    (campaign,) = result.json["campaigns"]
    return result.status, campaign["sums"], campaign["paused"]


def test_a_domain_that_refuses_is_paused_and_the_others_get_theirs(project: Project) -> None:
    """75; said by report and status; after ``resume`` the rest goes out, to nobody twice."""
    audience(project, "gros.example", "petit.example", each=12)
    with in_thread(Unwilling().deny(["gros.example"])) as relay:
        first = send_to(project, relay, "--json")
        asked = relay.asked
        again = send_to(project, relay)
        status, sums, paused = standing(project)
        shown = project.run("status", SPRING)
        wrong = project.run("resume", SPRING, "--domain", "petit.example")
        lifted = project.run("resume", SPRING, "--domain", "GROS.example", "--why", "they know us now")
        relay.deny([])
        last = send_to(project, relay)

    assert (first.status, again.status, status, wrong.status, lifted.status, last.status) == (75, 75, 0, 64, 0, 0)
    assert (sums["accepted"], sums["refused"]) == (12, asked)
    assert 3 <= asked < 12
    assert sums["waiting"] == 12 - asked
    assert relay.asked == asked, "asked again although it was paused"
    assert [(one["domain"], one["reason"], one["enhanced"]) for one in paused] == [
        ("gros.example", "in_a_row", "5.7.1")
    ]
    assert first.json["summary"]["paused"] == paused
    assert f"send-campaign resume {project.campaign} --domain gros.example" in shown.out
    assert "SC-531" in wrong.err
    assert len(relay.taken) == len(set(relay.taken)) == 24 - asked
    assert standing(project)[1:] == (sums | {"waiting": 0, "accepted": 24 - asked}, [])


def test_three_domains_stop_the_campaign_until_somebody_resumes_it(project: Project) -> None:
    """76 with a clear word; nothing goes out meanwhile, and nobody was suppressed."""
    refusing = ("a.example", "b.example", "c.example")
    audience(project, *refusing, "d.example", each=9)
    with in_thread(Unwilling().deny(refusing)) as relay:
        first = send_to(project, relay)
        connections = relay.connections
        again = send_to(project, relay)
        status, sums, paused = standing(project)
        lifted = project.run("resume", SPRING)
        relay.deny([])
        last = send_to(project, relay)

    assert (first.status, again.status, status, lifted.status, last.status) == (76, 76, 76, 0, 0), first.err
    for said in (first.err, again.err):
        assert f"send-campaign resume {project.campaign}" in said
        assert "UTC: 3 domains" in said
    assert relay.connections == connections + 1, "the relay was asked while the campaign was stopped"
    assert [one["reason"] for one in paused] == ["domains", "in_a_row", "in_a_row", "in_a_row"]
    assert sums["waiting"] > 0
    assert len(relay.taken) == len(set(relay.taken)) == 36 - sums["refused"]
    assert standing(project)[1]["waiting"] == 0


def test_a_no_to_the_sender_stops_the_campaign_and_marks_nobody(project: Project) -> None:
    """5.7.x to MAIL: 76, and all wait."""
    audience(project, "a.example", each=4)
    with in_thread(ScriptedRelay(at("mail", b"550 5.7.1 Not from you\r\n", 3))) as relay:
        first = send_to(project, relay)
        status, sums, paused = standing(project)
        lifted = project.run("resume", SPRING)
        last = send_to(project, relay)

    assert (first.status, status, lifted.status, last.status) == (76, 76, 0, 0), first.err
    assert [one["reason"] for one in paused] == ["sender"]
    assert sums["accepted"] + sums["waiting"] == 4
    assert len(relay.taken) == len(set(relay.taken)) == 4


@pytest.mark.parametrize("killed_at", [4, 9, 14])
def test_a_kill_loses_no_pause_and_lets_no_mail_past_one(project: Project, killed_at: int) -> None:
    """Killed at some message: where three noes are written down the pause is too, and the next run heeds it."""
    audience(project, "gros.example", "petit.example", each=12)
    with in_thread(Unwilling()) as relay:
        settings = {"SENDER_RELAY": f"smtp+plain://127.0.0.1:{relay.port}", "SENDER_CONNECTIONS": "1"}
        running: list[subprocess.Popen[str]] = []
        relay.deny(
            ["gros.example"], lambda number: os.kill(running[0].pid, signal.SIGKILL) if number == killed_at else 0
        )
        running.append(project.start(SPRING, **settings))
        running[0].communicate(timeout=60)
        assert running[0].returncode == -signal.SIGKILL
        written, is_paused = on_disk(project)
        assert is_paused == (written >= 3)
        before = relay.asked
        relay.deny(["gros.example"])
        again = send_to(project, relay)
        (_, sums, paused) = standing(project)

    assert again.status in {74, 75}, again.err
    assert [one["reason"] for one in paused] == ["in_a_row"]
    assert not is_paused or relay.asked == before
    assert sums["waiting"] == 24 - sums["accepted"] - sums["refused"] - sums["unknown"] > 0
    assert len(relay.taken) == len(set(relay.taken))


def on_disk(project: Project) -> tuple[int, bool]:
    """Refusals that are written down, and whether a pause is."""
    (file,) = project.folder.rglob("sender.db")
    base = sqlite3.connect(file)
    try:
        refused = base.execute("SELECT count(*) FROM attempts WHERE outcome = 'refused'").fetchone()[0]
        return refused, base.execute("SELECT count(*) FROM pauses").fetchone()[0] == 1
    finally:
        base.close()
