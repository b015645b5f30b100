"""The catalogues of the papers."""

from __future__ import annotations

import string

import pytest

from sender.catalogue import entries


def facts_of(entry: object) -> set[str]:
    sentences = [entry] if isinstance(entry, str) else list(entry.values())  # type: ignore[attr-defined]
    return {name for text in sentences for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("package", ["sender.record.words", "sender.contacts.words"])
def test_both_languages_say_the_same(package: str) -> None:
    """The same keys, with the same facts."""
    english, french = (entries(package, language) for language in ("en", "fr"))

    assert {key: facts_of(entry) for key, entry in english.items()} == {
        key: facts_of(entry) for key, entry in french.items()
    }
