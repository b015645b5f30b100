"""A breach is prepared while the clock runs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.project import Project


def test_the_deadline_is_counted_and_what_was_not_said_is_missing(project: Project) -> None:
    """72 hours after it was noticed; the journal notes it, and still verifies."""
    project.practise()
    noticed = datetime.now(UTC) - timedelta(hours=2, minutes=30)
    due = noticed + timedelta(hours=72)

    told = project.here("breach", "--noticed", noticed.isoformat(), "--practice", "--high-risk", "--language", "en")

    assert told.status == 0
    assert f"69 hours left: the authority has to know by {due:%Y-%m-%d %H:%M} UTC" in told.out
    assert "nature of the breach                   [MISSING]" in told.out
    assert "58 at most" in told.out
    assert "Your data: what happened" in told.out
    assert project.here("journal", "verify", "--practice").status == 0


def test_a_breach_noticed_tomorrow_is_a_slip_of_the_pen(project: Project) -> None:
    project.practise()
    tomorrow = datetime.now(UTC) + timedelta(days=1)

    refused = project.here("breach", "--noticed", tomorrow.isoformat(), "--practice")

    assert refused.status == 64
    assert "SC-804" in refused.err
