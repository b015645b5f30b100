"""A lane, the pace that lanes make together, and how a lane stands: pure sums over moments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from sender.ledger.parking import LANE
from sender.ledger.slowing import Slowness
from sender.rates import Limits, WarmUp

__all__ = ["UNPACED", "Lane", "OpenLane", "Pace"]

_REST = timedelta(seconds=5)
"""Between two looks that found nothing, at most. Our own answers end it sooner, other runs' do not."""
_LOOKS_AHEAD = 10
"""Looks while a rate gathers what may run ahead: so it loses nothing between two of them."""


@dataclass(frozen=True, slots=True)
class Lane:
    """``domains``: keyed hashes of those whose letters go through it; none: every letter does.

    ``name``: the same in every run, 27 characters at most.
    """

    name: str
    limits: Limits
    domains: frozenset[bytes] = frozenset()

    @property
    def where(self) -> str:
        """Where its letters wait."""
        return LANE + self.name


@dataclass(frozen=True)
class Pace:
    """All that limits a run: its lanes, and the day's ceiling. A domain is in one lane at most.

    ``from_domain``: ours, whose mails of each day are counted; empty: nothing is counted.
    """

    lanes: tuple[Lane, ...] = ()
    from_domain: str = ""
    warm_up: WarmUp | None = None

    @cached_property
    def by_domain(self) -> Mapping[bytes, Lane]:
        return {domain: lane for lane in self.lanes for domain in lane.domains}

    @cached_property
    def of_all(self) -> Sequence[Lane]:
        """Those that every letter goes through."""
        return [lane for lane in self.lanes if not lane.domains]


UNPACED = Pace()


@dataclass(slots=True)
class OpenLane:
    """A lane as it stands now. ``due``: from when on its next mail is; ``waited_for``: mails without an answer."""

    lane: Lane
    due: datetime | None = None
    slowness: Slowness = field(default_factory=Slowness)
    waited_for: int = 0

    def limits(self, now: datetime) -> Limits:
        return self.slowness.narrowed(self.lane.limits, now)

    def room(self, now: datetime, most: int) -> int:
        """For so many mails; ``most`` are asked for."""
        limits = self.limits(now)
        by_rate = limits.rate.room(self.due, now) if limits.rate else most
        by_answers = limits.at_once - self.waited_for if limits.at_once else most
        return max(min(by_rate, by_answers, most), 0)

    def let_one_through(self, now: datetime) -> None:
        rate = self.limits(now).rate
        self.due = rate.after(self.due, now, 1) if rate else None
        self.waited_for += 1
        self.slowness = self.slowness.begun(now)

    def go_carefully(self, now: datetime) -> None:
        """One mail at a time, until that has gone well for a while."""
        self.slowness = self.slowness.careful(now)

    def be_patient(self, now: datetime) -> None:
        """Slower from now on, the next mail included."""
        self.slowness = self.slowness.raised(now)
        if rate := self.limits(now).rate:
            self.due = max(self.due or now, rate.after(None, now, 1))

    def owes_too_much(self, now: datetime) -> bool:
        rate = self.limits(now).rate
        return rate is not None and self.due is not None and self.due > rate.latest(now)

    def forgive(self, now: datetime) -> None:
        rate = self.limits(now).rate
        if rate and self.due:
            self.due = min(self.due, rate.latest(now))

    def waits_for_answers(self, now: datetime) -> bool:
        at_once = self.limits(now).at_once
        return at_once is not None and self.waited_for >= at_once

    def again(self, now: datetime) -> datetime:
        """When to look whether there is room: not for each mail, where many go."""
        rate = self.limits(now).rate
        by_rate = max(rate.again(self.due, now), now + min(rate.ahead / _LOOKS_AHEAD, _REST)) if rate else now
        return max(by_rate, now + _REST) if self.waits_for_answers(now) else by_rate
