"""The hours in which a campaign may run."""

from __future__ import annotations

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sender.campaign import Window, window
from sender.campaign.schedule import hours, weekdays
from sender.model import Schedule

PARIS = ZoneInfo("Europe/Paris")
OFFICE = Schedule(PARIS, None, None, frozenset(range(5)), (time(9), time(18)))


def paris(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)


@pytest.mark.parametrize(
    ("now", "opens", "closes"),
    [
        ("2026-11-27T12:00", None, "2026-11-27T18:00"),  # a Friday
        ("2026-11-27T09:00", None, "2026-11-27T18:00"),
        ("2026-11-27T08:59", "2026-11-27T09:00", None),
        ("2026-11-27T18:00", "2026-11-30T09:00", None),
        ("2026-11-28T12:00", "2026-11-30T09:00", None),
        ("2026-10-23T20:00", "2026-10-26T09:00", None),  # winter time comes between
    ],
)
def test_office_hours(now: str, opens: str | None, closes: str | None) -> None:
    """From the first minute, until before the last; over the weekend Monday is next."""
    assert window(OFFICE, paris(now).astimezone(UTC)) == Window(opens and paris(opens), closes and paris(closes))


def test_days_without_hours_are_one_spell() -> None:
    """A run does not end at midnight between two days on which it may run."""
    week = Schedule(PARIS, None, None, frozenset(range(5)))

    assert window(week, paris("2026-11-24T23:30")) == Window(closes=paris("2026-11-28T00:00"))
    assert window(Schedule(PARIS, None, None), paris("2026-11-24T23:30")) == Window()


@given(
    now=st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001
    days=st.frozensets(st.integers(0, 6), min_size=1),
    spell=st.sampled_from(["09:00-18:00", "00:00-24:00", "02:15-03:15", "12:00-24:00"]),
)
def test_it_opens_when_it_says(now: datetime, days: frozenset[int], spell: str) -> None:
    """At the moment that was named the window is open, and at the one where it closes it is shut."""
    schedule = Schedule(PARIS, None, None, days, hours(spell))
    found = window(schedule, now)

    if found.opens:
        assert found.opens > now
        assert window(schedule, found.opens).opens is None
    if found.closes:
        assert found.closes > now
        assert window(schedule, found.closes).opens or len(days) == 7


def test_days_are_read() -> None:
    """As people write them."""
    assert weekdays("mon-fri") == frozenset(range(5))
    assert weekdays(["Sat", "sun"]) == weekdays("sat, sun") == frozenset({5, 6})
    assert weekdays("sat-mon") == frozenset({5, 6, 0})
