"""Mistakes that people make, and what the command says to them."""

from __future__ import annotations

from tests.project import Project


def test_a_mistyped_command_names_the_right_one(empty: Project) -> None:
    """``chek`` is not taken for a campaign file."""
    result = empty.run("chek", "spring.yaml")

    assert result.status == 64
    assert "send-campaign check spring.yaml" in result.err


def test_a_missing_campaign_file_is_said_without_a_traceback(empty: Project) -> None:
    result = empty.run("nowhere.yaml")

    assert result.status == 66
    assert "nowhere.yaml" in result.err
    assert "Traceback" not in result.err


def test_without_a_relay_the_command_names_the_setting_and_practice(project: Project) -> None:
    """Nothing is sent, and the way on is said."""
    result = project.run("campaigns/spring.yaml", "--yes")

    assert result.status == 78
    assert "SENDER_RELAY" in result.err
    assert "--practice" in result.err


def test_without_a_data_base_a_run_that_nobody_watches_makes_none(project: Project) -> None:
    """A cron run in the wrong folder must not start from an empty memory."""
    result = project.run("campaigns/spring.yaml", SENDER_RELAY="smtps://relay.example")

    assert result.status == 78
    assert "--create" in result.err
    assert not list(project.folder.rglob("sender.db"))


def test_all_complaints_about_a_campaign_come_at_once(project: Project) -> None:
    """Each has its place in the file."""
    project.replace("campaigns/spring.yaml", "subject:", "subjet:")
    project.replace("campaigns/spring.yaml", '"123456782"', '"123456789"')

    result = project.run("check", "campaigns/spring.yaml")

    assert result.status == 65
    assert result.err.count("error SC-2") >= 2
    assert "subject" in result.err
    assert "campaigns/spring.yaml:" in result.err


def test_an_unreachable_relay_marks_nobody(project: Project) -> None:
    """Nothing listens there: exit 69, and every letter still waits."""
    result = project.run("campaigns/spring.yaml", "--yes", "--create", SENDER_RELAY="smtp+plain://127.0.0.1:1")

    assert result.status == 69
    status = project.run("status", "campaigns/spring.yaml", "--json")
    sums = status.json["campaigns"][0]["sums"]
    assert sums["waiting"] > 0
    assert sums["accepted"] == sums["unknown"] == sums["deferred"] == sums["refused"] == 0
