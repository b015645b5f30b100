"""The letter's HTML: each blemish by its code, at its line and column of the template; sound HTML has none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sender.preflight import Level, check_letter
from sender.preflight.letter import CLIP
from sender.preflight.markup import blemishes

SOUND = """<!DOCTYPE html>
<html lang="fr"><head><meta charset="utf-8"><title>x</title>
<style>a > b { color: red }</style>
<!--[if mso]><table><tr><td><![endif]--></head>
<body id="top">
<table role="presentation"><tr><td align="center"><p>One<p>Two<br/>
<ul><li>a<li><b>b</b></ul><h1>c</h1></td>
<td>d</td></tr><tr><td><img src="cid:logo" alt=""></table>
<!--[if mso]></td></tr></table><![endif]-->
<a href="https://www.eluard.example/p?a=1&amp;b=é#x">e</a> <a name="n">f</a> <a href="#top">g</a> <a href="#n">h</a>
<a href="mailto:stop@eluard.example?subject=stop%20me">i</a> <a href="tel:+33102030405">j</a>
<a href="https://éluard.example:8443/">k</a>
</body></html>
"""


def test_sound_html_has_no_blemish() -> None:
    """What may be left out is left out here, and what only some programs read is passed over."""
    assert blemishes(SOUND) == ()


@pytest.mark.parametrize(
    ("html", "code", "what"),
    [
        ("<div><b>x</div>", "unclosed", "b"),
        ("<div>x", "unclosed", "div"),
        ("<p>x</b></p>", "stray_end", "b"),
        ("<p>x<div>y</div></p>", "stray_end", "p"),
        ("<div><table><tr><td>x</div></td></tr></table></div>", "stray_end", "div"),
        ("<ul><li><i>x<li>y</ul>", "unclosed", "i"),
        ('<p class="a" id="b" class="c">x</p>', "attribute_twice", "class"),
        ('<p class="a"">x</p>', "attribute_garbled", '"'),
        ("<div><td>x</td></div>", "outside_table", "td"),
        ("<table><tr><p>x</p></tr></table>", "outside_cell", "p"),
        ("<table><tr>x</tr></table>", "outside_cell", "text"),
        ('<img src="cid:logo">', "no_alt", "cid:logo"),
        ('<a href="">x</a>', "link_empty", ""),
        ("<a href>x</a>", "link_empty", ""),
        ('<a href="https://x.example/{{ page }}">x</a>', "link_unfilled", "https://x.example/{{ page }}"),
        ('<a href="#nowhere">x</a>', "link_no_target", "#nowhere"),
        ('<a href="https://">x</a>', "link_malformed", "https://"),
        ('<a href="https://eluard/x">x</a>', "link_malformed", "https://eluard/x"),
        ('<a href="https://eluard.example:port/">x</a>', "link_malformed", "https://eluard.example:port/"),
        ('<a href="https://[::1/">x</a>', "link_malformed", "https://[::1/"),
        ('<a href="https://eluard.example/a b">x</a>', "link_malformed", "https://eluard.example/a b"),
        ('<a href="mailto:nobody">x</a>', "link_malformed", "mailto:nobody"),
        ('<a href="www.eluard.example">x</a>', "link_no_scheme", "www.eluard.example"),
        ('<a href="/page">x</a>', "link_no_scheme", "/page"),
        ('<a href="htps://eluard.example">x</a>', "link_no_scheme", "htps://eluard.example"),
    ],
)
def test_a_blemish_is_named(html: str, code: str, what: str) -> None:
    """One mistake, one remark, and the place is the tag itself."""
    found = blemishes(f"<body>\n{html}\n</body>")

    assert [(one.code, one.what) for one in found] == [(code, what)]
    assert f"<body>\n{html}\n</body>"[found[0].at :].startswith(found[0].tag)


@given(st.text("<>/\"'= abtdrph!-[]&;\n#", max_size=80))
def test_whatever_stands_there(text: str) -> None:
    """Nothing that a template may hold is an error of ours."""
    assert all(0 <= one.at <= len(text) for one in blemishes(text))


TEMPLATE = """<body>
{% for one in contact.things %}<img src="{{ one }}">{% endfor %}
<p>a<img src="cid:logo"></p>
<div class="{{ contact.kind }}"><b>x</div>
{% if contact.a %}<td>1</td>{% else %}<td>2</td>{% endif %}
<p><a href="x">1</a></p>
<p><a href="x">2</a></p>
</body>
"""
LETTER = """<body>
<img src="cid:1"><img src="cid:2">
<p>a<img src="cid:logo"></p>
<div class="firm"><b>x</div>
<td>2</td>
<p><a href="x">1</a></p>
<p><a href="x">2</a></p>
</body>
"""


def test_the_place_is_the_template_s() -> None:
    """By the tag, by its number where it stands several times; where neither helps, the line of the letter is given."""
    remarks = check_letter({"mail.html": TEMPLATE}, [LETTER, LETTER], [LETTER])
    where = [(one.code, one.where) for one in remarks if one.level is Level.WARNING]

    assert where == [
        ("no_alt", "mail.html (letter, line 2)"),
        ("no_alt", "mail.html:3:5"),
        ("unclosed", "mail.html:4:33"),
        ("outside_table", "mail.html (letter, line 5)"),
        ("link_no_scheme", "mail.html:6:4"),
        ("link_no_scheme", "mail.html:7:4"),
    ]


@pytest.mark.parametrize(("size", "code"), [(CLIP, "size"), (CLIP + 1, "clipped")])
def test_gmail_clips(size: int, code: str) -> None:
    """The largest letter counts, in bytes."""
    (remark,) = check_letter({"mail.html": ""}, [], ["short", "é" + "x" * (size - 2)])

    assert (remark.code, remark.facts["size"]) == (code, size)
