"""A letter out of the mould is the one that the long way makes, byte for byte."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sender.dkim import Signer
from sender.letters import CannotCompose, Composer, Links, Moulds, Templates
from sender.model import Campaign, Contact, ContactId, Letter, Provenance, SourceKind
from tests.unit.dkim import rfc8463
from tests.unit.letters.conftest import MakeCampaign, address

NOW = datetime(2026, 4, 2, 9, 0, tzinfo=UTC)
AROUND = '<html><body>{}<p><a href="{{{{ unsubscribe_url }}}}">stop</a></p></body></html>'
MARTIN = ("Other", "Martin")
WIDE = f"<table><tr><td>{'w' * 90}</td><td>x</td></tr><tr><td>{{{{ contact.company }}}}</td></tr></table>"

PRINTED = (
    "{{ contact.company }}",
    "{{ contact.name|default('Madame, Monsieur') }}",
    "{% if contact.first_name %}{{ contact.first_name }}{% else %}Bonjour{% endif %}",
    "{% if contact.language == 'en' %}Hello{% else %}Bonjour {{ contact.name|default('') }}{% endif %}",
    "{{ contact.title|upper|default('x') }}",
    "{{ contact.more.city|default('') }}",
    "{% set firm = contact.company %}{{ firm }} et {{ firm }}",
    "{% macro hello(who) %}[{{ who }}]{% endmacro %}{{ hello(contact.company) }}",
    "{{ contact.company ~ ' et ' ~ contact.company }}",
    "{{ contact.company|e }} {{ contact.company|forceescape }}",
    "{{ contact.company|replace('a', 'b') }}",
    "{% for part in contact.company.split(' ') %}({{ part }}){% endfor %}",
    "{{ contact.company|length }} {{ contact.company is string }}",
    '<a href="https://firm.example/?q={{ contact.company|urlencode }}" title="{{ contact.company }}">x</a>',
    '<a href="{{ unsubscribe_url }}">{{ unsubscribe_url }}</a>',
    '<p style="color: {{ contact.company }}">x</p>',
    "<!-- {{ contact.company }} --><style>p { color: red }</style>",
    '<style>p[title="Martin"] { color: red }</style><p title="{{ contact.company }}">x</p>',
    "<table><tr><td>{{ contact.company }}</td><td>1</td></tr><tr><td>a</td><td>2</td></tr></table>",
    "<textarea>{{ contact.company }}</textarea><pre>\n{{ contact.company }}</pre>",
    "<table>{{ contact.company }}<tr><td>x</td></tr></table>",
    "{{ contact.company is lower }} {{ contact.company is in ['Martin'] }}",
    "{{ contact.company|truncate(5) }}",
    "{{ [contact.company, contact.country]|join(', ') }}",
    "{% set s %}{{ contact.company }}{% endset %}{{ s }}{% if s == 'Martin' %}!{% endif %}{{ s|upper }}",
    "{% filter title %}{{ contact.company }} {{ contact.title|default('') }}{% endfilter %}",
    "{% macro own() %}{{ contact.company }}{% endmacro %}{{ own()|replace('a', 'b') }}{{ own() }}",
    "{{ contact.company|e|truncate(12) }}{{ (contact.company|e)[:3] }}",
    "<style>p[title^=M] { color: red }</style><p title='{{ contact.company }}'>x</p>",
    "<a href='http{{ contact.company }}'>{{ contact.company }}</a>",
)
words = st.text(
    st.one_of(st.sampled_from("abZ é<>&\"'=.%{}\u00a0\u200b\u2009ﬀ𝄞-"), st.characters(exclude_categories=("Cs",))),
    max_size=30,
)
people = st.builds(
    lambda first, last, company, title, country, language, city, kind: Contact(
        id=ContactId("0" * 31 + "1"),
        email=address("anne.martin@cabinet-martin.example"),
        first_name=first,
        last_name=last,
        company=company,
        title=title,
        country=country,
        language=language,
        provenance=Provenance(kind, "Salon <droit>", date(2026, 3, 12)),
        more={"city": city},
    ),
    words,
    words,
    st.one_of(st.none(), words, st.just("Martin")),
    st.one_of(st.none(), words),
    st.sampled_from((None, "FR", "DE")),
    st.sampled_from((None, "fr", "en")),
    words,
    st.sampled_from((SourceKind.TRADE_SHOW, SourceKind.PARTNER)),
)


def long_way(templates: Templates, composer: Composer, contact: Contact, links: Links) -> Letter | str:
    try:
        return composer.compose(templates.render(contact, links), message_id="<1@eluard.example>", date=NOW)
    except CannotCompose as reason:
        return reason.finding.code


def by_mould(moulds: Moulds, contact: Contact, links: Links) -> Letter | str:
    try:
        return moulds.letter(contact, links, message_id="<1@eluard.example>", date=NOW)
    except CannotCompose as reason:
        return reason.finding.code


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    pieces=st.lists(st.sampled_from(PRINTED), min_size=1, max_size=3),
    own_text=st.booleans(),
    crowd=st.lists(people, min_size=2, max_size=8),
)
def test_any_template_makes_the_same_letters_either_way(
    make: MakeCampaign, pieces: list[str], own_text: bool, crowd: list[Contact]
) -> None:
    """Whatever a template does with values, and whatever the values are; the signatures are the same, too."""
    text = "\n".join([*pieces, "{{ unsubscribe_url }}"]) if own_text else None
    html = AROUND.format("<p>" + "</p>\n<p>".join(pieces) + "</p>")
    campaign = make(html, text, subject=f"Objet {pieces[0]}" if "<" not in pieces[0] else "Objet")
    templates = Templates.load(campaign)
    composer = Composer(campaign, templates, signer=Signer(rfc8463.IDENTITIES))
    moulds = Moulds(templates, composer)

    for number, contact in enumerate(crowd * 2):
        links = Links(f"https://courrier.eluard.example/u/{number}?a=1&b=2", None)
        assert by_mould(moulds, contact, links) == long_way(templates, composer, contact, links)


def counting(templates: Templates, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How often the long way was gone."""
    gone: list[int] = []
    whole = Templates.render

    def render(self: Templates, contact: Contact, links: Links) -> object:
        gone.append(1)
        return whole(self, contact, links)

    monkeypatch.setattr(Templates, "render", render)
    return gone


