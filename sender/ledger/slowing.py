"""How a receiver that asks for patience is slowed down, and how it recovers: pure sums over moments.

Each request for patience doubles the time between two mails to its domain; each quiet spell halves it again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from sender.model import Answer, Outcome
from sender.rates import Limits, Rate

__all__ = ["Slowness", "asks_for_patience"]

MOST = 7
"""At the narrowest a mail in 64 s."""
RECOVERS = timedelta(minutes=5)
"""A spell without such an answer, after which the time between mails is halved."""
AT_ONCE = timedelta(seconds=10)
"""Answers as close together as this speak of the same mails."""

_OF_A_RECIPIENT = frozenset({"rcpt", "data", "dot"})
_GREYLISTED = re.compile(r"gr[ae]y-?\s?list", re.IGNORECASE)


def asks_for_patience(answer: Answer) -> bool:
    """421 or 4.7.x to a recipient or a content. Greylisting is no such thing: it asks for a second try of each mail."""
    # Meets: RFC 3463 §3.8 (4.7.x, by policy), RFC 5321 §4.2.3 (421), RFC 6647 §2.1 (greylisting)
    if answer.outcome is not Outcome.DEFERRED or answer.stage not in _OF_A_RECIPIENT:
        return False
    asked = answer.code == 421 or (answer.enhanced or "").startswith("4.7.")
    return asked and not _GREYLISTED.search(answer.text)


@dataclass(frozen=True, slots=True)
class Slowness:
    """``level``: how often the time between two mails was doubled, as it was at ``since``."""

    level: int = 0
    since: datetime | None = None

    def at(self, now: datetime) -> int:
        """The level now."""
        return max(self.level - (now - self.since) // RECOVERS, 0) if self.since else 0

    def raised(self, now: datetime) -> Slowness:
        """After one more request for patience."""
        if self.since and self.level and now - self.since < AT_ONCE:
            return self
        return Slowness(min(self.at(now) + 1, MOST), now)

    def narrowed(self, limits: Limits, now: datetime) -> Limits:
        """The limits of a domain that is as slow as this."""
        level = self.at(now)
        if not level:
            return limits
        slow = Rate(1, timedelta(seconds=2 ** (level - 1)))
        slower = limits.rate if limits.rate and limits.rate.interval > slow.interval else slow
        return Limits(slower, 1)
