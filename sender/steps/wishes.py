"""What people chose while a campaign was on its way: asked again in the transaction that opens each letter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from sender import contacts, ledger
from sender.model import ContactId, Finding, Verdict

__all__ = ["Wishes"]


@dataclass(frozen=True, slots=True)
class Wishes:
    """For one campaign, which is about ``topics``."""

    topics: tuple[str, ...]
    today: date

    def against(self, connection: Connection, asked: Sequence[ContactId]) -> dict[ContactId, Verdict]:
        """Whoever refused a topic since, or has had as many mails as they asked for."""
        # Meets: GDPR art. 21(3)
        return self._enough(connection, asked) | self._no_topic(connection, asked)

    def _enough(self, connection: Connection, asked: Sequence[ContactId]) -> dict[ContactId, Verdict]:
        caps = contacts.caps_of(connection, asked)
        if not caps:
            return {}
        had = ledger.history(connection, None, list(caps), self.today)
        full = {one: cap for one, cap in caps.items() if had[one].mails_last_12_months >= cap}
        return {one: _refused("frequency", "wish_reached", limit=cap) for one, cap in full.items()}

    def _no_topic(self, connection: Connection, asked: Sequence[ContactId]) -> dict[ContactId, Verdict]:
        if not self.topics:
            return {}
        found = contacts.refused_by(connection, asked)
        first = {
            one: next((topic for topic in self.topics if topic in refused), None) for one, refused in found.items()
        }
        return {one: _refused("topics", "refused", topic=topic) for one, topic in first.items() if topic}


def _refused(gate: str, code: str, **facts: str | int) -> Verdict:
    return Verdict(gate, False, (Finding(code, facts, "GDPR art. 21(2)"),))
