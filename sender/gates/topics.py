"""Refuses whoever wants to hear nothing of a topic of this campaign."""

from __future__ import annotations

from sender.gates.facts import ContactFacts
from sender.gates.verdicts import Findings, allow, refuse
from sender.model import Verdict

FINDINGS: Findings = {"open": (), "refused": ("topic",)}
_RULE = "GDPR art. 21(2)"


def judge(facts: ContactFacts) -> Verdict:
    # Meets: GDPR art. 21(2), 21(3) (an objection to a part of the advertising)
    refused = [topic for topic in facts.topics if topic in facts.contact.choices.refused]
    if refused:
        return refuse("topics", "refused", _RULE, ("topic", refused[0]))
    return allow("topics", "open", _RULE)
