"""Refuses processing in no record, legitimate interest that nobody weighed, refusal lists that nobody asked."""

from __future__ import annotations

from collections.abc import Iterator

from sender.gates.facts import CampaignFacts
from sender.gates.verdicts import Findings, found, unless_found
from sender.model import Finding, LegalBasis, Verdict

FINDINGS: Findings = {
    "recorded": ("record",),
    "record_missing": (),
    "balancing_test_missing": (),
    "balancing_test_not_there": (),
    "balancing_test_empty": (),
    "registry_not_asked": ("registry",),
    "registry_in_future": ("registry",),
    "registry_too_old": ("registry", "limit_days"),
}


def judge(facts: CampaignFacts) -> Verdict:
    # Meets: GDPR art. 30, 6(1)(f), 5(2)
    passed = found("recorded", "GDPR art. 30", record=facts.documents.record)
    return unless_found("register", _findings(facts), passed)


def _findings(facts: CampaignFacts) -> Iterator[Finding]:
    documents, place = facts.documents, facts.campaign.place
    if not (documents.record or "").strip():
        yield found("record_missing", "GDPR art. 30", place("processing.record"))
    if facts.campaign.basis is LegalBasis.LEGITIMATE_INTEREST:
        flaw = _test_flaw(facts)
        if flaw:
            yield found(flaw, "GDPR art. 6(1)(f), rec. 47", place("processing.balancing_test"))
    if facts.campaign.basis is not LegalBasis.CONSENT:  # who asked for it is written to whatever the lists say
        yield from _unasked(facts)


def _unasked(facts: CampaignFacts) -> Iterator[Finding]:
    """Public lists of people who refuse advertising, of every country written to."""
    # Meets: A5 AT (ECG-Liste), A5 ES (Lista Robinson)
    for name, ruling in {name: one for rules in facts.content for name, one in rules.registries.items()}.items():
        place = facts.campaign.place("processing.registries")
        asked = facts.campaign.processing.registries.get(name)
        if asked is None:
            yield found("registry_not_asked", ruling.rule, place, registry=name)
        elif asked > facts.today:
            yield found("registry_in_future", ruling.rule, place, registry=name)
        elif (facts.today - asked).days > ruling.value:
            yield found("registry_too_old", ruling.rule, place, registry=name, limit_days=ruling.value)


def _test_flaw(facts: CampaignFacts) -> str | None:
    documents = facts.documents
    if facts.campaign.processing.balancing_test is None:
        return "balancing_test_missing"
    if not documents.balancing_test_exists:
        return "balancing_test_not_there"
    if documents.balancing_test_empty:
        return "balancing_test_empty"
    return None if documents.balancing_test else "balancing_test_not_there"
