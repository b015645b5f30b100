"""What the syntax tree says about templates: certain and conditional uses, names that do not exist."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from sender.errors import InputError, MissingFile
from sender.letters import CannotCompose, Composer, Links, Templates, synthetic_contacts
from sender.model import Campaign, Contact, Part

MakeCampaign = Callable[..., Campaign]
FILES = {
    "foot.html": "{{ unsubscribe_url }}",
    "base.html": "{% block foot %}{% endblock %}",
    "m.html": "{% macro link(u) %}{{ u }}{% endmacro %}{% macro maybe(u) %}{% if u %}{{ u }}{% endif %}{% endmacro %}",
}
CERTAIN = (
    "{{ unsubscribe_url }}",
    "{{ unsubscribe_url|e }}",
    "{% set x = unsubscribe_url %}{{ x }}",
    '{% include "foot.html" %}',
    '{% extends "base.html" %}{% block foot %}{{ unsubscribe_url }}{% endblock %}',
    '{% from "m.html" import link %}{{ link(unsubscribe_url) }}',
    "{{ 'x' ~ unsubscribe_url }}",
    "{% with u = unsubscribe_url %}{{ u }}{% endwith %}",
)
CONDITIONAL = (
    "{% if contact.company %}{{ unsubscribe_url }}{% endif %}",
    "{% for i in [] %}{{ unsubscribe_url }}{% endfor %}",
    "{{ unsubscribe_url if contact.company else '' }}",
    "{{ unsubscribe_url|truncate(3) }}",
    "{% filter truncate(3) %}{{ unsubscribe_url }}{% endfilter %}",
    "{% set x = unsubscribe_url %}{% set x = 'no' %}{{ x }}",
    "{% if contact.company %}{% set x = unsubscribe_url %}{% endif %}{{ x }}",
    '{% if contact.company %}{% include "foot.html" %}{% endif %}',
    '{% from "m.html" import maybe %}{{ maybe(unsubscribe_url) }}',
    "{% set x %}{{ unsubscribe_url }}{% endset %}",
    "{% macro m() %}{{ unsubscribe_url }}{% endmacro %}",
    '{% extends "base.html" %}{{ unsubscribe_url }}',
)


def certain(campaign: Campaign) -> bool:
    html = next(part for part in Templates.load(campaign).syntax() if part.part is Part.HTML)
    return any(use.name == "unsubscribe_url" and not use.conditional for use in html.uses)


@pytest.mark.parametrize("html", CERTAIN)
def test_what_is_always_printed_is_certain(html: str, make: MakeCampaign) -> None:
    """Plain printing counts, also through aliases, includes, blocks and macros."""
    assert certain(make(html, files=FILES))


@pytest.mark.parametrize("html", CONDITIONAL)
def test_what_may_be_left_out_is_not_certain(html: str, make: MakeCampaign) -> None:
    """Whatever may not be rendered, or not whole, never counts as printed."""
    assert not certain(make(html, files=FILES))


def test_a_misspelt_name_is_found_before_any_rendering(make: MakeCampaign) -> None:
    """The complaint names file and line, and the nearest name that exists; all come at once."""
    with pytest.raises(InputError) as error:
        Templates.load(make("<p>\n{{ sender.legal_lin }}\n{{ unsubscribe_ur }}</p>"))
    first, second = error.value.complaints
    assert (first.code, first.todo, first.place and first.place.line) == (
        "SC-404",
        "Did you mean sender.legal_line?",
        2,
    )
    assert (second.todo, second.place and second.place.line) == ("Did you mean unsubscribe_url?", 3)


@pytest.mark.parametrize(
    ("html", "todo"),
    [
        ("{{ sendre.name }}", "Did you mean sender.name?"),
        ("{{ sendre }}", "Did you mean sender?"),
        ("{{ sender.legl.siren }}", "Did you mean sender.legal.siren?"),
        ("{{ contcat.company }}", "Did you mean contact.company?"),
        ("{{ offer.zzz }}", "offer has what, because, functions, sector."),
        ("{{ campaign.name }}", "campaign is one value, without a dot."),
        ("{{ zzz }}", "A letter has contact, sender, offer, campaign, unsubscribe_url, first_contact_notice."),
    ],
)
def test_a_misspelt_name_is_put_right_word_by_word(html: str, todo: str, make: MakeCampaign) -> None:
    """The first word too: nothing else stands before the dot than a handful of names."""
    with pytest.raises(InputError) as error:
        Templates.load(make(html))
    assert error.value.complaints[0].todo == todo


def test_a_misspelt_field_of_contacts_is_put_right(make: MakeCampaign) -> None:
    """What is no column of the file may be a field that every contact has."""
    with pytest.raises(InputError) as error:
        Templates.load(make("{{ contact.nmae }} {{ contact.citty }}")).check_columns(["city"])
    todos = [complaint.todo for complaint in error.value.complaints]
    assert todos == ["Did you mean contact.name?", "Did you mean contact.city?"]


@pytest.mark.parametrize(
    ("html", "line", "column"),
    [
        ("<p>\n  {{ sendre.name }}", 2, 6),
        ("<p>{{ sender.legal_line }} {{ sender.legal_lin }}", 1, 31),
        ("<p>{{ sender['nam'] }}", 1, 7),
        ("<p>{% nonsense %}", 1, 7),
        ("<p>\n{{ contact.name|nofilter }}", 2, 17),
        ("<p>{% include 'no.html' %}", 1, 16),
        ("<p>{% include contact.company %}", 1, 4),
        ('<p><img src="gone.png">', 1, 14),
        ('<p><link rel="stylesheet" href="a.css">', 1, 4),
    ],
)
def test_a_complaint_names_line_and_column(html: str, line: int, column: int, make: MakeCampaign) -> None:
    """Jinja2 knows lines only; the word is looked for in its line."""
    with pytest.raises(InputError) as error:
        Templates.load(make(html))
    place = error.value.complaints[0].place
    assert place is not None
    assert (place.line, place.column) == (line, column)


def test_a_folder_is_looked_through_and_named_once(make: MakeCampaign) -> None:
    """A template in the project's own folder stands in two roles there."""
    campaign = make(files={"sender.toml": ""})
    folder = campaign.message.html.parent / "templates"
    folder.mkdir(exist_ok=True)
    html = folder / "mail.html"
    html.write_text("{% include 'no.html' %}", encoding="utf-8")
    with pytest.raises(InputError) as error:
        Templates.load(replace(campaign, message=replace(campaign.message, html=html)))
    assert error.value.complaints[0].why.count(str(folder)) == 1


