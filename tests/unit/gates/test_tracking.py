"""The gate ``tracking``: what it lets through and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest

from sender.errors import Place
from sender.gates import CAMPAIGN_GATES
from tests.unit.gates.given import (
    TEXT,
    campaign_facts,
    codes,
    html,
    letters,
    renderings,
)

GATE = next(gate for gate in CAMPAIGN_GATES if gate.name == "tracking")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, "none"),
        ({"renderings": renderings()[:2]}, "-too_few_samples"),
        (html('<a href="https://x.example/?id={n}">x</a>'), "-link_differs"),
        (letters(text=TEXT + "https://x.example/{n}"), "-link_differs"),
        (letters(text=TEXT + "https://x.example/?u={url}"), "-link_differs"),
        (letters(text=TEXT + "{url}&o=1"), "-link_differs"),
        (html('<img src="cid:a" style="opacity:0">'), "-hidden_image"),
        (html('<p style="visibility:hidden"><img src="cid:a"></p>'), "-hidden_image"),
        (html('<div style="width:0;height:0;overflow:hidden"><img src="cid:a"></div>'), "-hidden_image"),
        (html('<a href="https://x.example/?u={url}">x</a>'), "-link_differs"),
        (html('<img src="cid:{n}">'), "-resource_differs"),
        (letters(headers={"X-Ref": "{n}"}), "-header_differs"),
        (letters(headers={"To": "{n}", "List-Unsubscribe": "<{url}>"}), "none"),
        (letters(headers={"return-receipt-TO": "a"}), "-read_receipt"),
        (letters(headers={"X-Mailgun-Track": "yes"}), "-relay_tracking"),
        (letters(headers={"x-mailjet-trackopen": "0"}), "none"),
        *[
            (html(markup), "-remote_resource")
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
        (html('<img src="cid:a" width="120" height="40" alt="">'), "none"),
        (html("<script>1</script>"), "-script"),
        (html('<script src="https://x.example/a"></script>'), "-script"),
        (html('<form action="https://x.example/a"><input></form>'), "-form"),
        (html('<button formaction="https://x.example/a">x</button>'), "-form"),
        (html('<img src="cid:a" width="1" height="1">'), "-hidden_image"),
        (html('<div style="display:none"><img src="cid:a"></div>'), "-hidden_image"),
        (html('<a href="https://x.example/?m=a%40b.example">x</a>'), "-address_in_link"),
        (html(f'<a href="https://x.example/?h={"0a" * 16}">x</a>'), "-hash_in_link"),
        (html('<a href="https://bit.ly/abc">x</a>'), "-redirector"),
        ({**html('<img src="https://x.example/{n}">'), "consented_to_tracking": True}, "consented"),
    ],
)
def test_tracking(changes: dict[str, Any], code: str) -> None:
    """The gate answers this campaign with this code; a code that refuses begins with ``-``."""
    answers = codes(GATE, campaign_facts(**changes))

    assert code in answers
    assert len(answers) == 1 or all(answer.startswith("-") for answer in answers)


def test_a_refusal_points_at_the_template_and_names_the_host() -> None:
    """With two remote images everybody knows which is meant; entities in the template are seen through."""
    url = "https://pixel.example/a?b=1&c=2"
    source = f'<p>Bonjour</p>\n<p><img src="{url.replace("&", "&amp;")}"></p>\n<script>1</script>'
    facts = campaign_facts(**html(source), sources={"head.html": "<p>", "mail.html": source})
    remote, script = GATE.judge(facts).findings
    assert (remote.facts["host"], remote.place) == ("pixel.example", Place("mail.html", 2, 14))
    assert script.place == Place("mail.html", 3, 1)


def test_what_is_in_no_template_as_it_stands_points_at_the_campaign() -> None:
    """A computed address has no place of its own."""
    facts = campaign_facts(**html('<img src="https://pixel.example/a">'), sources={"mail.html": "<p>"})
    assert GATE.judge(facts).findings[0].place == Place("spring.yaml", 30, 3)


def test_a_link_of_the_text_is_looked_for_in_the_text() -> None:
    """Both parts may hold the same address."""
    url = "https://bit.ly/abc"
    facts = campaign_facts(
        renderings=renderings(text=TEXT + url), sources={"mail.html": f"<p>{url}</p>", "mail.txt": f"\n{url}"}
    )
    assert GATE.judge(facts).findings[0].place == Place("mail.txt", 2, 1)
