"""The catalogues of what the commands say."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

import sender.cli
from sender import contacts
from sender.cli.words import FORMS, LANGUAGES, Words, catalogue
from sender.steps.holdings import HOLDINGS


def facts_of(entry: object) -> set[str]:
    """The names in braces, of a sentence or of both its forms."""
    sentences = [entry] if isinstance(entry, str) else list(entry.values())  # type: ignore[attr-defined]
    return {name for text in sentences for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_language_has_the_same_keys_and_facts() -> None:
    """A sentence that is missing in one language, or that lacks a fact there, would be noticed in a run only."""
    english, french = (catalogue(language) for language in LANGUAGES)

    assert english.keys() == french.keys()
    assert {key: facts_of(entry) for key, entry in english.items()} == {
        key: facts_of(entry) for key, entry in french.items()
    }
    assert {key for key, entry in english.items() if isinstance(entry, str)} == {
        key for key, entry in french.items() if isinstance(entry, str)
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_of_two_forms_has_both_and_counts(language: str) -> None:
    """``one`` and ``many``, decided by ``n``."""
    plural = {key: entry for key, entry in catalogue(language).items() if not isinstance(entry, str)}

    assert plural
    for key, entry in plural.items():
        assert entry.keys() == FORMS, key
        assert "n" in facts_of(entry), key


def test_every_key_that_the_commands_ask_for_is_there() -> None:
    """And no entry is left that nobody asks for."""
    folder = Path(sender.cli.__file__).parent
    code = "\n".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py"))
    sections = {key.split(".")[0] for key in catalogue("en")}
    asked = set(re.findall(rf"[\"']((?:{'|'.join(sections)})\.[a-z_]+)[\"']", code))
    counted = {f"sums.{name}" for name in re.findall(r'"([a-z]+)"', code)}
    counted |= {f"held.{holding.table.name}" for holding in HOLDINGS}
    counted |= {f"column.{column.name}" for holding in HOLDINGS for column in holding.table.c}
    counted |= {key for key in catalogue("en") if key.startswith(("derived.", "restriction."))}
    counted |= {f"kind.{kind}" for kind in contacts.KINDS} | {f"outcome.{word}" for word in contacts.OUTCOMES}
    counted |= {f"resolve.{name}" for name in ("accepted", "waiting", "unknown")}

    counted |= {key for key in catalogue("en") if key.startswith(("purge.is_", "purge.since_"))}
    assert asked <= catalogue("en").keys()
    assert catalogue("en").keys() <= asked | counted


@pytest.mark.parametrize(
    ("language", "count", "said"),
    [
        ("en", 0, "0 doubles"),
        ("en", 1, "1 double"),
        ("en", 2, "2 doubles"),
        ("fr", 0, "0 doublon"),
        ("fr", 1, "1 doublon"),
        ("fr", 2, "2 doublons"),
    ],
)
def test_singular_and_plural_are_the_language_s_own(language: str, count: int, said: str) -> None:
    assert Words(language)("plan.double", n=count) == said


@pytest.mark.parametrize("language", LANGUAGES)
def test_labels_stand_below_each_other(language: str) -> None:
    """Whatever their length in the language."""
    assert len({len(label) for label in Words(language).column("plan.to_send", "plan.already", "plan.held")}) == 1
