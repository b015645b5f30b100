"""How a receiver that asks for patience is slowed down, and how it recovers: pure sums over moments.

Each request for patience doubles the time between two mails to its domain; each quiet spell halves it again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sender.rates import Limits, Rate

__all__ = ["Slowness"]

MOST = 7
"""At the narrowest a mail in 64 s."""
RECOVERS = timedelta(minutes=5)
"""A spell without such an answer, after which the time between mails is halved."""
AT_ONCE = timedelta(seconds=10)
"""Answers as close together as this speak of the same mails."""


@dataclass(frozen=True, slots=True)
class Slowness:
    """``level``: how often the time between two mails was doubled, as it was at ``since``.

    ``since`` None: it stays so until a mail goes there.
    """

    level: int = 0
    since: datetime | None = None

    def at(self, now: datetime) -> int:
        """The level now."""
        return max(self.level - (now - self.since) // RECOVERS, 0) if self.since else self.level

    def raised(self, now: datetime) -> Slowness:
        """After one more request for patience."""
        if self.since and self.level and now - self.since < AT_ONCE:
            return self
        return Slowness(min(self.at(now) + 1, MOST), now)

    def careful(self, now: datetime) -> Slowness:
        """One mail at a time at least, from the next one on."""
        return Slowness(max(self.at(now), 1))

    def begun(self, now: datetime) -> Slowness:
        """A mail goes there."""
        return self if self.since or not self.level else Slowness(self.level, now)

    def narrowed(self, limits: Limits, now: datetime) -> Limits:
        """The limits of a domain that is as slow as this."""
        level = self.at(now)
        if not level:
            return limits
        slow = Rate(1, timedelta(seconds=2 ** (level - 1)))
        slower = limits.rate if limits.rate and limits.rate.interval > slow.interval else slow
        return Limits(slower, 1)
