"""How many mails in a time, and how many at once: pure sums over moments, no clock and no store.

A rate is kept by one moment, that from which on the next mail is due (the generic cell rate algorithm of ATM traffic
control). A sixtieth of the period may be run ahead of, so that mails can go in small groups.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

__all__ = ["Limits", "Rate", "WarmUp", "parse_limits", "parse_rate", "parse_warm_up"]

_PERIODS = {
    "second": timedelta(seconds=1),
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
}
_LONGEST_WAIT = timedelta(days=1)  # between two mails: a slower rate is a mistake
_RATE = re.compile(r"([0-9]{1,9})\s*/\s*(second|minute|hour|day)")
_LIMITS = re.compile(rf"(?:{_RATE.pattern})?\s*(?:([0-9]{{1,4}})\s+at\s+once)?")
_AHEAD = 60  # the part of its period that a rate may be run ahead of
_WARM_UP = re.compile(r"([1-9][0-9]{0,6})(?:\s*\+\s*([1-9][0-9]{0,2})\s*%)?")
_GROWTH = 50


@dataclass(frozen=True, slots=True)
class Rate:
    """At most ``mails`` in any ``period``, wherever it begins."""

    mails: int
    period: timedelta

    def __str__(self) -> str:
        return f"{self.mails}/{self.unit}" if self.unit else f"{self.mails} in {self.period.total_seconds():g} s"

    @property
    def unit(self) -> str | None:
        """The period's name, where it is one of those in which rates are set."""
        return next((name for name, period in _PERIODS.items() if period == self.period), None)

    @property
    def ahead(self) -> timedelta:
        return self.period / _AHEAD

    @property
    def interval(self) -> timedelta:
        """From one mail to the next; longer than period by mails, since some may run ahead."""
        # n mails need n-1 intervals within less than period + ahead: more than ``mails`` never fit, rounded up at least
        return -(-(self.period + self.ahead) // self.mails)

    def room(self, due: datetime | None, now: datetime) -> int:
        """How many mails may go now. ``due``: what ``after`` gave for the mails before; None: there was none."""
        late = max(due, now) - now if due else timedelta()
        return (self.ahead - late) // self.interval + 1 if late <= self.ahead else 0

    def after(self, due: datetime | None, now: datetime, mails: int) -> datetime:
        """From when on the next one is due, once ``mails`` went now."""
        return (max(due, now) if due else now) + self.interval * mails

    def latest(self, now: datetime) -> datetime:
        """The latest moment that ``after`` can give now."""
        return now + self.ahead + self.interval

    def again(self, due: datetime | None, now: datetime) -> datetime:
        """When there is room for one at the earliest."""
        return max(due - self.ahead, now) if due else now


@dataclass(frozen=True, slots=True)
class Limits:
    """``at_once``: mails that have no answer yet."""

    rate: Rate | None = None
    at_once: int | None = None

    def __str__(self) -> str:
        at_once = f"{self.at_once} at once" if self.at_once else ""
        return " ".join(filter(None, [str(self.rate) if self.rate else "", at_once])) or "none"

    def __bool__(self) -> bool:
        return self.rate is not None or self.at_once is not None

    def stricter(self, other: Limits) -> Limits:
        """What keeps to both."""
        rates = [one.rate for one in (self, other) if one.rate]
        at_once = [one.at_once for one in (self, other) if one.at_once]
        return Limits(max(rates, key=lambda rate: rate.interval, default=None), min(at_once, default=None))


@dataclass(frozen=True, slots=True)
class WarmUp:
    """A ceiling of mails a day: ``start``, then ``growth`` per cent above the best day so far."""

    start: int
    growth: int

    def __str__(self) -> str:
        return f"{self.start} +{self.growth}%"

    def ceiling(self, best: int) -> int:
        """``best``: mails on the best of the days before."""
        return max(self.start, -(-best * (100 + self.growth) // 100))


def parse_rate(text: str) -> Rate:
    """``500/hour``. Raises ValueError."""
    read = _RATE.fullmatch(text.strip())
    if read is None:
        raise ValueError(text)
    return _rate(*read.groups())


def parse_limits(text: str) -> Limits:
    """``500/hour``, ``2 at once``, both, or ``none``. Raises ValueError."""
    if text.strip() == "none":
        return Limits()
    read = _LIMITS.fullmatch(text.strip())
    if read is None or not text.strip():
        raise ValueError(text)
    mails, unit, at_once = read.groups()
    if at_once is not None and int(at_once) == 0:
        raise ValueError(text)
    return Limits(_rate(mails, unit) if mails else None, int(at_once) if at_once else None)


def parse_warm_up(text: str) -> WarmUp:
    """``50 +50%``, or ``50``. Raises ValueError."""
    read = _WARM_UP.fullmatch(text.strip())
    if read is None:
        raise ValueError(text)
    return WarmUp(int(read[1]), int(read[2] or _GROWTH))


def _rate(mails: str, unit: str) -> Rate:
    number, period = int(mails), _PERIODS[unit]
    if number == 0 or period / number > _LONGEST_WAIT:
        raise ValueError(mails)
    return Rate(number, period)
