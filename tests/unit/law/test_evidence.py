"""More evidence never hurts: for every pack, over generated facts, in both directions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sender.address import parse
from sender.functions import match
from sender.gates import ContactFacts, judge_contact
from sender.law import classify, load, pack_ids, resolve
from sender.model import (
    CompanyForm,
    Consent,
    Contact,
    ContactId,
    History,
    LegalBasis,
    LetterState,
    Notice,
    Offer,
    Provenance,
    Sale,
    SourceKind,
)

TODAY = date(2026, 11, 23)
COUNTRIES = [pack for pack in pack_ids() if load(pack).kind == "country"]
OFFER = Offer("Logiciel de paie", ("human_resources", "payroll"), "Ces fonctions choisissent la paie.")
EMAILS = ("claire.moreau@entreprise.example", "contact@entreprise.example", "drh@entreprise.example", "c.m@gmail.com")
DAYS = st.dates(TODAY - timedelta(days=1300), TODAY + timedelta(days=2))

GOOD_CONSENT = Consent(date(2024, 1, 1), "v3", "web_form", "person", "double_opt_in", tracking=True)


def consents() -> st.SearchStrategy[Consent]:
    return st.builds(
        Consent,
        given_on=DAYS,
        wording_version=st.sampled_from([None, "", "v3"]),
        channel=st.sampled_from([None, "web_form"]),
        by=st.sampled_from(["person", "third_party"]),
        proof=st.sampled_from(["double_opt_in", "signed", "log_only", "none"]),
        tracking=st.booleans(),
        withdrawn_on=st.none() | DAYS,
    )


def people(country: str) -> st.SearchStrategy[Contact]:
    notices = st.builds(Notice, st.booleans(), st.just("v"), st.none() | DAYS, st.booleans())
    sources = st.sampled_from(list(SourceKind))
    return st.builds(
        Contact,
        id=st.just(ContactId("0" * 32)),
        email=st.sampled_from(EMAILS).map(parse),
        company=st.sampled_from([None, "Entreprise Exemple"]),
        form=st.sampled_from(list(CompanyForm)),
        title=st.sampled_from([None, "DRH", "Responsable de production"]),
        country=st.sampled_from([country, country, None, "KR"]),
        provenance=st.builds(Provenance, sources, st.sampled_from([None, "REF-1"]), st.none() | DAYS, notices),
        last_inbound_on=st.none() | DAYS,
        published_for_this=st.booleans(),
        consent=st.none() | consents(),
        sale=st.none() | st.builds(Sale, DAYS, st.booleans(), st.booleans()),
    )


@st.composite
def facts_of(draw: st.DrawFn, country: str) -> ContactFacts:
    contact = draw(people(country))
    sender = draw(st.sampled_from([country, "FR", None]))
    accepted = draw(st.sampled_from([frozenset[str](), frozenset({country}), frozenset({country, "FR"})]))
    already = draw(st.sampled_from([None, LetterState.DEFERRED, LetterState.ACCEPTED]))
    return ContactFacts(
        today=TODAY,
        contact=contact,
        address_class=classify(contact.email, contact.form, contact.company),
        functions=match(contact.title),
        offer=OFFER,
        basis=draw(st.sampled_from(list(LegalBasis))),
        rules=resolve(sender, contact.country, accepted),
        history=History(None, draw(st.integers(0, 4)), already),
        frequency_cap=12,
        collection_notice=draw(st.booleans()),
    )


def with_contact(facts: ContactFacts, **changes: object) -> ContactFacts:
    return replace(facts, contact=replace(facts.contact, **changes))  # type: ignore[arg-type]


def told(facts: ContactFacts, **changes: object) -> ContactFacts:
    provenance = facts.contact.provenance
    return with_contact(
        facts,
        provenance=replace(provenance, notice=replace(provenance.notice, **changes)),  # type: ignore[arg-type]
    )


Change = Callable[[ContactFacts], ContactFacts]
ADDED: Mapping[str, Change] = {
    "a consent": lambda f: with_contact(f, consent=GOOD_CONSENT),
    "a notice in time": lambda f: told(f, given=True, given_on=f.contact.provenance.collected_on),
    "an objection offered": lambda f: told(f, objection_offered=True),
    "a sale": lambda f: with_contact(f, sale=Sale(TODAY - timedelta(days=30), own_similar=True, refusal_offered=True)),
    "a refusal offered": lambda f: with_contact(
        f, sale=f.contact.sale and replace(f.contact.sale, refusal_offered=True)
    ),
    "a record": lambda f: with_contact(f, provenance=replace(f.contact.provenance, record="REF-9")),
    "a word from the person": lambda f: with_contact(f, last_inbound_on=TODAY),
    "a publication": lambda f: with_contact(f, published_for_this=True),
    "the notice in the mail": lambda f: replace(f, collection_notice=True),
}
REMOVED: Mapping[str, Change] = {
    "the consent": lambda f: with_contact(f, consent=None),
    "the notice": lambda f: told(f, given=False, given_on=None, objection_offered=False),
    "the objection offered": lambda f: told(f, objection_offered=False),
    "the sale": lambda f: with_contact(f, sale=None),
    "the refusal offered": lambda f: with_contact(
        f, sale=f.contact.sale and replace(f.contact.sale, refusal_offered=False)
    ),
    "the record": lambda f: with_contact(f, provenance=replace(f.contact.provenance, record=None)),
    "the word from the person": lambda f: with_contact(f, last_inbound_on=None),
    "the publication": lambda f: with_contact(f, published_for_this=False),
    "the notice in the mail": lambda f: replace(f, collection_notice=False),
}


def may_send(facts: ContactFacts) -> bool:
    decision = judge_contact(facts)
    assert all(finding.code != "fault" for verdict in decision.verdicts for finding in verdict.findings)
    return decision.may_send


@pytest.mark.parametrize("country", COUNTRIES)
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_more_evidence_holds_nobody_and_less_frees_nobody(country: str, data: st.DataObject) -> None:
    """Adding evidence never turns send into held; taking evidence away never turns held into send."""
    facts = data.draw(facts_of(country))
    sent = may_send(facts)

    for added in ADDED.values():
        assert may_send(added(facts)) or not sent
    for removed in REMOVED.values():
        assert sent or not may_send(removed(facts))


@pytest.mark.parametrize("country", COUNTRIES)
@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_accepting_a_pack_never_holds_what_went(country: str, data: st.DataObject) -> None:
    """An accepted pack opens or leaves as it was: the pack's own limits apply before it is accepted, too."""
    facts = data.draw(facts_of(country))
    home, there = data.draw(st.sampled_from([country, "FR"])), facts.contact.country
    closed, opened = (resolve(home, there, packs) for packs in (frozenset[str](), frozenset({country, "FR"})))

    assert may_send(replace(facts, rules=opened)) or not may_send(replace(facts, rules=closed))
