"""Refuses where the legal basis that the campaign names does not hold for this recipient under the stricter law."""

from __future__ import annotations

from sender.gates.facts import ContactFacts
from sender.gates.standing import concerned, consent_flaw, sale_flaw
from sender.gates.verdicts import Findings, allow, refuse
from sender.law import Permission, classify
from sender.model import AddressClass, CompanyForm, Fact, LegalBasis, Verdict

FINDINGS: Findings = {
    "open": ("permission", "address_class", "packs"),
    "published": ("address_class", "packs"),
    "consented": ("packs",),
    "customer": ("packs",),
    "denied": ("address_class", "packs"),
    "consent_needed": ("basis", "address_class", "packs"),
    "none_not_exempt": ("permission", "address_class", "packs"),
    **dict.fromkeys(
        (
            *("consent_missing", "consent_withdrawn", "consent_by_third_party", "consent_unproven"),
            *("consent_wording_unknown", "consent_in_future", "soft_opt_in_unknown", "sale_missing"),
            *("sale_in_future", "sale_too_old", "sale_not_similar", "sale_without_refusal"),
        ),
        ("packs",),
    ),
}


def judge(facts: ContactFacts) -> Verdict:
    # Meets: FR F1, FR F2, FR F3; ePrivacy art. 13(1), 13(2); A4
    ruling = facts.rules.permission(facts.address_class)
    kind = ("address_class", facts.address_class.value)
    if ruling.value is Permission.DENY:
        return _refused(facts, "denied", ruling.rule, kind)
    match facts.basis:
        case LegalBasis.CONSENT:
            flaw = consent_flaw(facts)
            return _refused(facts, flaw, ruling.rule) if flaw else _allowed(facts, "consented", ruling.rule)
        case LegalBasis.CUSTOMER:
            flaw, rule = sale_flaw(facts), facts.rules.soft_opt_in.rule
            return _refused(facts, flaw, rule) if flaw else _allowed(facts, "customer", rule)
        case LegalBasis.LEGITIMATE_INTEREST if ruling.value is not Permission.IN:
            return _allowed(facts, "open", ruling.rule, ("permission", ruling.value.value), kind)
        case LegalBasis.LEGITIMATE_INTEREST if _published(facts):
            return _allowed(facts, "published", ruling.rule, kind)
        case LegalBasis.LEGITIMATE_INTEREST:
            return _refused(facts, "consent_needed", ruling.rule, ("basis", facts.basis.value), kind)
        case LegalBasis.NONE if ruling.value is Permission.EXEMPT:
            return _allowed(facts, "open", ruling.rule, ("permission", ruling.value.value), kind)
        case _:
            return _refused(facts, "none_not_exempt", ruling.rule, ("permission", ruling.value.value), kind)


def _allowed(facts: ContactFacts, code: str, rule: str, *details: tuple[str, Fact]) -> Verdict:
    return allow("basis", code, rule, *details, ("packs", facts.rules.packs))


def _refused(facts: ContactFacts, code: str, rule: str, *details: tuple[str, Fact]) -> Verdict:
    return refuse("basis", code, rule, *details, ("packs", facts.rules.packs))


def _published(facts: ContactFacts) -> bool:
    """A4, A5: NL opens a published generic address; CA and AU a person's, where the offer concerns their function."""
    if not facts.contact.published_for_this or facts.address_class not in facts.rules.published_opens:
        return False
    if _is_generic(facts):
        return AddressClass.GENERIC_ENTITY in facts.rules.published_opens
    return bool(concerned(facts))


def _is_generic(facts: ContactFacts) -> bool:
    """A firm of unknown form may be a legal person, whose contact@ is nobody's: CA and AU do not open that one."""
    contact = facts.contact
    if contact.form is not CompanyForm.UNKNOWN:
        return facts.address_class is AddressClass.GENERIC_ENTITY
    as_firm = classify(contact.email, CompanyForm.LEGAL_PERSON, contact.company)
    return as_firm is AddressClass.GENERIC_ENTITY
