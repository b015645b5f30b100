"""When a deferred letter is tried again, and when it is given up. The only place that decides it."""

from __future__ import annotations

from datetime import datetime, timedelta

__all__ = ["GIVE_UP_AFTER", "next_try"]

GIVE_UP_AFTER = timedelta(days=4)  # RFC 5321 §4.5.4.1: "at least 4-5 days"
_IN_RUN = (timedelta(minutes=5), timedelta(minutes=15))
_LATER = timedelta(minutes=30)  # RFC 5321 §4.5.4.1: the retry interval "SHOULD be at least 30 minutes"; then doubled


def next_try(deferrals: int, first_try: datetime, now: datetime, not_after: datetime | None = None) -> datetime | None:
    """When to try again after the ``deferrals``-th deferral; None: given up, or the campaign's time is over by then."""
    # Meets: RFC 5321 §4.5.4.1
    at = now + _wait(deferrals)
    end = min(first_try + GIVE_UP_AFTER, not_after or first_try + GIVE_UP_AFTER)
    return at if at <= end else None


def _wait(deferrals: int) -> timedelta:
    if deferrals <= len(_IN_RUN):
        return _IN_RUN[max(deferrals, 1) - 1]
    doublings = min(deferrals - len(_IN_RUN) - 1, 8)
    return min(_LATER * (1 << doublings), GIVE_UP_AFTER)
