"""The gate ``tracking``: what it lets through and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest

from sender.gates import CAMPAIGN_GATES
from tests.unit.gates.given import (
    HTML,
    LINE,
    TEXT,
    campaign_facts,
    codes,
    renderings,
)

GATE = next(gate for gate in CAMPAIGN_GATES if gate.name == "tracking")


def letters(**parts: Any) -> dict[str, Any]:
    return {"renderings": renderings(**parts)}


def html(addition: str) -> dict[str, Any]:
    return letters(html=HTML + addition)


def link(style: str, around: str = "<p>{}</p>") -> dict[str, Any]:
    return letters(html=f"<p>{LINE}</p>" + around.replace("{}", f'<a href="{{url}}" style="{style}">Stop</a>'))


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
        (html('<img src="cid:a" width="120" height="40" alt="">'), "none"),
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
