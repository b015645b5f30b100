"""Terms of the law counted by the calendar: a month, whole years."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from functools import lru_cache

_YEAR = 365


@lru_cache(maxsize=4096)
def a_month_after(day: date) -> date:
    """The same day of the next month, or that month's last (Regulation 1182/71 art. 3(2)(c))."""
    return _months_after(day, 1)


@lru_cache(maxsize=65_536)
def last_day(start: date, days: int) -> date:
    """The last day of a term that begins on ``start``; packs say 1095 days for three years, leap days or not."""
    if days % _YEAR:
        return start + timedelta(days=days)
    return _months_after(start, 12 * (days // _YEAR))


def _months_after(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
