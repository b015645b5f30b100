"""All gates together: order, closed by default, the law as properties, and a sentence for everything."""

from __future__ import annotations

import string
import tomllib
from dataclasses import replace
from datetime import date
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sender.gates import CAMPAIGN_GATES, CONTACT_GATES, Gate, judge_campaign, judge_contact, say, sentence
from sender.law import Permission
from sender.model import (
    AddressClass,
    Consent,
    Contact,
    Finding,
    FunctionMatch,
    History,
    LegalBasis,
    LetterState,
    Notice,
    Provenance,
    Sale,
    SourceKind,
)
from tests.unit.gates.given import CONTACT, OFFER, campaign_facts, contact_facts, rules

ALL = (*CAMPAIGN_GATES, *CONTACT_GATES)


def broken(_: Any) -> Any:
    raise ValueError("claire.moreau@entreprise.example")


def test_order() -> None:
    """The gates stand in the order of the design."""
    assert [g.name for g in CAMPAIGN_GATES] == ["identity", "unsubscribe", "offer", "subject", "tracking", "register"]
    assert [g.name for g in CONTACT_GATES] == (
        [
            "address",
            "suppressed",
            "topics",
            "source",
            "notice",
            "basis",
            "relevance",
            "retention",
            "frequency",
            "already_sent",
        ]
    )


def test_lawful_facts_pass_everywhere() -> None:
    """The facts that the other tests change are let through by all gates, and all of them answer."""
    assert all(verdict.passed for verdict in judge_campaign(campaign_facts()))
    assert judge_contact(contact_facts()).may_send
    assert len(judge_contact(contact_facts()).verdicts) == len(CONTACT_GATES)


def test_an_error_refuses_and_tells_nothing() -> None:
    """An error inside a gate refuses under the code fault; its text, which may name a person, is not kept."""
    gate = Gate("basis", "", broken, {})
    decision = judge_contact(contact_facts(), (*CONTACT_GATES, gate))

    assert not decision.may_send
    assert decision.verdicts[-1].findings == (Finding("fault", {"error": "ValueError"}),)
    assert not judge_campaign(campaign_facts(), (gate,))[0].passed


def test_no_gates_no_mail() -> None:
    """An empty list of gates lets nothing through."""
    assert not judge_contact(contact_facts(), ()).may_send
    assert [verdict.passed for verdict in judge_campaign(campaign_facts(), ())] == [False]


def test_equal_decisions_are_one_object() -> None:
    """Contacts judged alike share their decision, whoever they are."""
    other = contact_facts(contact={"first_name": "Autre"})

    assert judge_contact(contact_facts()) is judge_contact(other)


NEEDED: dict[str, dict[str, Any]] = {
    "title": {"functions": FunctionMatch(), "contact": {"title": None}},
    "source": {"provenance": {"kind": SourceKind.UNKNOWN}},
    "collected_on": {"provenance": {"collected_on": None}},
    "notice": {"provenance": {"notice": Notice()}},
    "notice date": {"provenance": {"notice": Notice(True, "v", None, True)}},
    "objection offered": {"provenance": {"notice": Notice(True, "v", date(2026, 3, 12), False)}},
    "offer functions": {"offer": replace(OFFER, functions=())},
    "basis": {"basis": LegalBasis.NONE},
    "address class": {"address_class": AddressClass.INVALID},
    "all provenance": {"contact": {"provenance": Provenance()}},
    "rules": {"rules": None},
    "history": {"history": None},
    "class": {"address_class": None},
}


@given(st.lists(st.sampled_from(sorted(NEEDED)), min_size=1, max_size=1), st.integers(0, 11), st.booleans())
def test_a_missing_fact_means_no_mail(missing: list[str], mails: int, published: bool) -> None:
    """No contact passes all gates when one fact that they need is missing."""
    facts = contact_facts(history=History(mails_last_12_months=mails))
    facts = replace(facts, contact=replace(facts.contact, published_for_this=published))
    dropped = NEEDED[missing[0]]
    changed = contact_facts(**{"history": facts.history, **dropped})

    assert judge_contact(facts).may_send
    assert not judge_contact(changed).may_send


