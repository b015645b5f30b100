"""The sandbox: what templates may do, and that nothing they do costs without end."""

# ruff: noqa: E501  (templates that stand on one line)
from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sender.errors import InputError
from sender.letters import CannotCompose, Links, Templates
from sender.letters.templates import LARGEST_PART
from sender.model import Campaign, Contact

MakeCampaign = Callable[..., Campaign]

PAYING = ("_spend", "_weighed", "_concatenated")  # ours alone: paying less than nothing would fill the purse
MILLION = "{% for a in range(1000) %}{% for b in range(1000) %}"
DOUBLED = "{% set n = namespace(x=[1]) %}{% for i in range(60) %}{% set n.x = [n.x, n.x] %}{% endfor %}"
BOMBS = {
    "wide loop": "{% for a in range(1000) %}{% for b in range(1000) %}{% for c in range(1000) %}{% endfor %}{% endfor %}{% endfor %}",
    "quiet loop": "{% set r = range(1000)|list %}{% for a in r %}{% for b in r %}{% for c in r %}{% set x = 1 %}{% endfor %}{% endfor %}{% endfor %}",
    "doubling by ~": "{% set n = namespace(x='aaaaaaaa') %}{% for i in range(60) %}{% set n.x = n.x ~ n.x %}{% endfor %}",
    "doubling by +": "{% set n = namespace(x=[1,2]) %}{% for i in range(60) %}{% set n.x = n.x + n.x %}{% endfor %}",
    "doubling by set block": "{% set x %}aaaaaaaaaaaaaaaaaaaa{% endset %}"
    + "{% set x %}{{ x }}{{ x }}{% endset %}" * 60,
    "branching macro": "{% macro m(n) %}{% if n %}{{ m(n-1) }}{{ m(n-1) }}{% endif %}{% endmacro %}{{ m(60) }}",
    "much fixed text": "{% for i in range(1000) %}" + "x" * 100_000 + "{% endfor %}",
    "join": "{% set s = 'xxxxxxxxxx' ~ 'yyyyyyyyyy' %}" + "{{ range(1000)|join(range(1000)|join(s)) }}",
    "a list of itself printed": f"{DOUBLED}{{{{ n.x }}}}",
    "a list of itself compared": f"{DOUBLED}{{{{ n.x == [n.x, n.x] }}}}",
    "a list of itself joined": f"{DOUBLED}{{{{ n.x|join('-') }}}}",
    "a list of itself as text": f"{DOUBLED}{{{{ n.x ~ '' }}}}",
    "sorting in loops": f"{MILLION}{{% set x = range(1000)|list|sort|unique|list %}}{{% endfor %}}{{% endfor %}}",
    "looking in loops": "{% set r = range(1000)|list %}" + MILLION + "{{ 5001 in r }}{% endfor %}{% endfor %}",
    "a loop that skips all": f"{MILLION}{{% for c in range(1000) if c > 5000 %}}x{{% endfor %}}{{% endfor %}}{{% endfor %}}",
    "splitting in loops": "{% set s = range(1000)|join('xxxxxxxxxx') %}"
    + MILLION
    + "{% set x = s.split('x') %}{% endfor %}{% endfor %}",
    "slicing in loops": "{% set s = range(1000)|join('xxxxxxxxxx') %}"
    + MILLION
    + "{% set x = s[1:] %}{% endfor %}{% endfor %}",
    "replace": "{% set s = range(1000)|join('xxxxxxxxxx') %}{{ s|replace('x', s)|replace('x', s) }}",
}

REFUSED = {
    "multiplied text": "{{ 'a' * 1000000000 }}",
    "multiplied list": "{{ [1] * 1000000000 }}",
    "power": "{{ 9 ** 9 ** 9 }}",
    "format by %": "{{ '%1000000000d' % 1 }}",
    "power by round": "{{ 1.5|round(1000000000, 'ceil') }}",
    "big difference": "{{ 18446744073709551616 - 1 }}",
    "huge range": "{% for i in range(1000000000) %}x{% endfor %}",
    "big number": "{{ 100000000000000000000 * 100000000000000000000 }}",
    "padding method": "{{ 'a'.center(1000000000) }}",
    "format method": "{{ '{:>1000000000}'.format(1) }}",
    "private attribute": "{{ ''.__class__.__mro__ }}",
    "globals": "{{ range.__globals__ }}",
    "endless macro": "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
}


@pytest.mark.parametrize("html", BOMBS.values(), ids=BOMBS)
def test_a_template_that_works_without_end_is_stopped_soon(
    html: str, make: MakeCampaign, contact: Contact, links: Links
) -> None:
    """Loops, macros and growing values spend a budget; the letter is held within seconds."""
    began = time.process_time()
    with pytest.raises((CannotCompose, InputError), match=r"steps of work|without end|larger than"):
        Templates.load(make(html + "{{ unsubscribe_url }}")).render(contact, links)
    assert time.process_time() - began < 10


@pytest.mark.parametrize("html", REFUSED.values(), ids=REFUSED)
def test_what_makes_much_out_of_little_is_refused(
    html: str, make: MakeCampaign, contact: Contact, links: Links
) -> None:
    """Operators and methods that amplify, and private attributes, end the run as an error of the template."""
    with pytest.raises((InputError, CannotCompose)):
        Templates.load(make(html)).render(contact, links)


