"""The gate ``subject``: what it lets through and what it refuses."""

from __future__ import annotations

from dataclasses import replace
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
                "RE",
                "Re",
                "FWD -",
                "Fwd —",
                "TR |",
                "Réf:",
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


@pytest.mark.parametrize(
    "text",
    [
        "Votre facture de novembre : logiciel de paie",
        "Facture n° 2026-114, paie",
        "Suite à notre échange sur la paie",
        "Dernier avertissement avant la paie",
        "Rappel : votre logiciel de paie",
        "Votre dossier de paie 114",
        "Comme convenu, le logiciel de paie",
        "Final reminder: payroll software",
        "Réf. 2026/114, logiciel de paie",
        "Votre RDV de mardi, paie",
        "Nouveau message : paie",
        "Ihre Rechnung vom 3. Mai: Lohnsoftware",
        "Wie besprochen: Software für die Lohnabrechnung",
    ],
)
def test_a_pretext_is_refused(text: str) -> None:
    """A bill, an order, a case, a talk or a warning that is none, even where it shares a word with the offer."""
    assert "-pretext" in codes(GATE, campaign_facts(**subject(text)))


@pytest.mark.parametrize(
    "text",
    [
        "Rappel de salaire : la paie juste",
        "Logiciel de paie : factures électroniques comprises",
        "RE 2020 et paie du bâtiment",
        "Votre comptabilité et votre paie",
        "Le ticket restaurant dans la paie",
    ],
)
def test_what_only_sounds_like_a_pretext_passes(text: str) -> None:
    """The same words, said of the thing itself."""
    assert codes(GATE, campaign_facts(**subject(text))) == ["honest"]


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("Plateforme de recrutement", "Hire faster"),
        ("Protection contre les rançongiciels", "Cybersécurité : êtes-vous prêt ?"),
        ("Maintenance prédictive", "Moins de pannes"),
        ("Service de recouvrement de créances", "Vos impayés, réglés"),
        ("Logiciel de paie", "Lohnabrechnung leicht gemacht"),
        ("Audit énergétique", "Baissez vos consommations"),
        ("Logiciel SIRH", "Congés et absences en deux clics"),
        ("Gestion des contrats", "Signez plus vite"),
        ("Software für Personalplanung", "Schichtplanung ohne Excel"),
        ("Formation à la conduite d'engins", "Weniger Fahrten zur Schulung"),
    ],
)
def test_the_trouble_names_the_offer(what: str, text: str) -> None:
    """People name what hurts, or what they want, and not the thing that is sold; in whichever language."""
    offer = replace(campaign_facts().campaign.offer, what=what, because="")

    assert codes(GATE, campaign_facts(campaign={"offer": offer}, **subject(text))) == ["honest"]
    assert "-unrelated" in codes(GATE, campaign_facts(campaign={"offer": offer}, **subject("Bonne année à tous")))


def test_a_german_compound_names_its_last_part() -> None:
    """In German and Dutch campaigns only: French words that end alike have nothing in common."""
    offer = replace(campaign_facts().campaign.offer, what="Gabelstapler", because="Wer lagert, der stapelt.")
    german = {"offer": offer, "language": "de"}

    assert codes(GATE, campaign_facts(campaign=german, **subject("Elektrogabelstapler im Test"))) == ["honest"]
    assert "-unrelated" in codes(
        GATE, campaign_facts(campaign={"offer": offer}, **subject("Elektrogabelstapler im Test"))
    )
