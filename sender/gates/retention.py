"""Refuses contacts from whom nothing came for longer than the law lets their details be kept."""

from __future__ import annotations

from sender.gates.facts import ContactFacts
from sender.gates.verdicts import Findings, allow, refuse
from sender.law.calendar import last_day
from sender.model import Verdict

FINDINGS: Findings = {
    "recent": ("limit_days",),
    "collection_undated": (),
    "in_future": (),
    "too_old": ("limit_days",),
}


def judge(facts: ContactFacts) -> Verdict:
    # Meets: FR F10 (an open mail is no contact from the person, so opens are not even known here)
    ruling = facts.rules.retention_days
    limit = ("limit_days", ruling.value)
    collected, inbound = facts.contact.provenance.collected_on, facts.contact.last_inbound_on
    if collected is None:
        return refuse("retention", "collection_undated", ruling.rule)
    latest = inbound if inbound is not None and inbound > collected else collected
    if latest > facts.today:
        return refuse("retention", "in_future", ruling.rule)
    if facts.today > last_day(latest, ruling.value):
        return refuse("retention", "too_old", ruling.rule, limit)
    return allow("retention", "recent", ruling.rule, limit)