@pytest.mark.parametrize(
    "name", ["safe", "center", "indent", "map", "attr", "pprint", "tojson", "xmlattr", "nosuch", *PAYING]
)
def test_a_filter_outside_the_list_is_an_error_at_load(name: str, make: MakeCampaign) -> None:
    """Filters that turn escaping off, amplify or reach into objects do not exist, and the line is named."""
    with pytest.raises(InputError) as error:
        Templates.load(make(f"<p>\n{{{{ contact.company|{name} }}}}</p>"))
    assert error.value.complaints[0].code == "SC-403"
    assert error.value.complaints[0].place is not None
    assert error.value.complaints[0].place.line == 2


def test_contact_values_are_escaped_in_html_and_only_there(make: MakeCampaign, links: Links, contact: Contact) -> None:
    """A company named like a tag shows as its name in both parts."""
    templates = Templates.load(
        make("<p>{{ contact.company }} {{ contact.company ~ '<i>' }}</p>", "{{ contact.company }}")
    )
    rendering = templates.render(replace(contact, company="<b>A & B"), links)
    assert "&lt;b&gt;A &amp; B &lt;b&gt;A &amp; B&lt;i&gt;" in rendering.html
    assert rendering.text == "<b>A & B"


def test_ordinary_templates_work(make: MakeCampaign, contact: Contact, links: Links) -> None:
    """Loops, sums, joins, tests, macros, imports and inheritance do what their users expect."""
    html = (
        '{% extends "base.html" %}{% import "macros.html" as m %}{% block main %}{{ super() }}'
        "{% for f in offer.functions %}{{ loop.index }}{{ f }}{{ ', ' if not loop.last }}{% endfor %} "
        "{{ offer.functions|join('/') }} {{ 2 + 3 * 4 }} {{ 'a' + 'b' }} {{ contact.company|upper }} "
        "{{ m.link(unsubscribe_url) }} {{ contact.company.lower() }}{% endblock %}"
    )
    files = {
        "base.html": "<div>{% block main %}base {% endblock %}</div>",
        "macros.html": '{% macro link(url) %}<a href="{{ url }}">{{ contact.first_name }}</a>{% endmacro %}',
    }
    rendering = Templates.load(make(html, files=files)).render(contact, links)
    assert "base 1legal, 2data_protection legal/data_protection 14 ab CABINET MARTIN" in rendering.html
    assert f'<a href="{links.unsubscribe_url}">Anne</a> cabinet martin</div>' in rendering.html


PIECES = st.sampled_from(
    (
        *(
            "{% for a in range(900) %}",
            "{% for a in contact.company %}",
            "{% endfor %}",
            "{% if contact.name %}",
            "{% endif %}",
        ),
        *(
            "{% macro m(x) %}",
            "{% endmacro %}",
            "{{ m(m(1)) }}",
            "{{ m }}",
            "{% set x = contact.company %}",
            "{{ x ~ x }}",
        ),
        *(
            "{% set n = namespace(s='x') %}",
            "{% set n.s = n.s ~ n.s %}",
            "{{ n.s }}",
            "{{ contact.company * 99999999 }}",
        ),
        *(
            "{{ ''.__class__ }}",
            "{{ contact._values }}",
            "{{ contact['_more'] }}",
            "{{ self.__init__ }}",
            "{{ x.__globals__ }}",
        ),
        *(
            "{{ contact.company|replace('', 'xxxxxxxx') }}",
            "{{ range(10**9)|list }}",
            "{{ 9**9**9 }}",
            "{{ '%0999999d' % 1 }}",
        ),
        *(
            "{% include 'mail.html' %}",
            "{% include '../../../etc/passwd' %}",
            "{% import 'mail.html' as y %}",
            "{{ cycler }}",
        ),
        *(
            "{{ contact.company.join(range(999)|map('string')) }}",
            "{{ (contact.company ~ '')|batch(2) }}",
            "{{",
            "%}",
            "x",
        ),
    )
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pieces=st.lists(PIECES, max_size=12))
def test_any_template_ends_as_a_letter_or_in_words(
    make: MakeCampaign, contact: Contact, links: Links, pieces: list[str]
) -> None:
    """Bounded in work and length, and no way out: a rendering, a refusal of this letter, or a complaint with its place."""
    campaign = make("".join(pieces) + "<p>{{ unsubscribe_url }}</p>")
    try:
        said = Templates.load(campaign).render(contact, links).html
    except (CannotCompose, InputError) as refusal:
        said = str(refusal)

    assert len(said) <= 8 * LARGEST_PART
    assert "root:" not in said


def test_a_file_that_imports_itself_many_times_is_refused_soon(make: MakeCampaign) -> None:
    """Three imports, thirty deep, would be more readings than there is time for."""
    with pytest.raises(InputError) as told:
        Templates.load(make("{% import 'mail.html' as y %}" * 3 + "<p>{{ unsubscribe_url }}</p>"))

    assert "call each other without end" in str(told.value)