def test_the_example_campaign_needs_the_long_way_once_a_shape(
    spring: Campaign, contact: Contact, links: Links, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Named and unnamed people are two shapes; everybody else comes out of a mould."""
    templates = Templates.load(spring)
    moulds = Moulds(templates, Composer(spring, templates))
    gone = counting(templates, monkeypatch)

    for number in range(50):
        named = replace(contact, company=f"Cabinet {number}", last_name=f"Martin-{number}")
        moulds.letter(named, links, message_id=f"<{number}@eluard.example>", date=NOW)
        moulds.letter(replace(named, first_name="", last_name=""), links, message_id="<u@eluard.example>", date=NOW)

    assert len(gone) == 2


def test_a_template_that_steers_by_a_value_has_a_mould_for_each(
    make: MakeCampaign, contact: Contact, links: Links, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Comparing a language makes two shapes, not one for each contact."""
    asks = (
        "{% if contact.language == 'en' %}Hello {{ contact.company }}{% else %}Bonjour {{ contact.company }}{% endif %}"
    )
    campaign = make(AROUND.format(asks))
    templates = Templates.load(campaign)
    moulds = Moulds(templates, Composer(campaign, templates))
    gone = counting(templates, monkeypatch)

    for number in range(40):
        someone = replace(contact, company=f"Firm {number}", language=("fr", "en")[number % 2])
        moulds.letter(someone, links, message_id="<1@eluard.example>", date=NOW)

    assert len(gone) == 2


def test_a_value_that_steers_endlessly_costs_no_endless_tries(
    make: MakeCampaign, contact: Contact, links: Links, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A template that cuts the company's name differs from contact to contact: after 64 shapes nothing is tried."""
    campaign = make(AROUND.format("{{ contact.company|truncate(30) }}"))
    templates = Templates.load(campaign)
    moulds = Moulds(templates, Composer(campaign, templates))
    made: list[int] = []
    whole = Templates.parts
    monkeypatch.setattr(Templates, "parts", lambda *a, **k: made.append(1) or whole(*a, **k))

    for number in range(100):
        moulds.letter(replace(contact, company=f"Firm {number}"), links, message_id="<1@eluard.example>", date=NOW)

    assert len(made) <= 100 + 3 * 64


def test_a_template_that_holds_the_marks_itself_goes_the_long_way(
    make: MakeCampaign, contact: Contact, links: Links
) -> None:
    """Private characters of an icon font cannot be told from marks."""
    campaign = make(AROUND.format("\U000f0000\U000f0100\U000f0002 {{ contact.company }}"))
    templates = Templates.load(campaign)
    composer = Composer(campaign, templates)
    moulds = Moulds(templates, composer)

    for _ in range(2):
        assert by_mould(moulds, contact, links) == long_way(templates, composer, contact, links)


def test_values_that_hold_the_marks_are_written_as_they_are(make: MakeCampaign, contact: Contact, links: Links) -> None:
    """A company called like a mark is only a name."""
    campaign = make(AROUND.format("{{ contact.company }} {{ contact.title }}"))
    templates = Templates.load(campaign)
    composer = Composer(campaign, templates)
    moulds = Moulds(templates, composer)

    for company in ("Martin", "\U000f0000\U000f0101\U000f0002", "\U000f0000"):
        odd = replace(contact, company=company)
        assert by_mould(moulds, odd, links) == long_way(templates, composer, odd, links)


@pytest.mark.parametrize(
    ("html", "values"),
    [
        ('<style>p[title="Martin"] { color: red }</style><p title="{{ contact.company }}">x</p>', ("Other", "Martin")),
        ('<style>.FR { color: red }</style><p class="{{ contact.company }}">x</p>', ("Other", "FR")),
        ('<style>p:lang(fr) { color: red }</style><p lang="{{ contact.company }}">x</p>', ("en", "fr")),
        ('<p><a href="{{ contact.company }}">x</a></p>', ("Other", "https://firm.example/")),
        ('<p><a href="https://{{ contact.company }}/">{{ contact.company }}</a></p>', ("Other", "firm.example")),
        ('<p><a href="https://a.example/">{{ contact.company }}</a></p>', ("Other", "https://a.example/")),
        ("<p style='color: {{ contact.company }}'>x</p>", ("blue", "red; color: blue")),
        ("<p>{{ contact.company }}</p>", ("Two words", "Two  words", " Martin", "Martin\u00a0SA", "\u2009")),
        ("<table><tr><td>{{ contact.company }}</td><td>b</td></tr></table>", ("Short", "Rather longer", "S")),
        (WIDE, ("Short", "Long" * 50)),
        ("<style><!-- p[title=Martin] { color: red } --></style><p title='{{ contact.company }}'>x</p>", MARTIN),
        ("<style>{% include 'own.css' %}</style><p title='{{ contact.company }}'>x</p>", MARTIN),
        ("<a href='ht{{ contact.company }}'>x</a>", ("Other", "tps://firm.example")),
        ("<a href='&nbsp;{{ contact.company }}'>x</a>", ("Other", "https://firm.example")),
        ("{% filter replace('M', 'N') %}{{ contact.company }}{% endfilter %}", MARTIN),
        ("{% set s %}{{ contact.company }}{% endset %}{% if s == 'Martin' %}yes{% endif %}{{ s }}", MARTIN),
        ("{% set s %}Dear {{ contact.company }}{% endset %}{{ 'Martin' in s }}{{ s }}", MARTIN),
        ("{% set s %}{{ contact.company }}{% endset %}{{ s|truncate(80) }}", ("Short", "Long " * 30 + "end")),
        ("{% set s %}{{ contact.company }}{% endset %}{{ s[:80] }}", ("Short", "Long" * 30)),
        ("{% set s %}{{ contact.company }}{% endset %}{{ s.startswith('M') }}", MARTIN),
        ("{% macro m() %}{{ contact.company }}{% endmacro %}{% if m() == 'Martin' %}yes{% endif %}", MARTIN),
        ("{% block b %}{{ contact.company }}{% endblock %}{% if self.b() == 'Martin' %}yes{% endif %}", MARTIN),
        (
            "{% macro m() %}{{ caller() == 'Martin' }}{% endmacro %}{% call m() %}{{ contact.company }}{% endcall %}",
            MARTIN,
        ),
        ("{{ contact.company|e|replace('M', 'N') }}", MARTIN),
        ("{{ contact.company }}" * 12, ("Short", "M" * 100_000)),
    ],
)
def test_what_a_later_value_would_change_is_not_moulded(
    make: MakeCampaign, contact: Contact, links: Links, html: str, values: tuple[str, ...]
) -> None:
    """The mould is made of the first contact; that the second one meets a style rule or a link is not overlooked."""
    campaign = make(AROUND.format(html), files={"own.css": "p[title=Martin] { color: red }"})
    templates = Templates.load(campaign)
    composer = Composer(campaign, templates)
    moulds = Moulds(templates, composer)

    for company in (*values, *values):
        someone = replace(contact, company=company)
        assert by_mould(moulds, someone, links) == long_way(templates, composer, someone, links)


def test_a_width_that_two_values_share(make: MakeCampaign, contact: Contact, links: Links) -> None:
    """Which of two values is the longer one decides how the text of a table is laid out."""
    rows = "<tr><td>{{ contact.company }}</td><td>x</td></tr><tr><td>{{ contact.title }}</td></tr>"
    campaign = make(AROUND.format(f"<table>{rows}</table>"), subject="{{ contact.title }}")
    templates = Templates.load(campaign)
    composer = Composer(campaign, templates)
    moulds = Moulds(templates, composer)

    for title in ("Dir", "Directrice juridique et de la conformité"):
        someone = replace(contact, company="Martin SAS", title=title)
        assert by_mould(moulds, someone, links) == long_way(templates, composer, someone, links)


def test_a_value_of_another_shape_holds_no_letter(make: MakeCampaign, contact: Contact, links: Links) -> None:
    """A title that may not be printed matters to nobody whose letter does not ask for it."""
    asks = (
        "{% if contact.language == 'en' %}Hello{% elif contact.title %}{{ contact.title }}{% else %}Bonjour{% endif %}"
    )
    campaign = make(AROUND.format(asks))
    templates = Templates.load(campaign)
    composer = Composer(campaign, templates)
    moulds = Moulds(templates, composer)

    for language, title in (("fr", None), ("en", "a\u202eb"), ("fr", "a\u202eb")):
        someone = replace(contact, language=language, title=title)
        assert by_mould(moulds, someone, links) == long_way(templates, composer, someone, links)
