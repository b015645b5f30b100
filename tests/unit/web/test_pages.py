"""The pages as HTML: languages, masking, escaping."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import sender.web
from sender.model import Address
from sender.web import Look
from sender.web.forms import Form
from sender.web.pages import LANGUAGES, Page, hint, language_of, render, texts

FILES = sorted(file.stem for file in Path(sender.web.__file__).with_name("texts").joinpath("fr").iterdir())
PARTS = [(file, name) for file in FILES for name, part in texts(file, "fr").items() if "title" in part]


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
@pytest.mark.parametrize(("file", "name"), PARTS)
def test_every_page_stands_in_every_language(file: str, name: str, language: str) -> None:
    """One heading, one title, the language declared, no gap left in a text; nothing that a script could hang on."""
    html = render(Page(file, name), language, Look("Éluard & Fils"), forms=[Form("Go", {"a": "<b>"})])
    seen = _Tags(html)

    assert f'<html lang="{language}">' in html
    assert seen.tags.count("h1") == seen.tags.count("main") == seen.tags.count("title") == 1
    assert seen.tags.count("form") == 1
    assert not {"script", "img", "link", "iframe", "a"} & set(seen.tags)
    assert not re.search(r"[{}$]", seen.text)
    assert "Éluard & Fils" in seen.text


@pytest.mark.parametrize("file", FILES)
def test_the_languages_say_the_same_things(file: str) -> None:
    """Every part, key and gap of a text stands in each language."""
    one, *others = (_shape(texts(file, language)) for language in LANGUAGES)

    assert all(other == one for other in others)


@given(st.text(max_size=9000))
def test_length_tells_little(said: str) -> None:
    """Every page has a multiple of four kilobytes, so that who listens to its length learns no name."""
    assert len(render(Page("common", "refused"), "fr", Look(), [said]).encode("utf-8", "surrogatepass")) % 4096 == 0


@given(st.text(), st.text())
def test_what_is_said_is_text(said: str, name: str) -> None:
    """No name becomes markup, and braces or dollars in it stay what they are."""
    html = render(Page("common", "refused"), "en", Look(name or "x"), [said], [Form(said, {said: name}, note="n")])
    plain = render(Page("common", "refused"), "en", Look("x"), ["x"], [Form("x", {"x": "x"}, note="n")])

    assert _Tags(html).tags == _Tags(plain).tags


def _shape(part: object) -> object:
    """A text without its words: keys, and the names of its gaps."""
    if isinstance(part, dict):
        return {key: _shape(value) for key, value in part.items()}
    return sorted(set(re.findall(r"\{\w+\}", str(part))))


@given(st.builds(Address, local=st.text(min_size=2), domain=st.just("entreprise.example"), key=st.just("")))
def test_a_hint_shows_one_letter_of_each_name(address: Address) -> None:
    """However long the address, the hint has the same length."""
    assert hint(address) == f"{address.local[0]}•••@e•••.example"
