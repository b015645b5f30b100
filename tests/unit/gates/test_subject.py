"""The gate ``subject``: what it lets through and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest

from sender.gates import CAMPAIGN_GATES
from tests.unit.gates.given import (
    campaign_facts,
    codes,
    renderings,
    rules,
)

GATE = next(gate for gate in CAMPAIGN_GATES if gate.name == "subject")


def letters(**parts: Any) -> dict[str, Any]:
    return {"renderings": renderings(**parts)}


def subject(text: str) -> dict[str, Any]:
    return letters(subject=text)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, "honest"),
        *[
            (subject(f"{mark} votre logiciel de paie"), "-fake_reply")
            for mark in (
                "Re:",
                "RE :",
                "re\u00a0:",
                "Fwd:",
                "FW:",
                "Tr:",
                "TR :",
                "AW:",
                "WG:",
                "SV:",
                "Rif:",
                "Re[2]:",
                "RE(3) :",
                "Ｒｅ：",
                "R\u0435:",
                "R\u200be:",
                "[externe] Re:",
                "« Re:",
                "Rép :",
                "回复：",
                "↩ Re:",
                "Éluard - Re:",
            )
        ],
        *[
            (subject(text), "honest")
            for text in (
                "Paie : un logiciel",
                "RGPD et paie : 3 conseils",
                "Réforme de la paie : agir",
                "La paie pour {company}",
            )
        ],
        (subject(" \u200b "), "-empty"),
        (subject("LOGICIEL DE PAIE POUR VOUS"), "-shouting"),
        (subject("Votre logiciel de paie !!!"), "-shouting"),
        (subject("Vous avez gagné un week-end à Venise"), "-unrelated"),
        (subject("{company} : une offre 2027 pour vous"), "-unrelated"),
        ({"content": (rules(label="subject"),)}, "-no_ad_label"),
        ({**subject("Publicité : logiciel de paie"), "content": (rules(label="subject"),)}, "honest"),
    ],
)
def test_subject(changes: dict[str, Any], code: str) -> None:
    """The gate answers this campaign with this code; a code that refuses begins with ``-``."""
    answers = codes(GATE, campaign_facts(**changes))

    assert code in answers
    assert len(answers) == 1 or all(answer.startswith("-") for answer in answers)
