"""Refuses people whose job function is unknown, or not among those that the offer concerns."""

from __future__ import annotations

from sender.gates.facts import ContactFacts
from sender.gates.standing import concerned, consent_flaw, sale_flaw
from sender.gates.verdicts import Findings, allow, refuse
from sender.model import AddressClass, Verdict

FINDINGS: Findings = {
    "concerned": ("functions", "evidence"),
    "generic": (),
    "consented": (),
    "customer": (),
    "title_missing": (),
    "title_unknown": (),
    "not_concerned": ("functions", "evidence"),
}
_RULE = "FR F3(c) (CPCE L34-5; CNIL); D2"


def judge(facts: ContactFacts) -> Verdict:
    # Meets: FR F3(c), FR F13
    if facts.address_class is AddressClass.GENERIC_ENTITY:
        return allow("relevance", "generic", "FR F4 (CNIL)")
    matching = concerned(facts)
    if matching:
        evidence = ("evidence", facts.functions.evidence)
        return allow("relevance", "concerned", _RULE, ("functions", matching), evidence)
    if consent_flaw(facts) is None:
        return allow("relevance", "consented", "ePrivacy art. 13(1)")
    if sale_flaw(facts) is None:
        return allow("relevance", "customer", facts.rules.soft_opt_in.rule)
    if not (facts.contact.title or "").strip():
        return refuse("relevance", "title_missing", _RULE)
    if not facts.functions.functions:
        return refuse("relevance", "title_unknown", _RULE)
    told = ("functions", facts.functions.functions), ("evidence", facts.functions.evidence)
    return refuse("relevance", "not_concerned", _RULE, *told)