dates = st.dates(date(2022, 1, 1), date(2028, 1, 1))
unproven = st.none() | st.builds(
    Consent, dates, st.none() | st.just("v1"), st.none(), st.sampled_from(["person", "third_party"]),
    st.sampled_from(["log_only", "none", ""]), st.booleans(), st.none() | dates,
)  # fmt: skip
provenances = st.builds(
    Provenance, st.sampled_from(SourceKind), st.none() | st.just("R"), st.none() | dates,
    st.builds(Notice, st.booleans(), st.just("v"), st.none() | dates, st.booleans()),
)  # fmt: skip
contacts = st.builds(
    lambda provenance, consent, sale, inbound, published: replace(
        CONTACT,
        provenance=provenance,
        consent=consent,
        sale=sale,
        last_inbound_on=inbound,
        published_for_this=published,
    ),
    provenances,
    unproven,
    st.none() | st.builds(Sale, dates, st.booleans(), st.booleans()),
    st.none() | dates,
    st.booleans(),
)


@given(
    contact=contacts,
    basis=st.sampled_from(LegalBasis),
    kind=st.sampled_from(AddressClass),
    functions=st.sampled_from([(), ("payroll",), ("production",)]),
    already=st.none() | st.sampled_from(LetterState),
    notice=st.booleans(),
)
def test_no_consent_no_mail_where_the_law_asks_for_it(
    contact: Contact, basis: LegalBasis, kind: AddressClass, functions: tuple[str, ...], already: Any, notice: bool
) -> None:
    """Where the law wants prior consent and knows no exception, nothing goes out without its proof."""
    facts = contact_facts(
        basis=basis,
        address_class=kind,
        functions=FunctionMatch(functions),
        history=History(already=already),
        collection_notice=notice,
        rules=rules(permitted=Permission.IN, soft=False),
    )

    assert not judge_contact(replace(facts, contact=contact)).may_send


@pytest.mark.parametrize("gate", CAMPAIGN_GATES, ids=[gate.name for gate in CAMPAIGN_GATES])
def test_nothing_rendered_is_refused_where_letters_are_looked_at(gate: Gate[Any]) -> None:
    """A gate that looks at letters refuses when there are none."""
    assert gate.judge(campaign_facts(renderings=())).passed is (gate.name in {"offer", "register"})


# --- sentences ---


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("gate", ALL, ids=[gate.name for gate in ALL])
def test_every_code_has_its_sentence(gate: Gate[Any], language: str) -> None:
    """Every code says what was found, with facts that it has; a campaign gate's refusal says why and what to do."""
    passing = {"shown", "present", "stated", "overridden", "honest", "none", "consented", "recorded"}
    for code, names in gate.findings.items():
        said = say(gate.name, Finding(code, dict.fromkeys(names, "x")), language)
        assert said.what
        if gate in CAMPAIGN_GATES and code not in passing:
            assert said.why, code
            assert said.todo, code


@pytest.mark.parametrize("language", ["fr", "en"])
def test_no_sentence_without_a_code(language: str) -> None:
    """The catalogue holds nothing that no gate says, and names no fact that its code lacks."""
    known = {gate.name: gate.findings for gate in ALL}
    text = files("sender.gates").joinpath("sentences", f"{language}.toml").read_text(encoding="utf-8")
    catalogue = tomllib.loads(text)
    for gate, entries in catalogue.items():
        for code, entry in entries.items() if gate not in {"words", "any"} else ():
            fields = {name for part in entry.values() for _, name, *_ in string.Formatter().parse(part) if name}
            assert fields <= set(known[gate][code]), f"{gate}.{code}"


def test_words_for_facts() -> None:
    """Facts are said in the reader's language, and an unknown language is answered in English."""
    finding = Finding("consent_needed", {"basis": "legitimate_interest", "address_class": "named"})

    assert "intérêt légitime" in sentence("basis", finding, "fr-FR")
    assert "legitimate interest" in sentence("basis", finding, "de")


def test_a_refused_campaign_is_told_in_three_lines() -> None:
    """What, why, and what to do, each on its line."""
    said = sentence("register", Finding("record_missing"), "en").splitlines()

    assert len(said) == 3
    assert "processing.record" in said[2]
