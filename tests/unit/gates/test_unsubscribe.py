"""The gate ``unsubscribe``: what it lets through and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest

from sender.errors import Place
from sender.gates import CAMPAIGN_GATES, Channels
from tests.unit.gates.given import (
    HTML,
    LINE,
    campaign_facts,
    codes,
    letters,
    link,
    syntax,
)

GATE = next(gate for gate in CAMPAIGN_GATES if gate.name == "unsubscribe")


PAGE = "https://courrier.eluard.example"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, "present"),
        ({"channels": Channels()}, "-no_channel"),
        (letters(pages="http://courrier.eluard.example"), "-not_https"),
        ({"channels": Channels("http://courrier.eluard.example")}, "-not_https"),
        ({"channels": Channels(f"{PAGE}/mon-compte")}, "-login"),
        (letters(pages=f"{PAGE}/login?next="), "-login"),
        (letters(html=HTML.replace("Ne plus recevoir", "Connectez-vous pour arrêter")), "-login"),
        ({"syntax": syntax(text=None)}, "-missing"),
        ({"syntax": syntax(html=True)}, "-conditional"),
        (letters(text=LINE), "-missing"),
        (letters(html=f"<p>{LINE}</p><!-- {{url}} -->"), "-missing"),
        (letters(html=HTML.replace("Ne plus recevoir", "&nbsp;&#8203;")), "-hidden"),
        (letters(html=HTML.replace("Ne plus recevoir", '<img src="cid:a" alt="Stop">')), "present"),
        (
            letters(headers={"List-Unsubscribe-Post": "x", "List-Unsubscribe": "<mailto:a@b>"}),
            "-one_click_without_https",
        ),
        *[
            (link(style), "-hidden")
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
            (link("", around), "-hidden")
            for around in (
                "<div hidden>{}</div>",
                '<div style="display:none"><p>{}</p></div>',
                "<style>a{display:none}</style>{}",
                "<style>@media screen{a{display:none}}</style>{}",
                '<table bgcolor="#0000ee"><tr><td>{}</td></tr></table>',
                "<details>{}</details>",
            )
        ],
        *[
            (letters(html=f'<p>{LINE}</p><a href="{{url}}">{label}</a>'), "-hidden")
            for label in (".", "—", "· ·", "&#8203;.")
        ],
        (link("", "<template>{}</template>"), "-missing"),
        (link("color:#999;font-size:11px"), "present"),
        (link("color:#fff", '<table bgcolor="#112233"><tr><td>{}</td></tr></table>'), "present"),
        (link("font-size:12px", '<div style="font-size:0">{}</div>'), "present"),
    ],
)
def test_unsubscribe(changes: dict[str, Any], code: str) -> None:
    """The gate answers this campaign with this code; a code that refuses begins with ``-``."""
    answers = codes(GATE, campaign_facts(**changes))

    assert code in answers
    assert len(answers) == 1 or all(answer.startswith("-") for answer in answers)


def test_a_link_that_is_not_seen_is_pointed_at_in_its_template() -> None:
    """The place is where the template uses the address, not where the campaign file names the template."""
    (finding,) = GATE.judge(campaign_facts(**link("display:none"))).findings
    assert (finding.code, finding.place) == ("hidden", Place("mail.html", 3))
