"""The gate ``tracking``: what it lets through and what it refuses."""

from __future__ import annotations

from base64 import b64encode, urlsafe_b64encode
from hashlib import md5, sha1, sha256
from typing import Any
from urllib.parse import quote

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


REMOTE = "https://x.example/a"
FETCHES = (
    "<picture><source srcset='{} 1x, {}b 2x'></picture>",
    "<video src='{}'></video>",
    "<audio><source src='{}'></audio>",
    "<body background='{}'>",
    "<p style='background-image:u\\72 l({})'>x</p>",
    "<p style=\"background:image-set('{}' 1x)\">x</p>",
    "<p style='list-style:url({})'>x</p>",
    "<style>@media screen{{p{{background:url({})}}}}</style>",
    "<style>@import url({});</style>",
    "<style>@font-face{{font-family:a;src:url({})}}</style>",
    *(f"<link rel='{rel}' href='{{}}'>" for rel in ("stylesheet", "preload", "prefetch", "dns-prefetch", "preconnect")),
    "<embed src='{}'>",
    "<svg><use xlink:href='{}#a'></use></svg>",
    "<svg><rect fill='url({}#g)'/></svg>",
    "<svg><style>p{{fill:url({})}}</style></svg>",
    "<img src='data:image/svg+xml,%3Cimage href=%22{}%22/%3E'>",
    "<base href='{}'>",
    "<meta http-equiv='Refresh' content='0; URL={}'>",
    "<img src='cid:a' lowsrc='{}'>",
    "<iframe srcdoc='<img src={}>'></iframe>",
    "<noscript><img src='{}'></noscript>",
    "<v:fill src='{}'/>",
)


@pytest.mark.parametrize("markup", FETCHES)
def test_whatever_fetches_from_elsewhere_is_refused(markup: str) -> None:
    """Part B 2: every element, attribute and piece of CSS that makes a mail program ask a server."""
    assert "-remote_resource" in codes(
        GATE, campaign_facts(**html(markup.replace("{}", REMOTE).replace("{{", "{").replace("}}", "}")))
    )


@pytest.mark.parametrize(
    "markup",
    [
        '<img src="cid:a" width=2 height=2>',
        '<img src="cid:a" width="1%">',
        '<img src="cid:a" style="width:1px">',
        '<img src="cid:a" style="max-height:2px">',
        '<img src="cid:a" style="width:.1em;height:.1em">',
        '<img src="cid:a" style="zoom:0">',
        '<img src="cid:a" style="transform:scale(0)">',
        '<img hidden src="cid:a">',
        '<span style="opacity:0"><img src="cid:a"></span>',
        '<div style="height:0"><img src="cid:a"></div>',
        '<div style="width:1px;height:1px;overflow:hidden"><img src="cid:a"></div>',
        '<style>img{width:1px;height:1px}</style><img src="cid:a">',
        '<style>.p{opacity:0}</style><img class=p src="cid:a">',
        '<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=" width=1>',
    ],
)
def test_an_image_that_nobody_sees_is_refused(markup: str) -> None:
    """Part B 3: two pixels or less, transparent, in a box of no size, by attribute, style or sheet."""
    assert "-hidden_image" in codes(GATE, campaign_facts(**html(markup)))


ADDRESS = renderings()[0].contact.email.spec


@pytest.mark.parametrize(
    "disguise",
    [
        ADDRESS,
        quote(ADDRESS, safe=""),
        quote(quote(ADDRESS, safe=""), safe=""),
        b64encode(ADDRESS.encode()).decode(),
        urlsafe_b64encode(ADDRESS.encode()).decode().rstrip("="),
        ADDRESS.encode().hex(),
        *(new(ADDRESS.encode(), usedforsecurity=False).hexdigest() for new in (md5, sha1, sha256)),
        sha256(ADDRESS.encode()).hexdigest().upper(),
        urlsafe_b64encode(sha256(ADDRESS.encode()).digest()).decode().rstrip("="),
    ],
)
@pytest.mark.parametrize("link", ["https://x.example/p/{}", "https://x.example/?q={}", "https://x.example/#{}"])
def test_an_address_in_a_link_is_known_in_every_disguise(link: str, disguise: str) -> None:
    """Part B 5: in path, query or fragment; also where all letters carry the same."""
    answers = codes(GATE, campaign_facts(**html(f'<a href="{link.format(disguise)}">x</a>')))

    assert {"-address_in_link", "-hash_in_link"} & set(answers)


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
