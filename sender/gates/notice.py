"""Refuses people who were not told at collection that they would be written to, or could not object then."""

from __future__ import annotations

from datetime import date

from sender.gates.facts import ContactFacts
from sender.gates.standing import consent_flaw
from sender.gates.verdicts import Findings, allow, refuse
from sender.law.calendar import a_month_after
from sender.model import AddressClass, LegalBasis, Verdict

FINDINGS: Findings = {
    "told": (),
    "generic": (),
    "in_this_mail": (),
    "not_told": (),
    "undated": (),
    "collection_undated": (),
    "too_late": (),
    "in_future": (),
    "no_objection": (),
    "not_understood": (),
}
_DIRECT = "FR F3(a) (CPCE L34-5; CNIL); GDPR art. 13"
_INDIRECT = "GDPR art. 14(3)"
_OBJECTION = "FR F3(b) (CPCE L34-5; CNIL); GDPR art. 21(4)"


def judge(facts: ContactFacts) -> Verdict:
    # Meets: FR F3(a), FR F3(b), FR F4; GDPR art. 13, 14
    if facts.address_class is AddressClass.GENERIC_ENTITY:
        return allow("notice", "generic", "FR F4 (CNIL)")
    provenance = facts.contact.provenance
    collected = provenance.collected_on
    indirect = provenance.kind.indirect
    rule = _INDIRECT if indirect else _DIRECT
    if collected is None:
        return refuse("notice", "collection_undated", rule)
    limit = a_month_after(collected) if indirect else collected
    flaw = _flaw(facts, limit)
    if flaw is None:
        return allow("notice", "told", rule)
    # Meets: GDPR art. 14(3)(a), 14(3)(b), 21(4) (told by the first mail, within the month)
    if indirect and facts.collection_notice and facts.today <= limit:
        if not facts.notice_understood:
            return refuse("notice", "not_understood", "FR F14 (CNIL SAN-2024-020); GDPR art. 12(1)")
        return allow("notice", "in_this_mail", rule)
    return refuse("notice", flaw, _OBJECTION if flaw == "no_objection" else rule)


def _flaw(facts: ContactFacts, limit: date) -> str | None:
    notice = facts.contact.provenance.notice
    if not notice.given:
        return "not_told"
    if flaw := _date_flaw(notice.given_on, limit, facts.today):
        return flaw
    if notice.objection_offered or (facts.basis is LegalBasis.CONSENT and consent_flaw(facts) is None):
        return None
    return "no_objection"


def _date_flaw(given: date | None, limit: date, today: date) -> str | None:
    if given is None:
        return "undated"
    if given > limit:
        return "too_late"
    return "in_future" if given > today else None
