"""Each campaign gate: what it lets through and refuses, with the code. A code that refuses begins with ``-``."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from sender.gates import CAMPAIGN_GATES, Channels, Documents
from sender.model import LegalBasis, Processing
from tests.unit.gates.given import (
    CAMPAIGN,
    HTML,
    LEGAL,
    LINE,
    OFFER,
    TEXT,
    campaign_facts,
    codes,
    renderings,
    rules,
    syntax,
)

GATES = {gate.name: gate for gate in CAMPAIGN_GATES}


def letters(**parts: Any) -> dict[str, Any]:
    return {"renderings": renderings(**parts)}


def legal(**changes: Any) -> dict[str, Any]:
    return {"campaign": {"sender": replace(CAMPAIGN.sender, legal=replace(LEGAL, **changes))}}


def offer(**changes: Any) -> dict[str, Any]:
    return {"campaign": {"offer": replace(OFFER, **changes)}}


def subject(text: str) -> dict[str, Any]:
    return letters(subject=text)


def html(addition: str) -> dict[str, Any]:
    return letters(html=HTML + addition)


def link(style: str, around: str = "<p>{}</p>") -> dict[str, Any]:
    return letters(html=f"<p>{LINE}</p>" + around.replace("{}", f'<a href="{{url}}" style="{style}">Stop</a>'))


SHOWN_OTHERWISE = (
    "ELUARD CONSEIL – S.A.S. au capital de 50.000,00 EUR – immatriculée au R.C.S. de Paris sous le n° 123456782 "
    "– 12, rue de la Paix\n75002 PARIS"
)
PAGE = "https://courrier.eluard.example"


@pytest.mark.parametrize(
    ("gate", "changes", "code"),
    [
        ("identity", {}, "shown"),
        (
            "identity",
            letters(text=TEXT.replace(LINE, SHOWN_OTHERWISE), html=HTML.replace(LINE, SHOWN_OTHERWISE)),
            "shown",
        ),
        ("identity", letters(text=TEXT.replace("123 456 782", "FR 12123456782")), "-siren_not_shown"),
        ("identity", letters(html=HTML.replace("RCS Paris", "RCS Lyon")), "-rcs_not_shown"),
        ("identity", letters(html=HTML.replace("50 000 €", "150 000 €")), "-capital_not_shown"),
        (
            "identity",
            letters(html=HTML.replace("Éluard Conseil", '<b style="display:none">Éluard Conseil</b>')),
            "-name_not_shown",
        ),
        ("identity", letters(html=HTML.replace("SAS", '<i style="font-size:1px">SAS</i>')), "-legal_form_not_shown"),
        ("identity", legal(siren="123456789"), "-siren_invalid"),
        ("identity", legal(siren="000000000"), "-siren_invalid"),
        ("identity", legal(siren=None), "-siren_missing"),
        ("identity", legal(rcs=" "), "-rcs_missing"),
        ("identity", legal(capital=None), "-capital_missing"),
        (
            "identity",
            {
                **legal(form="EI", capital=None),
                **letters(text=TEXT.replace("SAS", "EI"), html=HTML.replace("SAS", "EI")),
            },
            "shown",
        ),
        ("identity", {**legal(siren=None, capital=None), "content": (rules(identity={}),)}, "shown"),
        ("identity", {"content": (rules(identity={"shoe_size": "x"}),)}, "-element_unknown"),
        ("unsubscribe", {}, "present"),
        ("unsubscribe", {"channels": Channels()}, "-no_channel"),
        ("unsubscribe", letters(pages="http://courrier.eluard.example"), "-not_https"),
        ("unsubscribe", {"channels": Channels("http://courrier.eluard.example")}, "-not_https"),
        ("unsubscribe", {"channels": Channels(f"{PAGE}/mon-compte")}, "-login"),
        ("unsubscribe", letters(pages=f"{PAGE}/login?next="), "-login"),
        ("unsubscribe", letters(html=HTML.replace("Ne plus recevoir", "Connectez-vous pour arrêter")), "-login"),
        ("unsubscribe", {"syntax": syntax(text=None)}, "-missing"),
        ("unsubscribe", {"syntax": syntax(html=True)}, "-conditional"),
        ("unsubscribe", letters(text=LINE), "-missing"),
        ("unsubscribe", letters(html=f"<p>{LINE}</p><!-- {{url}} -->"), "-missing"),
        ("unsubscribe", letters(html=HTML.replace("Ne plus recevoir", "&nbsp;&#8203;")), "-hidden"),
        ("unsubscribe", letters(html=HTML.replace("Ne plus recevoir", '<img src="cid:a" alt="Stop">')), "present"),
        (
            "unsubscribe",
            letters(headers={"List-Unsubscribe-Post": "x", "List-Unsubscribe": "<mailto:a@b>"}),
            "-one_click_without_https",
        ),
        *[
            ("unsubscribe", link(style), "-hidden")
            for style in (
                "display:none",
                "DISPLAY : NONE !important",
                "visibility:hidden",
                "opacity:0",
                "font-size:0",
                "font-size:.3em",
                "font:1px arial",
                "color:#fff",
                "color:#fefefe",
                "color:rgba(0,0,0,.01)",
                "position:absolute;left:-9999px",
                "max-height:0;overflow:hidden",
                "mso-hide:all",
                "text-indent:-999px",
                "color:transparent",
            )
        ],
        *[
            ("unsubscribe", link("", around), "-hidden")
            for around in (
                "<div hidden>{}</div>",
                '<div style="display:none"><p>{}</p></div>',
                "<style>a{display:none}</style>{}",
                "<style>@media screen{a{display:none}}</style>{}",
                '<table bgcolor="#0000ee"><tr><td>{}</td></tr></table>',
                "<details>{}</details>",
            )
        ],
        ("unsubscribe", link("", "<template>{}</template>"), "-missing"),
        ("unsubscribe", link("color:#999;font-size:11px"), "present"),
        ("unsubscribe", link("color:#fff", '<table bgcolor="#112233"><tr><td>{}</td></tr></table>'), "present"),
        ("unsubscribe", link("font-size:12px", '<div style="font-size:0">{}</div>'), "present"),
        ("offer", {}, "stated"),
        ("offer", offer(what=" "), "-what_missing"),
        ("offer", offer(because=None), "-because_missing"),
        ("offer", offer(functions=()), "-functions_missing"),
        ("offer", offer(functions=("astrology",)), "-function_unknown"),
        ("offer", offer(universal=True), "-universal"),
        ("offer", offer(universal=True, override="C. Éluard, 2026-03-01"), "overridden"),
        ("offer", offer(what="Plateaux-repas livrés au bureau"), "-universal"),
        ("offer", offer(what="Chèques-cadeaux pour vos salariés"), "-universal"),
        ("offer", offer(what="Logiciel de gestion pour traiteurs et repas"), "stated"),
        ("offer", offer(what="Repas cuisinés en gros", functions=("food_service",)), "stated"),
        (
            "offer",
            {**offer(sector="Energy-renovation"), "content": (rules(banned_sectors={"energy_renovation": "FR F9"}),)},
            "-sector_banned",
        ),
        ("subject", {}, "honest"),
        *[
            ("subject", subject(f"{mark} votre logiciel de paie"), "-fake_reply")
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
            ("subject", subject(text), "honest")
            for text in (
                "Paie : un logiciel",
                "RGPD et paie : 3 conseils",
                "Réforme de la paie : agir",
                "La paie pour {company}",
            )
        ],
        ("subject", subject(" \u200b "), "-empty"),
        ("subject", subject("LOGICIEL DE PAIE POUR VOUS"), "-shouting"),
        ("subject", subject("Votre logiciel de paie !!!"), "-shouting"),
        ("subject", subject("Vous avez gagné un week-end à Venise"), "-unrelated"),
        ("subject", subject("{company} : une offre 2027 pour vous"), "-unrelated"),
        ("subject", {"content": (rules(label="subject"),)}, "-no_ad_label"),
        ("subject", {**subject("Publicité : logiciel de paie"), "content": (rules(label="subject"),)}, "honest"),
        ("tracking", {}, "none"),
        ("tracking", {"renderings": renderings()[:2]}, "-too_few_samples"),
        ("tracking", html('<a href="https://x.example/?id={n}">x</a>'), "-link_differs"),
        ("tracking", letters(text=TEXT + "https://x.example/{n}"), "-link_differs"),
        ("tracking", html('<img src="cid:{n}">'), "-resource_differs"),
        ("tracking", letters(headers={"X-Ref": "{n}"}), "-header_differs"),
        ("tracking", letters(headers={"To": "{n}", "List-Unsubscribe": "<{url}>"}), "none"),
        ("tracking", letters(headers={"return-receipt-TO": "a"}), "-read_receipt"),
        *[
            ("tracking", html(markup), "-remote_resource")
            for markup in (
                '<img src="https://x.example/a.png">',
                '<img src="//x.example/a.png">',
                '<img srcset="https://x.example/a 2x">',
                '<video poster="https://x.example/a"></video>',
                '<table background="http://x.example/a"></table>',
                '<div style="background:url(https://x.example/a)">x</div>',
                "<style>p{background:u\\72l(https://x.example/a)}</style>",
                '<style>@import "https://x.example/a";</style>',
                '<link rel="preconnect" href="https://x.example">',
                '<iframe src="https://x.example"></iframe>',
                "<script>1</script>",
                '<object data="https://x.example/a"></object>',
                '<svg><image href="https://x.example/a"></image></svg>',
                '<input type="image" src="https://x.example/a">',
                '<bgsound src="https://x.example/a">',
                '<!--[if mso]><v:image src="https://x.example/a"/><![endif]-->',
                '<a ping="https://x.example/p" href="https://x.example/">x</a>',
                '<img src="h&#116;tps://x.example/a">',
                "<style>@font-face{src:url('https://x.example/f')}</style>",
                '<meta http-equiv="refresh" content="0;url=https://x">',
            )
        ],
        ("tracking", html('<img src="cid:a" width="120" height="40" alt="">'), "none"),
        ("tracking", html('<img src="cid:a" width="1" height="1">'), "-hidden_image"),
        ("tracking", html('<div style="display:none"><img src="cid:a"></div>'), "-hidden_image"),
        ("tracking", html('<a href="https://x.example/?m=a%40b.example">x</a>'), "-address_in_link"),
        ("tracking", html(f'<a href="https://x.example/?h={"0a" * 16}">x</a>'), "-hash_in_link"),
        ("tracking", html('<a href="https://bit.ly/abc">x</a>'), "-redirector"),
        ("tracking", {**html('<img src="https://x.example/{n}">'), "consented_to_tracking": True}, "consented"),
        ("register", {}, "recorded"),
        ("register", {"documents": Documents(" ", "ab", True)}, "-record_missing"),
        ("register", {"campaign": {"processing": Processing("P", None)}}, "-balancing_test_missing"),
        ("register", {"documents": Documents("P")}, "-balancing_test_not_there"),
        ("register", {"documents": Documents("P", "ab", True, True)}, "-balancing_test_empty"),
        ("register", {"documents": Documents("P"), "campaign": {"basis": LegalBasis.CONSENT}}, "recorded"),
    ],
)
def test_campaign_gate(gate: str, changes: dict[str, Any], code: str) -> None:
    """The gate answers this campaign with this code, among others where it refuses."""
    answers = codes(GATES[gate], campaign_facts(**changes))

    assert code in answers
    assert len(answers) == 1 or all(answer.startswith("-") for answer in answers)


def test_a_finding_says_where() -> None:
    """A missing element is shown at the nearest key of the campaign file."""
    verdict = GATES["identity"].judge(campaign_facts(**legal(siren=None)))

    assert str(verdict.findings[0].place) == "spring.yaml:6:3"


@pytest.mark.parametrize("gate", GATES.values(), ids=GATES)
def test_nothing_rendered_is_refused_where_letters_are_looked_at(gate: Any) -> None:
    """A gate that looks at letters refuses when there are none."""
    assert gate.judge(campaign_facts(renderings=())).passed is (gate.name in {"offer", "register"})
