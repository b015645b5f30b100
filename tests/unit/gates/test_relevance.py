"""The gate ``relevance``: what it lets through and what it refuses."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from sender.gates import CONTACT_GATES
from sender.law import Permission
from sender.model import (
    AddressClass,
    FunctionMatch,
    LegalBasis,
)
from tests.unit.gates.given import CONSENT, OFFER, SALE, codes, contact_facts, rules

GATE = next(gate for gate in CONTACT_GATES if gate.name == "relevance")

IN = rules(permitted=Permission.IN)


GENERIC = AddressClass.GENERIC_ENTITY


def under(consent: Any = CONSENT, **more: Any) -> dict[str, Any]:
    return {"basis": LegalBasis.CONSENT, "contact": {"consent": consent}, "rules": IN, **more}


def bought(sale: Any = SALE, **more: Any) -> dict[str, Any]:
    return {"basis": LegalBasis.CUSTOMER, "contact": {"sale": sale}, "rules": IN, **more}


OTHER_WORK = {"functions": FunctionMatch(("production",))}


UNKNOWN_WORK = {"functions": FunctionMatch()}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, "concerned"),
        ({"address_class": GENERIC, **UNKNOWN_WORK}, "generic"),
        (OTHER_WORK, "-not_concerned"),
        (UNKNOWN_WORK, "-title_unknown"),
        ({"contact": {"title": None}, **UNKNOWN_WORK}, "-title_missing"),
        ({**under(), **OTHER_WORK}, "consented"),
        ({**bought(), **OTHER_WORK}, "customer"),
        ({"offer": replace(OFFER, functions=())}, "-not_concerned"),
    ],
)
def test_relevance(changes: dict[str, Any], code: str) -> None:
    """The gate answers these facts with this code; a code that refuses begins with ``-``."""
    assert codes(GATE, contact_facts(**changes)) == [code]
