"""Terms counted by the calendar."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sender.law.calendar import a_month_after, last_day


@pytest.mark.parametrize(
    ("start", "days", "last"),
    [
        (date(2023, 11, 23), 1095, date(2026, 11, 23)),  # a leap day lies between
        (date(2024, 2, 29), 1095, date(2027, 2, 28)),
        (date(2024, 2, 29), 1460, date(2028, 2, 29)),
        (date(2025, 11, 23), 365, date(2026, 11, 23)),
        (date(2026, 1, 1), 30, date(2026, 1, 31)),
    ],
)
def test_whole_years_are_years(start: date, days: int, last: date) -> None:
    """A term of so many times 365 days ends on the same day of its last year."""
    assert last_day(start, days) == last


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)))
def test_a_month_is_a_month(day: date) -> None:
    """Between 28 and 31 days, in the next month."""
    assert timedelta(days=28) <= a_month_after(day) - day <= timedelta(days=31)
    assert (a_month_after(day).month - day.month) % 12 == 1
