"""Runs that nobody watches: no environment, no terminal, and not a word unless a person is needed."""

from __future__ import annotations

import re
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.acceptance.conftest import LocalRelay
from tests.project import COMMAND, ROOT, SPRING, Project, Result

GUIDE = ROOT / "docs" / "how-to" / "run-from-cron.md"


def cron_line(campaign: Path) -> str:
    """The command of the guide's crontab, with the places of this machine."""
    (line,) = re.findall(r"^\*/15 \S+ +\* +\* +\S+ +(.+)$", GUIDE.read_text(encoding="utf-8"), re.MULTILINE)
    program, file = line.split()
    return line.replace(program, str(COMMAND)).replace(file, str(campaign))


def from_cron(project: Project) -> Result:
    """As cron does it: from the user's home, with HOME and little else, no input, output caught."""
    done = subprocess.run(
        ["/bin/sh", "-c", cron_line(project.campaign)],
        cwd=project.home,
        env={"HOME": str(project.home), "PATH": "/usr/bin:/bin", "SHELL": "/bin/sh", "LOGNAME": "campaigns"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )
    return Result(done.returncode, done.stdout, done.stderr)


def tell(project: Project, **settings: str) -> None:
    """Cron's environment is empty: settings stand in sender.toml."""
    path = project.folder / "campaigns" / "sender.toml"
    lines = [f'{name} = "{value}"' for name, value in settings.items()]
    path.write_text("\n".join([path.read_text(encoding="utf-8"), *lines, ""]), encoding="utf-8")


def schedule(project: Project, **times: datetime) -> None:
    written = ", ".join(f"{name}: {moment:%Y-%m-%dT%H:%M}" for name, moment in times.items())
    path = project.campaign
    path.write_text(f"{path.read_text(encoding='utf-8')}schedule: {{zone: UTC, {written}}}\n", encoding="utf-8")


def test_a_run_that_goes_as_planned_says_nothing(project: Project, relay: LocalRelay) -> None:
    """Neither the run that sends nor the next one, which finds the campaign finished, gives cron anything to mail."""
    tell(project, relay=relay.url)

    results = [from_cron(project), from_cron(project)]

    assert [(result.status, result.out, result.err) for result in results] == [(0, "", "")] * 2
    assert len(project.mails(relay.mails)) == 41


def test_starts_that_overlap_share_the_letters(project: Project, relay: LocalRelay) -> None:
    """Three starts at the same minute: nobody gets two mails, and none of the runs complains."""
    tell(project, relay=relay.url)
    from_home = {"cwd": project.home, "env": {"HOME": str(project.home)}, "stdin": subprocess.DEVNULL}
    runs = [
        subprocess.Popen(
            ["/bin/sh", "-c", cron_line(project.campaign)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **from_home,  # type: ignore[call-overload]
        )
        for _ in range(3)
    ]
    said = [run.communicate(timeout=120) for run in runs]

    assert [run.returncode for run in runs] == [0, 0, 0], said
    assert said == [("", "")] * 3
    names = [mail["Message-ID"] for mail in project.mails(relay.mails)]
    assert len(names) == len(set(names)) == 41


def test_before_its_time_a_run_is_quiet(project: Project, relay: LocalRelay) -> None:
    tell(project, relay=relay.url)
    schedule(project, not_before=datetime.now(UTC) + timedelta(days=1))

    result = from_cron(project)

    assert (result.status, result.out, result.err) == (0, "", "")
    assert project.mails(relay.mails) == []


def test_after_its_time_a_run_says_so_once(project: Project, relay: LocalRelay) -> None:
    tell(project, relay=relay.url)
    schedule(project, not_after=datetime.now(UTC) - timedelta(days=1))

    results = [from_cron(project) for _ in range(2)]

    assert [result.status for result in results] == [0, 0]
    assert "not_after" in results[0].err
    assert (results[1].out, results[1].err) == ("", "")
    assert project.mails(relay.mails) == []


def test_an_hour_without_a_relay_costs_nothing_but_complaints(project: Project, relay: LocalRelay) -> None:
    """Four runs find nobody there and say so; the fifth sends everything, each mail once."""
    tell(project, relay="smtp+plain://127.0.0.1:1")

    without = [from_cron(project) for _ in range(4)]
    project.replace("campaigns/sender.toml", "smtp+plain://127.0.0.1:1", relay.url)
    after = from_cron(project)

    assert [result.status for result in without] == [69] * 4
    assert all("127.0.0.1:1" in result.err and "Traceback" not in result.err for result in without)
    assert (after.status, after.out, after.err) == (0, "", "")
    assert len(project.mails(relay.mails)) == 41


def test_a_relay_elsewhere_needs_a_data_base_made_by_hand(project: Project) -> None:
    """A cron run in the wrong place must not begin with an empty memory."""
    tell(project, relay="smtps://relay.example")

    result = from_cron(project)

    assert result.status == 78
    assert "--create" in result.err


@pytest.mark.parametrize("option", ["", "--limit 5"])
def test_a_refused_campaign_is_told_about(project: Project, relay: LocalRelay, option: str) -> None:
    """77, with the gate and what to do, also where nobody asked for words."""
    tell(project, relay=relay.url)
    project.replace(SPRING, "balancing_test: lia-2026.md", "balancing_test: lost.md")

    result = project.run(SPRING, *option.split(), SENDER_RELAY=relay.url)

    assert result.status == 77
    assert "register" in result.err
    assert project.mails(relay.mails) == []
