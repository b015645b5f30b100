"""The window of a campaign by the clock on the wall: when summer time comes and goes, and when it closes in mid-run.

libfaketime shows the command another time; nothing waits.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.project import SPRING, Project, Result, in_thread
from tests.smtp_script import ScriptedRelay

LIBRARIES = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
pytestmark = pytest.mark.skipif(not LIBRARIES, reason="faketime is not installed")

# 2026: clocks in France go forward on 29 March at 01:00 UTC, back on 25 October at 01:00 UTC
OPENS, CLOSES = "not_before", "not_after"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project.example(tmp_path)
    made.audience("anne", "boris")
    return made


def window(project: Project, edge: str, moment: str) -> None:
    with project.campaign.open("a", encoding="utf-8") as file:
        file.write(f"schedule: {{zone: Europe/Paris, {edge}: {moment}}}\n")


def run_at(project: Project, relay: ScriptedRelay, moment: str | Path, *arguments: str) -> Result:
    """The command at a moment in UTC, or at the one that stands in a file and may change under it."""
    clock = {"FAKETIME_TIMESTAMP_FILE": str(moment)} if isinstance(moment, Path) else {"FAKETIME": f"@{moment}"}
    return project.run(
        SPRING,
        *arguments,
        SENDER_RELAY=f"smtp+plain://127.0.0.1:{relay.port}",
        LD_PRELOAD=str(LIBRARIES[0]),
        FAKETIME_DONT_FAKE_MONOTONIC="1",
        FAKETIME_NO_CACHE="1",
        TZ="UTC",
        **clock,
    )


@pytest.mark.parametrize(
    ("edge", "local", "shut", "open_"),
    [
        (OPENS, "2026-03-29T03:30", "2026-03-29 01:29:00", "2026-03-29 01:31:00"),  # summer: two hours before UTC
        (OPENS, "2026-03-29T01:30", "2026-03-29 00:29:00", "2026-03-29 00:31:00"),  # still winter: one hour
        (OPENS, "2026-10-25T02:30", "2026-10-25 01:29:00", "2026-10-25 01:31:00"),  # twice: the later one
        (OPENS, "2026-10-25T02:30+02:00", "2026-10-25 00:29:00", "2026-10-25 00:31:00"),  # the one that is meant
        (CLOSES, "2026-10-25T02:30", "2026-10-25 00:31:00", "2026-10-25 00:29:00"),  # twice: the earlier one
        (CLOSES, "2026-03-29T03:30", "2026-03-29 01:31:00", "2026-03-29 01:29:00"),
    ],
)
def test_a_window_over_a_change_of_the_clocks(project: Project, edge: str, local: str, shut: str, open_: str) -> None:
    """A minute on the wrong side of the edge nothing is sent, a minute on the right side everything is."""
    window(project, edge, local)
    with in_thread(ScriptedRelay()) as relay:
        without = run_at(project, relay, shut)
        taken_without = list(relay.taken)
        within = run_at(project, relay, open_)

    assert (without.status, taken_without) == (0, []), without
    assert within.status == 0, within
    assert len(relay.taken) == 2


@pytest.mark.parametrize("edge", [OPENS, CLOSES])
def test_an_hour_that_the_clocks_leave_out_is_no_edge(project: Project, edge: str) -> None:
    """65 with the line; a campaign must not begin or end at a guessed hour."""
    window(project, edge, "2026-03-29T02:30")
    with in_thread(ScriptedRelay()) as relay:
        result = run_at(project, relay, "2026-03-29 12:00:00")

    assert result.status == 65
    assert "SC-224" in result.err
    assert relay.taken == []


def test_a_window_that_closes_in_mid_run_ends_the_run(project: Project, tmp_path: Path) -> None:
    """At the third letter the clock passes not_after: what waits stays waiting, for good."""
    project.audience(*(f"anne{number}" for number in range(40)))
    window(project, CLOSES, "2026-04-30T18:00")
    clock = tmp_path / "clock"
    clock.write_text("@2026-04-30 15:59:00\n", encoding="ascii")

    def script(point: str, number: int) -> bytes | None:
        if (point, number) == ("mail", 3):
            clock.write_text("@2026-04-30 16:00:01\n", encoding="ascii")
        return None

    with in_thread(ScriptedRelay(script)) as relay:
        first = run_at(project, relay, clock, "--yes")
        taken = len(relay.taken)
        second = run_at(project, relay, clock)

    assert first.status == 0, first
    assert 3 <= taken <= 30
    assert len(relay.taken) == taken == len(set(relay.taken))
    assert f"{taken} accepted + {40 - taken} waiting" in first.out
    assert second.status == 0
    assert "its time is over" in second.err
