"""The gate ``basis``: what it lets through and what it refuses."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from sender.gates import CONTACT_GATES
from sender.law import Permission
from sender.model import (
    AddressClass,
    FunctionMatch,
    LegalBasis,
)
from tests.unit.gates.given import CONSENT, SALE, TODAY, codes, contact_facts, rules

GATE = next(gate for gate in CONTACT_GATES if gate.name == "basis")

IN = rules(permitted=Permission.IN)


GENERIC = AddressClass.GENERIC_ENTITY


def under(consent: Any = CONSENT, **more: Any) -> dict[str, Any]:
    return {"basis": LegalBasis.CONSENT, "contact": {"consent": consent}, "rules": IN, **more}


def bought(sale: Any = SALE, **more: Any) -> dict[str, Any]:
    return {"basis": LegalBasis.CUSTOMER, "contact": {"sale": sale}, "rules": IN, **more}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, "open"),
        ({"rules": IN}, "-consent_needed"),
        ({"rules": rules(permitted=Permission.DENY), "basis": LegalBasis.CONSENT}, "-denied"),
        ({"basis": LegalBasis.NONE}, "-none_not_exempt"),
        ({"basis": LegalBasis.NONE, "rules": rules(permitted=Permission.EXEMPT)}, "open"),
        (under(), "consented"),
        (under(None), "-consent_missing"),
        (under(None, rules=rules(permitted=Permission.EXEMPT)), "-consent_missing"),
        (under(replace(CONSENT, withdrawn_on=TODAY)), "-consent_withdrawn"),
        (under(replace(CONSENT, by="third_party")), "-consent_by_third_party"),
        (under(replace(CONSENT, proof="log_only")), "-consent_unproven"),
        (under(replace(CONSENT, wording_version=None)), "-consent_wording_unknown"),
        (under(replace(CONSENT, given_on=date(2026, 11, 24))), "-consent_in_future"),
        (bought(), "customer"),
        (bought(None), "-sale_missing"),
        (bought(rules=rules(soft=False)), "-soft_opt_in_unknown"),
        (bought(replace(SALE, own_similar=False)), "-sale_not_similar"),
        (bought(replace(SALE, refusal_offered=False)), "-sale_without_refusal"),
        (bought(replace(SALE, sold_on=date(2026, 11, 24))), "-sale_in_future"),
    ],
)
def test_basis(changes: dict[str, Any], code: str) -> None:
    """The gate answers these facts with this code; a code that refuses begins with ``-``."""
    assert codes(GATE, contact_facts(**changes)) == [code]


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

    assert codes(GATE, facts) == [code]
    assert codes(GATE, replace(facts, rules=IN)) == ["-consent_needed"]
