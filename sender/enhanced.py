"""Enhanced status codes of which the answer at the relay and the report that comes back later must think alike."""

from __future__ import annotations

__all__ = ["NO_SUCH_ADDRESS", "by_policy"]

# Meets: RFC 3463 §3.2 (bad mailbox, bad system address), RFC 7505 §4 and RFC 3463 by IANA (recipient has null MX)
NO_SUCH_ADDRESS = frozenset({"5.1.1", "5.1.2", "5.1.10"})
"""No mail will ever arrive there."""


def by_policy(status: str | None) -> bool:
    """5.7.x: the receiver takes no such mail from us. It says nothing of the address, which is not suppressed."""
    # Meets: RFC 3463 §3.8 (security or policy status)
    return (status or "").startswith("5.7.")
