"""The gate ``frequency``: what it lets through and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest

from sender.gates import CONTACT_GATES
from sender.model import (
    History,
)
from tests.unit.gates.given import codes, contact_facts, rules

GATE = next(gate for gate in CONTACT_GATES if gate.name == "frequency")


def history(**known: Any) -> dict[str, Any]:
    return {"history": History(**known)}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, "below"),
        (history(mails_last_12_months=12), "-cap_reached"),
        ({**history(mails_last_12_months=3), "rules": rules(most=3)}, "-law_reached"),
        ({**history(mails_last_12_months=2), "rules": rules(most=3)}, "below"),
    ],
)
def test_frequency(changes: dict[str, Any], code: str) -> None:
    """The gate answers these facts with this code; a code that refuses begins with ``-``."""
    assert codes(GATE, contact_facts(**changes)) == [code]
