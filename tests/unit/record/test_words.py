"""The catalogues of the papers."""

from __future__ import annotations

import string

from sender.catalogue import entries

PACKAGE = "sender.record.words"


def facts_of(entry: object) -> set[str]:
    sentences = [entry] if isinstance(entry, str) else list(entry.values())  # type: ignore[attr-defined]
    return {name for text in sentences for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_say_the_same() -> None:
    """The same keys, with the same facts."""
    english, french = (entries(PACKAGE, language) for language in ("en", "fr"))

    assert {key: facts_of(entry) for key, entry in english.items()} == {
        key: facts_of(entry) for key, entry in french.items()
    }
