"""The pages as HTML: languages, masking, escaping."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sender.model import Address
from sender.web import Person
from sender.web.pages import LANGUAGES, Page, hint, language_of, render

CLAIRE = Person("Éluard Conseil", Address("claire", "entreprise.example", "claire@entreprise.example"))


class _Tags(HTMLParser):
    """Collects start tags, and the text outside of the style sheet."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        if self.tags[-1:] != ["style"]:
            self.text += data


@pytest.mark.parametrize(
    ("accepted", "otherwise", "language"),
    [
        ("", "fr", "fr"),
        ("", "en", "en"),
        ("", "fr-BE", "fr"),
        ("", "de", "fr"),
        ("en-GB,en;q=0.9", "fr", "en"),
        ("fr-FR,fr;q=0.9,en;q=0.8", "en", "fr"),
        ("de,en;q=0.4,fr;q=0.6", "en", "fr"),
        ("en;q=0", "fr", "fr"),
        ("en;q=x, *", "fr", "fr"),
    ],
)
def test_the_readers_language_wins(accepted: str, otherwise: str, language: str) -> None:
    """The browser's languages by weight, then the contact's or the sender's, then French."""
    assert language_of(accepted, otherwise) == language


@given(accepted=st.text(), otherwise=st.text())
def test_hostile_headers_only_choose_a_language(accepted: str, otherwise: str) -> None:
    """Whatever the header holds, the answer is one of ours."""
    assert language_of(accepted, otherwise) in LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("page", Page)
def test_every_page_stands_in_every_language(page: Page, language: str) -> None:
    """One heading, one title, the language declared, no gap left in a text; a form on the asking page only."""
    html = render(page, language)
    seen = _Tags(html)

    assert f'<html lang="{language}">' in html
    assert seen.tags.count("h1") == seen.tags.count("main") == seen.tags.count("title") == 1
    assert seen.tags.count("form") == (page is Page.ASK)
    assert not {"script", "img", "link", "iframe", "a"} & set(seen.tags)
    assert not re.search(r"[{}$]", seen.text)


def test_the_page_says_who_writes_and_masks_the_address() -> None:
    """The sender's name in full, the address so that only its owner knows it again."""
    html = render(Page.ASK, "fr", CLAIRE)

    assert "Éluard Conseil vous a écrit à l’adresse c•••@e•••.example." in html
    assert "claire" not in html
    assert "entreprise" not in html


@given(st.builds(Address, local=st.text(min_size=2), domain=st.just("entreprise.example"), key=st.just("")))
def test_a_hint_shows_one_letter_of_each_name(address: Address) -> None:
    """However long the address, the hint has the same length."""
    assert hint(address) == f"{address.local[0]}•••@e•••.example"


@given(st.text())
def test_a_senders_name_is_text(name: str) -> None:
    """No name becomes markup, and braces or dollars in it stay what they are."""
    html = render(Page.ASK, "en", Person(name, CLAIRE.email))

    assert _Tags(html).tags == _Tags(render(Page.ASK, "en", CLAIRE)).tags
