"""Enhanced status codes of which the answer at the relay and the report that comes back later must think alike."""

from __future__ import annotations

import re

from sender.model import Answer, Outcome

__all__ = ["NO_SUCH_ADDRESS", "asks_for_patience", "by_policy"]

_OF_A_RECIPIENT = frozenset({"rcpt", "data", "dot"})
_GREYLISTED = re.compile(r"gr[ae]y-?\s?list", re.IGNORECASE)


# Meets: RFC 3463 §3.2 (bad mailbox, bad system address), RFC 7505 §4 and RFC 3463 by IANA (recipient has null MX)
NO_SUCH_ADDRESS = frozenset({"5.1.1", "5.1.2", "5.1.10"})
"""No mail will ever arrive there."""


def by_policy(status: str | None) -> bool:
    """5.7.x: the receiver takes no such mail from us. It says nothing of the address, which is not suppressed."""
    # Meets: RFC 3463 §3.8 (security or policy status)
    return (status or "").startswith("5.7.")


def asks_for_patience(answer: Answer) -> bool:
    """421 or 4.7.x to a recipient or a content. Greylisting is no such thing: it asks for a second try of each mail.

    Nor is a 421 that names another cause: 4.3.2 is the relay itself, which is going down.
    """
    # Meets: RFC 3463 §3.8 (4.7.x, by policy), RFC 5321 §4.2.3 (421), RFC 6647 §2.1 (greylisting)
    if answer.outcome is not Outcome.DEFERRED or answer.stage not in _OF_A_RECIPIENT:
        return False
    enhanced = answer.enhanced or ""
    asked = enhanced.startswith("4.7.") or (answer.code == 421 and not enhanced)
    return asked and not _GREYLISTED.search(answer.text)
