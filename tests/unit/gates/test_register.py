"""The gate ``register``: what it lets through and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest

from sender.gates import CAMPAIGN_GATES, Documents
from sender.model import LegalBasis, Processing
from tests.unit.gates.given import (
    campaign_facts,
    codes,
)

GATE = next(gate for gate in CAMPAIGN_GATES if gate.name == "register")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, "recorded"),
        ({"documents": Documents(" ", "ab", True)}, "-record_missing"),
        ({"campaign": {"processing": Processing("P", None)}}, "-balancing_test_missing"),
        ({"documents": Documents("P")}, "-balancing_test_not_there"),
        ({"documents": Documents("P", "ab", True, True)}, "-balancing_test_empty"),
        ({"documents": Documents("P"), "campaign": {"basis": LegalBasis.CONSENT}}, "recorded"),
    ],
)
def test_register(changes: dict[str, Any], code: str) -> None:
    """The gate answers this campaign with this code; a code that refuses begins with ``-``."""
    answers = codes(GATE, campaign_facts(**changes))

    assert code in answers
    assert len(answers) == 1 or all(answer.startswith("-") for answer in answers)
