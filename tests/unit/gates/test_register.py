"""The gate ``register``: what it lets through and what it refuses."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from sender.gates import CAMPAIGN_GATES, Documents
from sender.model import LegalBasis, Processing
from tests.unit.gates.given import (
    CAMPAIGN,
    TODAY,
    campaign_facts,
    codes,
    rules,
    ruling,
)

GATE = next(gate for gate in CAMPAIGN_GATES if gate.name == "register")


def asked(day: date | None, basis: LegalBasis = LegalBasis.LEGITIMATE_INTEREST) -> dict[str, Any]:
    """A country with a list of people who refuse, and when the campaign says that it was asked."""
    processing = replace(CAMPAIGN.processing, registries={"lista-robinson": day} if day else {})
    content = (rules(registries={"lista-robinson": ruling(30)}),)
    return {"content": content, "campaign": {"processing": processing, "basis": basis}}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, "recorded"),
        ({"documents": Documents(" ", "ab", True)}, "-record_missing"),
        ({"campaign": {"processing": Processing("P", None)}}, "-balancing_test_missing"),
        ({"documents": Documents("P")}, "-balancing_test_not_there"),
        ({"documents": Documents("P", "ab", True, True)}, "-balancing_test_empty"),
        ({"documents": Documents("P"), "campaign": {"basis": LegalBasis.CONSENT}}, "recorded"),
        (asked(None), "-registry_not_asked"),
        (asked(TODAY), "recorded"),
        (asked(TODAY - timedelta(days=30)), "recorded"),
        (asked(TODAY - timedelta(days=31)), "-registry_too_old"),
        (asked(TODAY + timedelta(days=1)), "-registry_in_future"),
        (asked(None, LegalBasis.CONSENT), "recorded"),
    ],
)
def test_register(changes: dict[str, Any], code: str) -> None:
    """The gate answers this campaign with this code; a code that refuses begins with ``-``."""
    answers = codes(GATE, campaign_facts(**changes))

    assert code in answers
    assert len(answers) == 1 or all(answer.startswith("-") for answer in answers)
