"""The notice of the first mail to people whose address came from others."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from sender.law import pack_ids, resolve
from sender.letters import Links, Templates, notice_sentences, understood
from sender.model import Campaign, Contact, LegalBasis, Notice, Part, Provenance, SourceKind
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


HEADS = {
    "fr": "POURQUOI VOUS",
    "en": "WHY YOU",
    "de": "WARUM SIE",
    "es": "POR QUÉ",
    "it": "PERCHÉ",
    "nl": "WAAROM",
}


@pytest.mark.parametrize("language", HEADS)
def test_in_the_language_of_the_person(language: str, tmp_path: Path) -> None:
    """In the person's own, and in their country's where it has one."""
    for country, told in (("BE", {language}), ("FR", {language, "fr"}), ("DE", {language, "de"})):
        someone = person(SourceKind.PARTNER, language=language, country=country)
        letter = Templates.load(campaign(tmp_path)).render(someone, LINKS)

        assert {code for code, head in HEADS.items() if head in letter.text} == told
        assert {code for code in HEADS if f'lang="{code}"' in letter.html} == told


@pytest.mark.parametrize("language", HEADS)
def test_every_language_says_the_same(language: str) -> None:
    """As many sentences, every value told, no sentence that says nothing."""
    someone = person(SourceKind.PUBLIC_PAGE, language=language, country="BE")
    processing = replace(CAMPAIGN.processing, officer="dpo@eluard.example", transfers="Canada (2002/2/CE)")
    made = replace(CAMPAIGN, processing=processing, basis=LegalBasis.CONSENT)

    (sentences,) = notice_sentences(made, someone).values()

    assert len(sentences) == 11
    for word in ("dpo@eluard.example", "Canada", "Annuaire <2026>", "Éluard Conseil", CAMPAIGN.offer.what):
        assert word in " ".join(sentences)
    assert len(*notice_sentences(CAMPAIGN, someone).values()) == 9


def test_portability_is_told_under_consent_only() -> None:
    """GDPR art. 20 holds for what was processed on consent."""
    for basis in LegalBasis:
        (sentences,) = notice_sentences(replace(CAMPAIGN, basis=basis), person(SourceKind.PARTNER)).values()
        assert ("portabilité" in " ".join(sentences)) is (basis is LegalBasis.CONSENT)


@pytest.mark.parametrize(
    ("language", "country", "written", "known"),
    [
        ("fr", None, "fr", True),
        ("fr-BE", "BE", "en", True),
        ("pl", "FR", "fr", False),
        (None, "FR", "en", True),
        (None, "BE", "nl", True),
        (None, "BE", "en", False),
        (None, "PL", "fr", False),
        (None, None, "fr", False),
    ],
)
def test_who_cannot_be_told_in_their_own_language(
    language: str | None, country: str | None, written: str, known: bool
) -> None:
    """FR F14: a language that the notice is not written in, or that nobody knows."""
    someone = person(SourceKind.PARTNER, language=language, country=country)

    assert understood(replace(CAMPAIGN, language=written), someone) is known


@pytest.mark.parametrize("sender", [None, *pack_ids()])
@pytest.mark.parametrize("country", [None, *pack_ids()])
def test_the_period_told_is_the_period_kept(sender: str | None, country: str | None) -> None:
    """The notice reads the rules of both countries; to accept their packs changes nothing about it."""
    both = frozenset(filter(None, (sender, country)))
    kept = [resolve(sender, country, accepted).retention_days.value for accepted in (frozenset[str](), both)]

    assert kept[0] == kept[1]


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


HIDDEN = (
    '<div style="display:none">{}</div>',
    "<!-- {} -->",
    '<div style="font-size:0">{}</div>',
    '<div style="font-size:1px">{}</div>',
    '<div style="color:#fff">{}</div>',
    '<div style="color:transparent">{}</div>',
    '<div style="background:#222;color:#222">{}</div>',
    '<div style="max-height:0;overflow:hidden">{}</div>',
    '<div style="height:1px;overflow:hidden">{}</div>',
    '<div style="position:absolute;left:-9999px">{}</div>',
    '<div style="visibility:hidden">{}</div>',
    '<div style="opacity:0">{}</div>',
    '<div style="mso-hide:all">{}</div>',
    "<div hidden>{}</div>",
    "<details><summary>Plus</summary>{}</details>",
    "<noscript>{}</noscript>",
    "<template>{}</template>",
    "<textarea hidden>{}</textarea>",
    "<style>.first-contact {{ display: none }}</style>{}",
    "<style>@media (max-width: 600px) {{ .first-contact {{ display: none !important }} }}</style>{}",
    "{{% set x %}}{}{{% endset %}}",
    "{{% raw %}}{}{{% endraw %}}",
)


@pytest.mark.parametrize("around", ["{}", "<div style='color:#555;font-size:11px'>{}</div>", *HIDDEN])
def test_a_notice_that_nobody_sees_tells_nobody(around: str, tmp_path: Path) -> None:
    """It is the letter as it is seen that counts, not what its template prints."""
    made = campaign(tmp_path, around.format(INCLUDE))
    made = replace(made, processing=replace(made.processing, indirect_override="C. Durand"))

    assert tells_at_first_contact(made, Templates.load(made)) is (around not in HIDDEN)


@pytest.mark.parametrize(
    "text",
    [
        "{{ first_contact_notice|truncate(80) }}",
        "{{ first_contact_notice[:40] }}",
        "{{ first_contact_notice|replace('Source', '') }}",
    ],
)
def test_a_text_that_shows_half_of_it_tells_nobody(text: str, tmp_path: Path) -> None:
    """The text part has to show every sentence, too."""
    made = campaign(tmp_path, text=text)
    made = replace(made, processing=replace(made.processing, indirect_override="C. Durand"))

    assert not tells_at_first_contact(made, Templates.load(made))


@pytest.mark.parametrize(("signed", "tells"), [(None, False), (" ", False), ("C. Durand", True)])
def test_somebody_answers_for_it(signed: str | None, tells: bool, tmp_path: Path) -> None:
    """The notice in the mail stands in for one at collection only where a person signed for that."""
    made = campaign(tmp_path)
    made = replace(made, processing=replace(made.processing, indirect_override=signed))

    assert tells_at_first_contact(made, Templates.load(made)) is tells
