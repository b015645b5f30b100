"""What the data base says in codes, in words of a language: ``trade_show`` is "salon". JSON keeps the codes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any

from sender.cli.words import Words
from sender.functions import FUNCTIONS
from sender.record import Words as Papers

__all__ = ["HIDDEN", "code", "label", "spelled", "unpacked"]

_SECTIONS: Mapping[tuple[str, str], str] = {
    ("returns", "kind"): "return",
    ("contacts", "form"): "form",
    ("pending", "kind"): "asked",
    ("requests", "kind"): "kind",
    ("request_received", "kind"): "kind",
    ("request_closed", "kind"): "kind",
    ("requests", "outcome"): "outcome",
    ("request_closed", "outcome"): "outcome",
    ("documents", "kind"): "document",
    ("documents", "name"): "document",
    ("journal", "kind"): "entry",
    ("suppressions", "reason"): "stop",
    ("suppression_lifted", "reasons"): "stop",
    ("suppressions", "origin"): "origin",
    ("attempts", "outcome"): "fate",
    ("letters", "state"): "fate",
    ("letters", "basis"): "basis",
}
"""Codes of a table, or of one kind of entry in the journal; those that mean the same wherever they stand are below."""

_EVERYWHERE: Mapping[str, str] = {
    "source_kind": "source",
    "source": "source",
    "state": "fate",
    "address_class": "address_class",
    "form": "form",
    "given_by": "given_by",
    "by": "given_by",
    "lifted_by": "given_by",
    "proof": "proof",
    "scope": "scope",
    "channel": "channel",
}

HIDDEN = frozenset({"former_id", "address_hash", "domain_hash", "email_key", "details", "wording", "request", "answer"})
"""Of an entry's content what says nothing to a reader: digests, numbers of rows, days of a term."""


def label(name: str, words: Words) -> str:
    """The column in words; a column that has none yet is better named than left out.

    ``title.before`` and ``title.after`` are the column ``title`` as it was and as it is.
    """
    column, _, when = name.partition(".")
    said = next((words(key) for key in (f"column.{column}", f"held.{column}") if key in words), column)
    return f"{said} ({words(f'when.{when}')})" if when else said


def spelled(table: str, name: str, value: Any, words: Words) -> str:
    """A value as the person reads it. ``table``: where it stands; the kind of an entry for what the entry says."""
    if isinstance(value, bool):
        return "✓" if value else "✗"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M} UTC"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    return _text(table, name.partition(".")[0], value, words)


def _text(table: str, column: str, value: Any, words: Words) -> str:
    value = unpacked(value)
    if isinstance(value, Mapping):
        return "; ".join(f"{label(each, words)} : {spelled(table, each, one, words)}" for each, one in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(code(table, column, str(one), words) for one in value)
    return code(table, column, str(value), words)


def code(table: str, column: str, value: str, words: Words) -> str:
    """The code in words; what is no code, or has no words, as it stands."""
    if column == "functions":
        return FUNCTIONS[value].labels[words.language] if value in FUNCTIONS else value
    section = _SECTIONS.get((table, column)) or _EVERYWHERE.get(column)
    return ", ".join(_said(section, value, words)) if section else value


def _said(section: str, value: str, words: Words) -> Iterator[str]:
    """Several reasons stand in one entry, parted by blanks; free text that holds blanks is no code."""
    papers = _papers(words.language)
    parts: Sequence[str] = value.split() if section == "stop" else (value,)
    for part in parts:
        key = f"{section}.{part}"
        topic = part.removeprefix("topic:")
        if section == "scope" and topic != part:
            yield words("scope.topic", name=topic)
        elif key in words:
            yield words(key)
        else:
            yield papers(key) if key in papers else part


@cache
def _papers(language: str) -> Papers:
    """Sources and bases have their words in the papers of the record."""
    return Papers(language)


def unpacked(value: Any) -> Any:
    """Columns that hold JSON are lists and tables here, not text in quotation marks."""
    if not isinstance(value, str) or value[:1] not in ("{", "["):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value