@pytest.mark.parametrize(
    ("html", "code"),
    [
        ("{% if %}", "SC-403"),
        ("{% include contact.company %}", "SC-406"),
        ("{{ contact[contact.company] }}", "SC-406"),
        ("{% include 'no.html' %}", "SC-407"),
        ("{% include 'mail.html' %}", "SC-406"),
        ("{% include '../../campaign.yaml' %}", "SC-407"),
        ("{% for a in [1] recursive %}{% endfor %}", "SC-406"),
        ("{% autoescape false %}{{ contact.company }}{% endautoescape %}", "SC-406"),
        ('<img src="gone.png">', "SC-410"),
        ('<img src="{{ contact.company }}.png">', "SC-411"),
        ('<img src="fake.png">', "SC-413"),
        ('<link rel="stylesheet" href="a.css">', "SC-414"),
    ],
)
def test_what_a_mail_cannot_have_is_named(html: str, code: str, make: MakeCampaign) -> None:
    """Each construction has its complaint, with the place."""
    with pytest.raises(InputError) as error:
        Templates.load(make(html, files={"fake.png": "text"}))
    assert error.value.complaints[0].code == code
    assert error.value.complaints[0].place is not None


def test_a_template_that_is_not_there_is_a_missing_file(make: MakeCampaign) -> None:
    """A missing template is another exit status than a wrong one."""
    campaign = make()
    campaign.message.html.unlink()
    with pytest.raises(MissingFile, match="SC-401"):
        Templates.load(campaign)


def test_an_absent_value_holds_the_letter_unless_asked_for(make: MakeCampaign, links: Links) -> None:
    """Printing what a contact does not have is never an empty space in a letter."""
    campaign = make(
        "{% if contact.title %}{{ contact.title }}{% endif %}{{ contact.title|default('x') }}",
        "t",
        "{{ contact.company }} !",
    )
    templates = Templates.load(campaign)
    nobody = synthetic_contacts(campaign)[-1]
    assert templates.render(synthetic_contacts(campaign)[0], links).subject == "Brissac Imprimerie !"
    with pytest.raises(CannotCompose) as held:
        templates.render(Contact(nobody.id, nobody.email), links)
    assert (held.value.code, held.value.facts) == ("absent_value", {"field": "contact.company"})


def test_columns_of_the_file_are_checked_once_known(make: MakeCampaign) -> None:
    """A column that the contact file lacks is named with its nearest."""
    templates = Templates.load(make("{{ contact.ville }}{{ contact['Code postal'] }}"))
    assert set(templates.columns) == {"ville", "Code postal"}
    templates.check_columns({"ville", "Code postal"})
    with pytest.raises(InputError, match=r"contact\.vile"):
        templates.check_columns({"vile", "Code postal"})


def test_the_example_mail_is_composed_for_every_invented_recipient(
    without_text: Campaign, spring: Campaign, links: Links
) -> None:
    """With its own text or a derived one, link and legal line are in both parts, and the logo is inline."""
    for campaign in (spring, without_text):
        templates = Templates.load(campaign)
        Composer(campaign, templates)
        for contact in synthetic_contacts(campaign)[:3]:
            rendering = templates.render(contact, links)
            for part in (rendering.text, rendering.html):
                assert str(links.unsubscribe_url) in part
                assert "RCS Paris 123" in part
            assert 'src="cid:' in rendering.html
            assert "@media (max-width: 480px)" in rendering.html


@pytest.mark.parametrize("name", ["contact", "contact.more", "sender", "sender.legal"])
def test_a_group_of_values_is_not_printed(name: str, make: Callable[..., Campaign]) -> None:
    """What a program calls it inside would stand in the letter."""
    with pytest.raises(InputError) as caught:
        Templates.load(make(f"{{{{ {name} }}}} {{{{ unsubscribe_url }}}}"))
    [complaint] = caught.value.complaints
    assert (complaint.code, f"{name} is a group of values" in complaint.what) == ("SC-404", True)
