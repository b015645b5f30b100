"""Campaigns that have a time."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from tests.acceptance.conftest import LocalRelay
from tests.project import SPRING, Project


def scheduled(project: Project, window: str) -> None:
    project.audience("anne")
    with project.campaign.open("a", encoding="utf-8") as file:
        file.write(f"schedule: {{zone: Europe/Paris, {window}}}\n")


def test_before_its_time_a_campaign_is_quiet(project: Project, relay: LocalRelay) -> None:
    """Cron may come every hour: exit 0, no word, no mail; practice does not wait."""
    scheduled(project, "not_before: 2099-04-02T09:00")

    result = project.run(SPRING, SENDER_RELAY=relay.url)
    practice = project.practise()

    assert (result.status, result.out, result.err) == (0, "", "")
    assert project.mails(relay.mails) == []
    assert practice.status == 0
    assert len(project.mails()) == 1


def test_after_its_time_a_campaign_says_so_once(project: Project, relay: LocalRelay) -> None:
    """Then it is silent; nothing is sent, and the exit status is 0 both times."""
    scheduled(project, "not_after: 2026-04-30T18:00")

    first = project.run(SPRING, SENDER_RELAY=relay.url)
    second = project.run(SPRING, SENDER_RELAY=relay.url)

    assert (first.status, first.out) == (0, "")
    assert "spring-2026: its time is over" in first.err
    assert (second.status, second.out, second.err) == (0, "", "")
    assert project.mails(relay.mails) == []


def test_a_person_who_runs_it_early_is_told_why_nothing_happens(project: Project, relay: LocalRelay) -> None:
    """``--yes`` and ``--json`` are typed by people, or read by programs that wait for an object."""
    scheduled(project, "not_before: 2099-04-02T09:00")

    told = project.run(SPRING, "--yes", SENDER_RELAY=relay.url)
    as_json = project.run(SPRING, "--json", SENDER_RELAY=relay.url)

    assert (told.status, as_json.status) == (0, 0)
    assert "2099-04-02" in told.err
    assert as_json.json["schema"] == "send-campaign/send/1"
    assert as_json.json["summary"] is None


def test_out_of_its_hours_a_campaign_waits(project: Project, relay: LocalRelay) -> None:
    """A weekday that is not today: quiet in cron, and a person is told when its hours begin again."""
    tomorrow = (datetime.now(ZoneInfo("Europe/Paris")) + timedelta(days=2)).strftime("%a").lower()
    scheduled(project, f"weekdays: {tomorrow}, hours: 09:00-18:00")

    quiet = project.run(SPRING, SENDER_RELAY=relay.url)
    told = project.run(SPRING, "--yes", SENDER_RELAY=relay.url)

    assert (quiet.status, quiet.out, quiet.err) == (0, "", "")
    assert told.status == 0
    assert "09:00" in told.err
    assert project.mails(relay.mails) == []
