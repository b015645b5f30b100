"""Campaigns that go slowly, as their operator meets them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.acceptance.conftest import LocalRelay
from tests.project import SPRING, Project

PEOPLE = ("anne", "bruno", "claire")


def test_a_new_domain_sends_a_few_and_the_command_says_when_it_goes_on(project: Project, relay: LocalRelay) -> None:
    """The ceiling of the day holds over runs; what waits is not lost, and nothing has failed."""
    project.audience(*PEOPLE)
    told = {"SENDER_RELAY": relay.url, "SENDER_WARM_UP": "2"}

    first = project.run(SPRING, "--yes", "--json", **told)
    second = project.run(SPRING, "--yes", "--json", **told)

    assert (first.status, second.status) == (0, 0)
    assert first.json["plan"]["day"] == {"domain": "eluard.example", "best": 0, "left": 2}
    assert [run.json["summary"]["accepted_now"] for run in (first, second)] == [2, 0]
    assert any("warm_up" in word for word in second.json["summary"]["words"])
    assert len(project.mails(relay.mails)) == 2


def test_a_rate_holds_from_one_run_to_the_next(project: Project, relay: LocalRelay) -> None:
    """The second run waits for what may not go yet, and sends it; the plan says how long everything takes."""
    project.audience(*PEOPLE)
    told = {"SENDER_RELAY": relay.url, "SENDER_RATE": "20/minute"}

    with project.campaign.open("a", encoding="utf-8") as file:
        file.write(f"schedule: {{zone: UTC, not_after: {datetime.now(UTC) + timedelta(hours=1):%Y-%m-%dT%H:%M}}}\n")
    slow = project.run("check", SPRING, "--json", SENDER_PREFLIGHT="false", SENDER_RATE="1/hour")
    first = project.run(SPRING, "--yes", "--limit", "1", **told)
    second = project.run(SPRING, "--yes", "--json", **told)

    assert slow.json["plan"]["slow"] == [{"receiver": None, "letters": 3, "rate": "1/hour", "seconds": 7260.0}]
    assert slow.json["plan"]["too_slow"] is True
    assert slow.json["plan"]["day"] == {"domain": "eluard.example", "best": 0, "left": None}
    assert (first.status, second.status) == (0, 0)
    assert second.json["summary"]["accepted_now"] == 2
    assert second.json["summary"]["seconds"] > 2  # from one mail to the next, less what may run ahead
