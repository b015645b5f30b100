"""Has the person asked for it? A consent that can be proved, a sale that carries the soft opt-in."""

from __future__ import annotations

from sender.gates.facts import ContactFacts
from sender.law.calendar import last_day

PROOFS = frozenset({"double_opt_in", "signed"})


def consent_flaw(facts: ContactFacts) -> str | None:
    """Why the consent does not count; None when it does."""
    consent, today = facts.contact.consent, facts.today
    if consent is None:
        return "consent_missing"
    if consent.withdrawn_on is not None and consent.withdrawn_on <= today:
        return "consent_withdrawn"  # Meets: GDPR art. 7(3)
    if consent.by != "person":
        return "consent_by_third_party"
    if consent.proof not in PROOFS:
        return "consent_unproven"  # Meets: FR F12; GDPR art. 7(1); Garante 330/2025
    if not (consent.wording_version or "").strip():
        return "consent_wording_unknown"
    return "consent_in_future" if consent.given_on > today else None


def sale_flaw(facts: ContactFacts) -> str | None:
    """Why the soft opt-in does not hold; None when it does."""
    sale = facts.contact.sale
    if not facts.rules.soft_opt_in.value:
        return "soft_opt_in_unknown"
    if sale is None:
        return "sale_missing"
    if sale.sold_on > facts.today:
        return "sale_in_future"
    age = facts.rules.sale_max_age_days.value
    if age is not None and facts.today > last_day(sale.sold_on, age):
        return "sale_too_old"  # Meets: A4 (IE: a year; CA: two)
    if not sale.own_similar:
        return "sale_not_similar"
    return None if sale.refusal_offered else "sale_without_refusal"


def consents_to_tracking(facts: ContactFacts) -> bool:
    """A consent that counts, and that says tracking too (Part B: separate, proved, not withdrawn)."""
    consent = facts.contact.consent
    return consent is not None and consent.tracking and consent_flaw(facts) is None


def concerned(facts: ContactFacts) -> tuple[str, ...]:
    """The contact's job functions that the offer concerns, in the order of the list."""
    offered = facts.offer.functions
    return tuple(function for function in facts.functions.functions if function in offered)
