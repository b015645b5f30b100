"""Rates as sums over moments: never more than said, and not much less."""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sender.rates import Limits, Rate, WarmUp, parse_limits, parse_rate, parse_warm_up

START = datetime(2026, 4, 2, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)

rates = st.builds(Rate, st.integers(1, 400), st.sampled_from([timedelta(seconds=1), timedelta(minutes=1), HOUR]))


def sent(rate: Rate, moments: list[datetime], greed: int) -> list[datetime]:
    """Whoever asks for ``greed`` mails at each of the moments, and sends what is let through."""
    due: datetime | None = None
    gone: list[datetime] = []
    for now in moments:
        through = min(rate.room(due, now), greed)
        due = rate.after(due, now, through) if through else due
        gone += [now] * through
    return gone


@given(rate=rates, steps=st.lists(st.integers(0, 400), min_size=1, max_size=300), greed=st.integers(1, 50))
def test_no_period_has_more_than_its_mails(rate: Rate, steps: list[int], greed: int) -> None:
    """Wherever the period begins; a step is a hundredth of it."""
    moments, now = [], START
    for step in steps:
        now += rate.period * step / 100
        moments.append(now)

    gone = sent(rate, moments, greed)

    assert all(
        gone.index(now) >= 0 and bisect_right(gone, now - rate.period) + rate.mails >= bisect_right(gone, now)
        for now in gone
    )


@given(rate=rates, periods=st.integers(1, 5))
def test_who_asks_all_the_time_gets_nearly_all(rate: Rate, periods: int) -> None:
    """What runs ahead is paid for: a sixtieth at most."""
    due, now, count = None, START, 0
    while now < START + rate.period * periods:
        due = rate.after(due, now, 1)
        count += 1
        now = rate.again(due, now)

    assert rate.mails * periods >= count >= rate.mails * periods * 60 // 61


@given(rate=rates, late=st.integers(0, 10_000))
def test_there_is_room_when_it_was_promised(rate: Rate, late: int) -> None:
    """``again`` names the first moment at which ``room`` is not zero."""
    due = rate.after(rate.after(None, START, rate.mails), START, 1)
    now = START + timedelta(milliseconds=late)
    promised = rate.again(due, now)

    assert rate.room(due, promised) > 0
    assert promised == now or rate.room(due, promised - timedelta(microseconds=1)) == 0


def test_words_are_read_and_said_again() -> None:
    """As settings show them."""
    assert [str(parse_limits(text)) for text in ("100/hour", "2 at once", "20 / minute  3 at once", "none")] == [
        "100/hour",
        "2 at once",
        "20/minute 3 at once",
        "none",
    ]
    assert (parse_rate("5/second"), not parse_limits("none")) == (Rate(5, timedelta(seconds=1)), True)
    assert parse_limits("1/day") == Limits(Rate(1, timedelta(days=1)))
    assert (parse_warm_up("50"), str(parse_warm_up("20+100%"))) == (WarmUp(50, 50), "20 +100%")


@pytest.mark.parametrize(
    "text", ["", "fast", "0/hour", "5", "5/week", "-1/hour", "0 at once", "2 at once 5/hour", "½/hour"]
)
def test_other_words_are_refused(text: str) -> None:
    """A pace that is not understood would be no pace."""
    with pytest.raises(ValueError, match=r".*"):
        parse_limits(text)


def test_the_ceiling_grows_from_what_was_sent() -> None:
    """Not from the days that have passed: who did not send is not known any better."""
    assert [WarmUp(50, 50).ceiling(best) for best in (0, 10, 50, 51, 75)] == [50, 50, 75, 77, 113]
    assert WarmUp(1, 1).ceiling(1) == 2
