"""``functions.yaml`` as an index from phrases to what they say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, cast

from sender.functions.title import key_of
from sender.yamlfile import load_data

__all__ = ["FUNCTIONS", "JobFunction", "Kind", "Phrase", "Vocabulary", "vocabulary"]


@dataclass(frozen=True, slots=True)
class JobFunction:
    """What a person does.

    ``isco``: unit groups of ISCO-08; ``names``: titles that say it by themselves; ``fields``: words that say it behind
    a head; ``passes_on``: a field behind such a title counts too.
    """

    slug: str
    isco: tuple[str, ...]
    names: tuple[str, ...]
    fields: tuple[str, ...]
    passes_on: bool = False


class Kind(Enum):
    """What a phrase does in a title."""

    NAME = "name"
    FIELD = "field"
    HEAD = "head"
    MODIFIER = "modifier"
    ASSISTANT = "assistant"
    NOT_NOW = "not_now"
    AND = "and"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Phrase:
    """A known phrase: every kind it may be, and its functions as a name and as a field."""

    kinds: frozenset[Kind]
    names: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All known phrases by their folded words; ``longest`` counts the words of the longest one."""

    phrases: Mapping[tuple[str, ...], Phrase]
    longest: int


def _listed(lines: Iterable[str]) -> tuple[str, ...]:
    """The names of a list whose lines hold several, with commas between them."""
    return tuple(name.strip() for line in lines for name in line.split(","))


@cache
def _file() -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", load_data(files("sender.functions") / "functions.yaml"))


def _functions() -> Iterator[tuple[str, JobFunction]]:
    for slug, entry in _file()["functions"].items():
        names, fields = _listed(entry["titles"]), _listed(entry["fields"])
        yield slug, JobFunction(slug, tuple(entry["isco"]), names, fields, entry.get("passes_on", False))


FUNCTIONS: Mapping[str, JobFunction] = MappingProxyType(dict(_functions()))
"""Every job function by its slug."""


@cache
def vocabulary() -> Vocabulary:
    """The index, built on first use."""
    found: dict[tuple[str, ...], Phrase] = {}
    for function in FUNCTIONS.values():
        for name in function.names:
            _add(found, name, Kind.NAME, names=(function.slug,))
        for name in function.fields:
            _add(found, name, Kind.FIELD, fields=(function.slug,))
    for section, kind in _SECTIONS.items():
        for name in _listed(_file()[section]):
            _add(found, name, kind)
    _add(found, "et", Kind.AND)
    found[(",",)] = Phrase(frozenset({Kind.AND}))
    return Vocabulary(found, max(map(len, found)))


_SECTIONS = {
    "heads": Kind.HEAD,
    "modifiers": Kind.MODIFIER,
    "assistants": Kind.ASSISTANT,
    "not_now": Kind.NOT_NOW,
}


def _add(
    found: dict[tuple[str, ...], Phrase],
    name: str,
    kind: Kind,
    names: tuple[str, ...] = (),
    fields: tuple[str, ...] = (),
) -> None:
    key = key_of(name)
    old = found.get(key, Phrase(frozenset()))
    found[key] = Phrase(
        old.kinds | {kind},
        tuple(dict.fromkeys(old.names + names)),
        tuple(dict.fromkeys(old.fields + fields)),
    )
