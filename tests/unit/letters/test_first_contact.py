"""The notice of the first mail to people whose address came from others."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from sender.letters import Links, Templates
from sender.model import Campaign, Contact, Notice, Part, Provenance, SourceKind
from sender.steps.facts import carries_notice, tells_at_first_contact
from tests.unit.gates.given import CAMPAIGN, CONTACT

LINKS = Links("https://courrier.eluard.example/u/token")
INCLUDE = '{% include "partials/first-contact-notice.html" %}'


def campaign(folder: Path, html: str = INCLUDE, text: str = INCLUDE.replace(".html", ".txt")) -> Campaign:
    (folder / "mail.html").write_text(f"<p>Bonjour</p>{html}", encoding="utf-8")
    (folder / "mail.txt").write_text(f"Bonjour\n{text}", encoding="utf-8")
    message = replace(CAMPAIGN.message, html=folder / "mail.html", text=folder / "mail.txt")
    return replace(CAMPAIGN, path=folder / "c.yaml", message=message)


def person(kind: SourceKind, **changes: object) -> Contact:
    provenance = Provenance(kind, "Annuaire <2026> & Cie", date(2026, 11, 3), Notice())
    return replace(CONTACT, provenance=provenance, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", [SourceKind.PUBLIC_PAGE, SourceKind.PURCHASED, SourceKind.PARTNER])
def test_indirect_sources_are_told_everything(kind: SourceKind, tmp_path: Path) -> None:
    """Who, for what, on which basis, from where, how long, which rights, where to complain: in both parts."""
    letter = Templates.load(campaign(tmp_path)).render(person(kind), LINKS)

    for part in (letter.text, letter.html):
        for word in ("Éluard Conseil", "Finalité", "intérêt légitime", "Source", "trois ans", "effacement", "CNIL"):
            assert word in part
    assert "Annuaire <2026> & Cie), 03.11.2026" in letter.text
    assert "Annuaire &lt;2026&gt; &amp; Cie" in letter.html


@pytest.mark.parametrize("kind", [kind for kind in SourceKind if not kind.indirect])
def test_others_are_not_told_again(kind: SourceKind, tmp_path: Path) -> None:
    """Who gave the address was told then: nothing is printed."""
    letter = Templates.load(campaign(tmp_path)).render(person(kind), LINKS)

    assert letter.text.strip() == "Bonjour"
    assert "first-contact" not in letter.html


@pytest.mark.parametrize(("language", "head"), [("en", "WHY YOU"), ("fr", "POURQUOI VOUS"), ("de", "POURQUOI VOUS")])
def test_in_the_language_of_the_person(language: str, head: str, tmp_path: Path) -> None:
    """As far as the notice is written in it; otherwise in the campaign's."""
    letter = Templates.load(campaign(tmp_path)).render(person(SourceKind.PARTNER, language=language), LINKS)

    assert head in letter.text


@pytest.mark.parametrize(
    ("html", "text", "carried"),
    [
        (INCLUDE, INCLUDE.replace(".html", ".txt"), True),
        ("", INCLUDE, False),
        (INCLUDE, "", False),
        ("{% if contact.title %}" + INCLUDE + "{% endif %}", INCLUDE, False),
    ],
)
def test_the_templates_show_whether_they_carry_it(html: str, text: str, carried: bool, tmp_path: Path) -> None:
    """Both parts, and no condition before the partial."""
    syntax = Templates.load(campaign(tmp_path, html, text)).syntax()

    assert {part.part for part in syntax} == set(Part)
    assert carries_notice(syntax) is carried


@pytest.mark.parametrize(("signed", "tells"), [(None, False), (" ", False), ("C. Durand", True)])
def test_somebody_answers_for_it(signed: str | None, tells: bool, tmp_path: Path) -> None:
    """The notice in the mail stands in for one at collection only where a person signed for that."""
    made = campaign(tmp_path)
    made = replace(made, processing=replace(made.processing, indirect_override=signed))

    assert tells_at_first_contact(made, Templates.load(made).syntax()) is tells
