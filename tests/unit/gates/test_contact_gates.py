"""Each contact gate: what it lets through and what it refuses, with the code. A code that refuses begins with ``-``."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from sender.gates import CONTACT_GATES
from sender.gates.notice import a_month_after
from sender.law import Permission
from sender.model import (
    Address,
    AddressClass,
    FunctionMatch,
    History,
    LegalBasis,
    LetterState,
    Notice,
    SourceKind,
    Suppression,
)
from tests.unit.gates.given import COLLECTED, CONSENT, OFFER, SALE, TODAY, codes, contact_facts, rules

GATES = {gate.name: gate for gate in CONTACT_GATES}
IN = rules(permitted=Permission.IN)
TOLD = Notice(True, "v", COLLECTED, True)
GENERIC = AddressClass.GENERIC_ENTITY


def at(local: str, domain: str) -> dict[str, Any]:
    return {"contact": {"email": Address(local, domain, f"{local}@{domain}")}}


def under(consent: Any = CONSENT, **more: Any) -> dict[str, Any]:
    return {"basis": LegalBasis.CONSENT, "contact": {"consent": consent}, "rules": IN, **more}


def bought(sale: Any = SALE, **more: Any) -> dict[str, Any]:
    return {"basis": LegalBasis.CUSTOMER, "contact": {"sale": sale}, "rules": IN, **more}


def history(**known: Any) -> dict[str, Any]:
    return {"history": History(**known)}


def kept(reason: str) -> dict[str, Any]:
    return history(suppression=Suppression(reason, datetime(2026, 1, 1, tzinfo=UTC)))


def told(on: date | None = COLLECTED, *, given: bool = True, offered: bool = True, **more: Any) -> dict[str, Any]:
    return {"provenance": {"notice": Notice(given, "v", on, offered), **more}}


INDIRECT = {"kind": SourceKind.PUBLIC_PAGE}
OTHER_WORK = {"functions": FunctionMatch(("production",))}
UNKNOWN_WORK = {"functions": FunctionMatch()}


@pytest.mark.parametrize(
    ("gate", "changes", "code"),
    [
        ("address", {}, "mailable"),
        ("address", at("postmaster", "entreprise.example"), "-never_mail"),
        ("address", at("claire", "yopmail.com"), "-disposable"),
        ("address", {"address_class": AddressClass.INVALID}, "-invalid"),
        ("suppressed", {}, "clear"),
        *[
            ("suppressed", kept(r), f"-{r}")
            for r in ("objected", "erased", "complained", "bounced", "excluded", "domain")
        ],
        ("suppressed", kept("moon"), "-other"),
        ("source", {}, "known"),
        *[("source", {"provenance": {"kind": SourceKind(k)}}, f"-{k}") for k in ("scraped", "guessed", "unknown")],
        ("source", {"provenance": {"kind": SourceKind.PURCHASED, "record": " "}}, "-no_record"),
        ("source", {"provenance": {"kind": SourceKind.PARTNER}}, "known"),
        ("source", {"provenance": {"record": None}}, "known"),
        ("notice", {}, "told"),
        ("notice", {"address_class": GENERIC, **told(given=False)}, "generic"),
        ("notice", told(given=False), "-not_told"),
        ("notice", told(None), "-undated"),
        ("notice", told(collected_on=None), "-collection_undated"),
        ("notice", told(date(2026, 3, 13)), "-too_late"),
        ("notice", told(date(2026, 4, 12), **INDIRECT), "told"),
        ("notice", told(date(2026, 4, 13), **INDIRECT), "-too_late"),
        ("notice", told(date(2026, 11, 24), collected_on=date(2026, 11, 24)), "-in_future"),
        ("notice", told(offered=False), "-no_objection"),
        ("notice", {**told(offered=False), **under()}, "told"),
        ("notice", {**told(offered=False), **under(replace(CONSENT, proof="log_only"))}, "-no_objection"),
        ("notice", {**told(given=False, **INDIRECT), "collection_notice": True}, "-not_told"),
        (
            "notice",
            {**told(given=False, **INDIRECT), "collection_notice": True, "today": date(2026, 4, 12)},
            "in_this_mail",
        ),
        ("notice", {**told(given=False), "collection_notice": True, "today": COLLECTED}, "-not_told"),
        ("basis", {}, "open"),
        ("basis", {"rules": IN}, "-consent_needed"),
        ("basis", {"rules": rules(permitted=Permission.DENY), "basis": LegalBasis.CONSENT}, "-denied"),
        ("basis", {"basis": LegalBasis.NONE}, "-none_not_exempt"),
        ("basis", {"basis": LegalBasis.NONE, "rules": rules(permitted=Permission.EXEMPT)}, "open"),
        ("basis", under(), "consented"),
        ("basis", under(None), "-consent_missing"),
        ("basis", under(None, rules=rules(permitted=Permission.EXEMPT)), "-consent_missing"),
        ("basis", under(replace(CONSENT, withdrawn_on=TODAY)), "-consent_withdrawn"),
        ("basis", under(replace(CONSENT, by="third_party")), "-consent_by_third_party"),
        ("basis", under(replace(CONSENT, proof="log_only")), "-consent_unproven"),
        ("basis", under(replace(CONSENT, wording_version=None)), "-consent_wording_unknown"),
        ("basis", under(replace(CONSENT, given_on=date(2026, 11, 24))), "-consent_in_future"),
        ("basis", bought(), "customer"),
        ("basis", bought(None), "-sale_missing"),
        ("basis", bought(rules=rules(soft=False)), "-soft_opt_in_unknown"),
        ("basis", bought(replace(SALE, own_similar=False)), "-sale_not_similar"),
        ("basis", bought(replace(SALE, refusal_offered=False)), "-sale_without_refusal"),
        ("basis", bought(replace(SALE, sold_on=date(2026, 11, 24))), "-sale_in_future"),
        ("relevance", {}, "concerned"),
        ("relevance", {"address_class": GENERIC, **UNKNOWN_WORK}, "generic"),
        ("relevance", OTHER_WORK, "-not_concerned"),
        ("relevance", UNKNOWN_WORK, "-title_unknown"),
        ("relevance", {"contact": {"title": None}, **UNKNOWN_WORK}, "-title_missing"),
        ("relevance", {**under(), **OTHER_WORK}, "consented"),
        ("relevance", {**bought(), **OTHER_WORK}, "customer"),
        ("relevance", {"offer": replace(OFFER, functions=())}, "-not_concerned"),
        ("retention", {}, "recent"),
        ("retention", {"provenance": {"collected_on": date(2023, 11, 24)}}, "recent"),
        ("retention", {"provenance": {"collected_on": date(2023, 11, 22)}}, "-too_old"),
        ("retention", {"provenance": {"collected_on": None}}, "-collection_undated"),
        ("retention", {"provenance": {"collected_on": date(2026, 11, 24)}}, "-in_future"),
        ("frequency", {}, "below"),
        ("frequency", history(mails_last_12_months=12), "-cap_reached"),
        ("frequency", {**history(mails_last_12_months=3), "rules": rules(most=3)}, "-law_reached"),
        ("frequency", {**history(mails_last_12_months=2), "rules": rules(most=3)}, "below"),
        ("already_sent", {}, "first"),
        ("already_sent", history(already=LetterState.DEFERRED), "deferred"),
        ("already_sent", history(already=LetterState.HELD), "first"),
        *[
            ("already_sent", history(already=LetterState(s)), f"-{s}")
            for s in ("accepted", "refused", "unknown", "sending")
        ],
    ],
)
def test_contact_gate(gate: str, changes: dict[str, Any], code: str) -> None:
    """The gate answers these facts with this one code."""
    assert codes(GATES[gate], contact_facts(**changes)) == [code]


@pytest.mark.parametrize(
    ("kind", "functions", "code"),
    [
        (GENERIC, (), "published"),
        (AddressClass.NAMED, ("payroll",), "published"),
        (AddressClass.NAMED, (), "-consent_needed"),
    ],
)
def test_published_addresses(kind: AddressClass, functions: tuple[str, ...], code: str) -> None:
    """A published address opens where the pack says so: a firm's as it is, a person's for their function only."""
    opening = rules(permitted=Permission.IN, published_opens=frozenset({kind}))
    facts = contact_facts(
        address_class=kind, functions=FunctionMatch(functions), rules=opening, contact={"published_for_this": True}
    )

    assert codes(GATES["basis"], facts) == [code]
    assert codes(GATES["basis"], replace(facts, rules=IN)) == ["-consent_needed"]


@pytest.mark.parametrize(
    ("day", "later"),
    [
        (date(2026, 1, 31), date(2026, 2, 28)),
        (date(2026, 12, 5), date(2027, 1, 5)),
        (date(2024, 1, 30), date(2024, 2, 29)),
    ],
)
def test_a_month(day: date, later: date) -> None:
    """A month ends on the same day of the next, or on that month's last."""
    assert a_month_after(day) == later
