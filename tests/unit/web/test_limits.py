"""How often somebody may ask, and who is counted as one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sender.web import limits
from sender.web.limits import Bucket, network_of


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_and_then_one_at_a_time() -> None:
    """Three at once, the fourth when its time has come; the bucket says how long that is."""
    clock = Clock()
    bucket = Bucket(3, 10, clock)

    assert [bucket.wait("a") for _ in range(5)] == [0, 0, 0, 10, 10]
    clock.now += 10
    assert [bucket.wait("a") for _ in range(2)] == [0, 10]
    assert bucket.wait("b") == 0


@given(st.lists(st.floats(0, 30), max_size=60))
def test_never_more_than_burst_and_rate_allow(pauses: list[float]) -> None:
    """Over any stretch of time from the beginning, at most the burst and one for each full period."""
    clock, taken = Clock(), 0
    bucket = Bucket(5, 4, clock)
    for pause in pauses:
        clock.now += pause
        taken += bucket.wait("a") == 0

    assert taken <= 5 + (clock.now - 1000) / 4 + 1e-6


def test_it_remembers_a_bounded_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """The longest silent are forgotten first, and may ask."""
    monkeypatch.setattr(limits, "_KEYS", 2)
    bucket = Bucket(1, 1000, Clock())
    for key in "abc":
        bucket.wait(key)

    assert (bucket.wait("c") > 0, bucket.wait("a")) == (True, 0)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("unknown", "unknown", True),
    ],
)
def test_a_site_is_one_address(one: str, other: str, same: bool) -> None:
    """Of IPv6 the first half counts: the rest is its holder's to choose."""
    assert (network_of(one) == network_of(other)) is same
