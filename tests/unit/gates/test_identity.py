"""The gate ``identity``: what it lets through and what it refuses."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from sender.errors import Place
from sender.gates import CAMPAIGN_GATES
from sender.model import Part, PartSyntax, VariableUse
from tests.unit.gates.given import (
    CAMPAIGN,
    HTML,
    LEGAL,
    LINE,
    TEXT,
    campaign_facts,
    codes,
    renderings,
    rules,
)

GATE = next(gate for gate in CAMPAIGN_GATES if gate.name == "identity")


def letters(**parts: Any) -> dict[str, Any]:
    return {"renderings": renderings(**parts)}


def legal(**changes: Any) -> dict[str, Any]:
    return {"campaign": {"sender": replace(CAMPAIGN.sender, legal=replace(LEGAL, **changes))}}


def html(addition: str) -> dict[str, Any]:
    return letters(html=HTML + addition)


SHOWN_OTHERWISE = (
    "ELUARD CONSEIL – S.A.S. au capital de 50.000,00 EUR – immatriculée au R.C.S. de Paris sous le n° 123456782 "
    "– 12, rue de la Paix\n75002 PARIS"
)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, "shown"),
        (
            letters(text=TEXT.replace(LINE, SHOWN_OTHERWISE), html=HTML.replace(LINE, SHOWN_OTHERWISE)),
            "shown",
        ),
        (letters(text=TEXT.replace("123 456 782", "FR 12123456782")), "-siren_not_shown"),
        (letters(html=HTML.replace("RCS Paris", "RCS Lyon")), "-rcs_not_shown"),
        (letters(html=HTML.replace("50 000 €", "150 000 €")), "-capital_not_shown"),
        (
            letters(html=HTML.replace("Éluard Conseil", '<b style="display:none">Éluard Conseil</b>')),
            "-name_not_shown",
        ),
        (letters(html=HTML.replace("SAS", '<i style="font-size:1px">SAS</i>')), "-legal_form_not_shown"),
        (legal(siren="123456789"), "-siren_invalid"),
        (legal(siren="000000000"), "-siren_invalid"),
        (legal(siren=None), "-siren_missing"),
        (legal(rcs=" "), "-rcs_missing"),
        (legal(capital=None), "-capital_missing"),
        (
            {
                **legal(form="EI", capital=None),
                **letters(text=TEXT.replace("SAS", "EI"), html=HTML.replace("SAS", "EI")),
            },
            "shown",
        ),
        ({**legal(siren=None, capital=None), "content": (rules(identity={}),)}, "shown"),
        ({"content": (rules(identity={"shoe_size": "x"}),)}, "-element_unknown"),
    ],
)
def test_identity(changes: dict[str, Any], code: str) -> None:
    """The gate answers this campaign with this code; a code that refuses begins with ``-``."""
    answers = codes(GATE, campaign_facts(**changes))

    assert code in answers
    assert len(answers) == 1 or all(answer.startswith("-") for answer in answers)


def test_a_finding_says_where() -> None:
    """A missing element is shown at the nearest key of the campaign file."""
    verdict = GATE.judge(campaign_facts(**legal(siren=None)))

    assert str(verdict.findings[0].place) == "spring.yaml:6:3"


def test_a_hidden_legal_line_is_pointed_at_in_its_template() -> None:
    """What the template prints and nobody sees has a line; what it does not print has none."""
    use = VariableUse("sender.legal_line", Place("mail.html", 7), False)
    hidden = letters(html=HTML.replace(LINE, f'<span style="display:none">{LINE}</span>'))
    facts = campaign_facts(**hidden, syntax=(PartSyntax(Part.HTML, (use,)),))
    assert {finding.place for finding in GATE.judge(facts).findings} == {Place("mail.html", 7)}
