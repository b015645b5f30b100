"""The gate ``offer``: what it lets through and what it refuses."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from sender.gates import CAMPAIGN_GATES
from tests.unit.gates.given import (
    OFFER,
    campaign_facts,
    codes,
    rules,
)

GATE = next(gate for gate in CAMPAIGN_GATES if gate.name == "offer")


def offer(**changes: Any) -> dict[str, Any]:
    return {"campaign": {"offer": replace(OFFER, **changes)}}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, "stated"),
        (offer(what=" "), "-what_missing"),
        (offer(because=None), "-because_missing"),
        (offer(functions=()), "-functions_missing"),
        (offer(functions=("astrology",)), "-function_unknown"),
        (offer(universal=True), "-universal"),
        (offer(universal=True, override="C. Éluard, 2026-03-01"), "overridden"),
        (offer(what="Plateaux-repas livrés au bureau"), "-universal"),
        (offer(what="Chèques-cadeaux pour vos salariés"), "-universal"),
        (offer(what="Paniers gourmands de fin d'année"), "-universal"),
        (offer(what="Massages au bureau"), "-universal"),
        (offer(what="Formations CPF"), "-universal"),
        (offer(what="Formations CPF", override="C. Éluard, 2026-03-01"), "overridden"),
        (offer(what="Formation à la paie"), "stated"),
        (offer(what="Logiciel de gestion pour traiteurs et repas"), "stated"),
        (offer(what="Repas cuisinés en gros", functions=("food_service",)), "stated"),
        (
            {**offer(sector="Energy-renovation"), "content": (rules(banned_sectors={"energy_renovation": "FR F9"}),)},
            "-sector_banned",
        ),
    ],
)
def test_offer(changes: dict[str, Any], code: str) -> None:
    """The gate answers this campaign with this code; a code that refuses begins with ``-``."""
    answers = codes(GATE, campaign_facts(**changes))

    assert code in answers
    assert len(answers) == 1 or all(answer.startswith("-") for answer in answers)
