"""The catalogues of what the commands say."""

from __future__ import annotations

import re
import string
from pathlib import Path
from typing import get_args

import pytest
from sqlalchemy import CheckConstraint

import sender.cli
from sender import contacts
from sender.catalogue import entries
from sender.cli.consent import Proof
from sender.cli.words import FORMS, LANGUAGES, Words, catalogue
from sender.dkim import Broken
from sender.feedback import Kind
from sender.ledger import Reason
from sender.model import AddressClass, CompanyForm, LetterState, SourceKind
from sender.preflight import Level
from sender.record import RECONTACT
from sender.steps.acceptance import Word
from sender.steps.holdings import HOLDINGS
from sender.steps.preflight import NotAsked
from sender.store import schema


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


def coded() -> dict[str, set[str]]:
    """The codes that stand in the data base, by the section of the catalogue that has their words."""
    tries = schema.attempts.constraints
    (outcomes,) = [str(one.sqltext) for one in tries if isinstance(one, CheckConstraint)]
    return {
        "form": {form.value for form in CompanyForm},
        "address_class": {each.value for each in AddressClass},
        "given_by": {"person", "third_party", "operator", "consent", "undone"},
        "proof": {*get_args(Proof), "link"},
        "scope": {"mail", "tracking", "topic", "undo"},
        "channel": {*contacts.CHANNELS, "page"},
        "stop": {*contacts.REASONS},
        "origin": {"withdrawal"},
        "asked": {"opt_in", "address", "address_old", "data"},
        "document": {"notice", "wording", "test", "consent"},
        "fate": {state.value for state in LetterState} | {*re.findall(r"'([a-z]+)'", outcomes)},
        "return": {Kind.HARD.value, Kind.SOFT.value, Kind.COMPLAINT.value},
        "entry": entries_of_the_journal(),
        "paused": {form for reason in Reason for form in (reason.value, f"{reason.value}_todo")},
    }


def entries_of_the_journal() -> set[str]:
    """What the source appends, by name or by default; the room of the proof itself names none."""
    code = "\n".join(path.read_text(encoding="utf-8") for path in Path(sender.__file__).parent.rglob("*.py"))
    named = re.findall(r"(?:append|record)\(\s*connection,\s*\"([a-z_]+)\"", code)
    kinds = re.findall(r"kind(?:: str)? = \"(\w+ed)\"|kind=\"(edited|rectified)\"", code)
    return {*named, *filter(None, sum(kinds, ())), *(word.value for word in Word), RECONTACT}


def test_every_code_of_the_data_base_has_words() -> None:
    """A person who asks what is held reads words of their language, never ``double_opt_in``."""
    keys = catalogue("fr").keys()
    missing = {
        f"{section}.{code}" for section, codes in coded().items() for code in codes if f"{section}.{code}" not in keys
    }

    assert missing == set()
    assert {f"source.{one.value}" for one in SourceKind} <= entries("sender.record.words", "fr").keys()


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
    counted |= {f"{section}.{code}" for section, codes in coded().items() for code in codes}
    counted |= {f"column.{name}" for name in ("state", "basis", "by", "ip", "reasons", "notice", "rows", "again")}
    shown = ("source", "consent", "suppressed", "provenance", "mails", "objected", "record", "file", "campaign", "id")
    counted |= {f"column.{name}" for name in shown}
    counted |= {f"canary.{code}" for code in ("gone", "changed", *(one.value for one in Broken))}
    counted |= {f"collect.{kind.value}" for kind in Kind} - {"collect.other"}
    counted |= {f"feedback.{what}_{where}" for what in ("bounced", "complained") for where in ("in", "out")}
    counted |= {f"collect.{name}" for name in ("left", "settled", "suppressed", "stopped")}
    counted |= {f"preflight.{level}" for level in Level} | {f"preflight.is_{level}" for level in Level}
    counted |= {f"preflight.{why}" for why in NotAsked}
    counted |= {"when.before", "when.after", "when.former"}  # of the columns in the entry of a correction, a merge
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
