"""Refuses a further mail to somebody who got as many in twelve months, over all campaigns, as law or cap allow."""

from __future__ import annotations

from sender.gates.facts import ContactFacts
from sender.gates.verdicts import Findings, allow, refuse
from sender.model import Verdict

FINDINGS: Findings = {"below": ("limit",), "law_reached": ("limit",), "cap_reached": ("limit",)}


def judge(facts: ContactFacts) -> Verdict:
    # Meets: A5 ES (more than three mails a year to one person is a serious breach)
    lawful, cap = facts.rules.max_mails_per_year, facts.frequency_cap
    mails = facts.history.mails_last_12_months
    if lawful.value is not None and mails >= lawful.value:
        return refuse("frequency", "law_reached", lawful.rule, ("limit", lawful.value))
    if mails >= cap:
        return refuse("frequency", "cap_reached", "the sender's own cap", ("limit", cap))
    limit = cap if lawful.value is None else min(cap, lawful.value)
    return allow("frequency", "below", "the sender's own cap" if limit == cap else lawful.rule, ("limit", limit))
