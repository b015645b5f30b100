"""Refuses where the legal basis that the campaign names does not hold for this recipient under the stricter law."""

from __future__ import annotations

from sender.gates.facts import ContactFacts
from sender.gates.standing import concerned, consent_flaw, sale_flaw
from sender.gates.verdicts import Findings, allow, refuse
from sender.law import Permission
from sender.model import AddressClass, LegalBasis, Verdict

FINDINGS: Findings = {
    "open": ("permission", "address_class"),
    "published": ("address_class",),
    "consented": (),
    "customer": (),
    "denied": ("address_class",),
    "consent_needed": ("basis", "address_class"),
    "none_not_exempt": ("permission", "address_class"),
    "consent_missing": (),
    "consent_withdrawn": (),
    "consent_by_third_party": (),
    "consent_unproven": (),
    "consent_wording_unknown": (),
    "consent_in_future": (),
    "soft_opt_in_unknown": (),
    "sale_missing": (),
    "sale_in_future": (),
    "sale_not_similar": (),
    "sale_without_refusal": (),
}


def judge(facts: ContactFacts) -> Verdict:
    # Meets: FR F1, FR F2, FR F3; ePrivacy art. 13(1), 13(2); A4
    ruling = facts.rules.permission(facts.address_class)
    if ruling.value is Permission.DENY:
        return refuse("basis", "denied", ruling.rule, ("address_class", facts.address_class.value))
    match facts.basis:
        case LegalBasis.CONSENT:
            flaw = consent_flaw(facts)
            return refuse("basis", flaw, ruling.rule) if flaw else allow("basis", "consented", ruling.rule)
        case LegalBasis.CUSTOMER:
            flaw, rule = sale_flaw(facts), facts.rules.soft_opt_in.rule
            return refuse("basis", flaw, rule) if flaw else allow("basis", "customer", rule)
        case LegalBasis.LEGITIMATE_INTEREST if ruling.value is not Permission.IN or _published(facts):
            return _open(facts, ruling.value, ruling.rule)
        case LegalBasis.NONE if ruling.value is Permission.EXEMPT:
            return _open(facts, ruling.value, ruling.rule)
        case LegalBasis.LEGITIMATE_INTEREST:
            details = ("basis", facts.basis.value), ("address_class", facts.address_class.value)
            return refuse("basis", "consent_needed", ruling.rule, *details)
        case _:
            known = ("permission", ruling.value.value), ("address_class", facts.address_class.value)
            return refuse("basis", "none_not_exempt", ruling.rule, *known)


def _open(facts: ContactFacts, permission: Permission, rule: str) -> Verdict:
    kind = ("address_class", facts.address_class.value)
    if permission is Permission.IN:
        return allow("basis", "published", rule, kind)
    return allow("basis", "open", rule, ("permission", permission.value), kind)


def _published(facts: ContactFacts) -> bool:
    """A4, A5: NL opens a published generic address; CA and AU a person's, where the offer concerns their function."""
    if not facts.contact.published_for_this or facts.address_class not in facts.rules.published_opens:
        return False
    return facts.address_class is AddressClass.GENERIC_ENTITY or bool(concerned(facts))
