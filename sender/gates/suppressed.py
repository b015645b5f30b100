"""Refuses whoever objected, was erased, complained, asked for restriction, bounced for good or is excluded."""

from __future__ import annotations

from sender.gates.facts import ContactFacts
from sender.gates.verdicts import Findings, allow, refuse
from sender.model import Verdict

_RULES = {
    "objected": "GDPR art. 21(3)",
    "erased": "GDPR art. 17, 21",
    "complained": "GDPR art. 21(3)",
    "restricted": "GDPR art. 18",
    "bounced": "RFC 3463",
    "excluded": "GDPR art. 21",
    "domain": "GDPR art. 21",
}
FINDINGS: Findings = {
    "clear": (),
    **dict.fromkeys(_RULES, ()),
    "other": ("reason",),
    "suppressed_since": (),  # the ledger writes it where something came in between the decision and the letter
}


def judge(facts: ContactFacts) -> Verdict:
    # Meets: GDPR art. 21(3) (an objection wins over everything); FR F4 (generic addresses too)
    suppression = facts.history.suppression
    if suppression is None:
        return allow("suppressed", "clear", "GDPR art. 21(3)")
    if suppression.reason in _RULES:
        return refuse("suppressed", suppression.reason, _RULES[suppression.reason])
    return refuse("suppressed", "other", "GDPR art. 21", ("reason", suppression.reason))
