"""Campaigns and contact files that change between two runs. Whatever happens, the sums add up to the audience."""

from __future__ import annotations

import shutil

from tests.acceptance.conftest import LocalRelay
from tests.project import SPRING, Project

MAIL = "templates/spring/mail.txt"


def test_a_template_changed_in_mid_campaign_stops_it_until_it_is_accepted(project: Project) -> None:
    """The part that differs is named; nobody gets the other text before ``--accept-changes``, which is journalled."""
    project.audience("anne", "boris", "chloe")
    project.practise("--limit", "1")
    project.replace(MAIL, "Bonjour", "Cher")

    refused = project.practise()
    count = len(project.mails())
    accepted = project.practise("--accept-changes")
    again = project.practise()

    assert refused.status == 65
    assert "text" in refused.err
    assert "--accept-changes" in refused.err
    assert count == 1
    assert (accepted.status, again.status) == (0, 0), accepted.err + again.err
    assert len(project.mails()) == 3
    assert project.sums("--practice")["accepted"] == 3


def test_a_name_belongs_to_one_file(project: Project) -> None:
    """The same name at another path would leave somebody out or mail somebody twice: it is an error."""
    project.audience("anne")
    project.practise()
    copy = project.folder / "campaigns" / "summer.yaml"
    shutil.copy(project.campaign, copy)

    result = project.run("campaigns/summer.yaml", "--practice", "--yes")

    assert result.status == 65
    assert "spring.yaml" in result.err
    assert len(project.mails()) == 1


def test_the_same_content_under_a_new_name_is_refused_where_nobody_can_answer(
    project: Project, relay: LocalRelay
) -> None:
    """Everybody would get it again. ``--yes`` answers the usual question, not this one."""
    project.audience("anne")
    project.run(SPRING, SENDER_RELAY=relay.url)
    project.replace(SPRING, "campaign: spring-2026", "campaign: spring-2026-b")

    cron = project.run(SPRING, SENDER_RELAY=relay.url)
    yes = project.run(SPRING, "--yes", SENDER_RELAY=relay.url)

    assert (cron.status, yes.status) == (64, 64)
    assert "spring-2026" in cron.err
    assert len(project.mails(relay.mails)) == 1


def test_rows_taken_out_are_withdrawn_and_new_ones_are_sent(project: Project) -> None:
    """Who is gone from the file before the mail went out gets none; who came back gets one."""
    project.audience("anne", "boris", "chloe")
    project.practise("--limit", "1")
    (mailed,) = (str(mail["To"]) for mail in project.mails())
    first = next(name for name in ("anne", "boris", "chloe") if name in mailed)
    stays, goes = [name for name in ("anne", "boris", "chloe") if name != first]
    project.audience(first, stays, "denis")

    project.practise()
    sums = project.sums("--practice")
    project.audience(goes, "denis")
    project.practise()
    later = project.sums("--practice")

    assert (sums["accepted"], sums["withdrawn"], sums["audience"]) == (3, 1, 4)
    assert (later["accepted"], later["withdrawn"], later["audience"]) == (4, 0, 4)
    assert len({mail["To"] for mail in project.mails()}) == len(project.mails()) == 4
