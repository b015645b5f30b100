"""The gate ``address``: what it lets through and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest

from sender.gates import CONTACT_GATES
from sender.model import (
    Address,
    AddressClass,
)
from tests.unit.gates.given import codes, contact_facts

GATE = next(gate for gate in CONTACT_GATES if gate.name == "address")


def at(local: str, domain: str) -> dict[str, Any]:
    return {"contact": {"email": Address(local, domain, f"{local}@{domain}")}}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, "mailable"),
        (at("postmaster", "entreprise.example"), "-never_mail"),
        (at("claire", "yopmail.com"), "-disposable"),
        ({"address_class": AddressClass.INVALID}, "-invalid"),
    ],
)
def test_address(changes: dict[str, Any], code: str) -> None:
    """The gate answers these facts with this code; a code that refuses begins with ``-``."""
    assert codes(GATE, contact_facts(**changes)) == [code]
