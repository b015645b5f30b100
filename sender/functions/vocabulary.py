"""The words of titles as an index from phrases to what they say.

The words stand in ``words/``: ``functions.toml`` has the list itself, and each language its own file. TOML, since
the standard library reads it ten times as fast as the YAML reader does, and a command should start at once.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sender.functions.spelling import neighbours
from sender.functions.title import AND, BREAK, key_of, keys_of

__all__ = [
    "FUNCTIONS",
    "LANGUAGES",
    "Compounds",
    "JobFunction",
    "Kind",
    "Phrase",
    "Vocabulary",
    "near_words",
    "sections",
    "vocabulary",
]

_WORDS = Path(__file__).parent / "words"
_SHORTEST_NAME = 6  # letters: "Jurist", "Lehrer", "Fahrer"
_NAMING = ("titles", "joining", "alone", "default")
LANGUAGES = ("fr", "en", "de", "es", "it", "nl")


@dataclass(frozen=True, slots=True)
class JobFunction:
    """What a person does.

    ``isco``: unit groups of ISCO-08; ``labels``: its name by language; ``sector``: the name of a trade too, so that
    a firm's name may hold it.
    """

    slug: str
    isco: tuple[str, ...]
    labels: Mapping[str, str]
    sector: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Titles that say it by themselves."""
        return _phrases(self.slug, *_NAMING)

    def examples(self, language: str) -> tuple[str, ...]:
        """Its own names in one language, which no other function shares; forms of one name once."""
        own: dict[tuple[str, ...], str] = {}
        for name in _phrases(self.slug, *_NAMING, languages=(language,)):
            key = key_of(name)
            phrase = vocabulary().phrases.get(key)
            if phrase and phrase.names == (self.slug,):
                own.setdefault(key, name)
        return tuple(own.values())

    @property
    def fields(self) -> tuple[str, ...]:
        """Words that say it behind a head."""
        return _phrases(self.slug, "fields", "only_behind")


class Kind:
    """What a phrase does in a title; ``words/fr.toml`` tells each with examples.

    Bits of a plain integer: asking an ``Enum``'s members in a set took half of the time that a match takes.
    """

    NAME = 1
    FIELD = 2
    HEAD = 4
    MODIFIER = 8
    ASSISTANT = 16
    NOT_NOW = 32
    NOTHING = 64
    CUT = 128
    AND = 256
    BREAK = 512
    OTHER = 1024
    PRODUCT = 2048
    OFFICE = 4096


class Fallback(Enum):
    """When a head says a function without a field behind it."""

    NEVER = 0
    ALONE = 1  # nothing unknown stands beside it: "Architecte"
    BESIDE = 2  # something does: "Ingénieur hydraulicien", but not "Ingénieur"
    ALWAYS = 3  # "Directeur des opérations"


@dataclass(slots=True)
class Phrase:
    """A known phrase: every kind it may be, and its functions as a name and as a field.

    ``joins``: a field beside it counts too ("chef de projet" + "informatique"); ``english``: a head that follows its
    field; ``bare``: a field that may stand without a head.
    """

    kinds: int = 0
    names: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    fallback: Fallback = Fallback.NEVER
    joins: bool = False
    english: bool = False
    bare: bool = False


@dataclass(frozen=True, slots=True)
class Compounds:
    """What German and Dutch words end in: a head behind its field, a field that governs what stands before it, a word
    that changes nothing, a name that somebody has by itself.
    """

    heads: tuple[str, ...]
    fields: tuple[str, ...]
    neutral: tuple[str, ...]
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All known phrases by their folded words.

    ``longest``: how many words the longest one with these first two has; ``words``: every word of any of them.
    """

    phrases: Mapping[tuple[str, ...], Phrase]
    longest: Mapping[tuple[str, ...], int]
    compounds: Compounds
    together: frozenset[frozenset[str]]
    crafts: frozenset[str]
    makers: Mapping[str, frozenset[str]]
    words: frozenset[str]


@cache
def sections(name: str) -> Mapping[str, Any]:
    """What ``words/NAME.toml`` holds."""
    return tomllib.loads((_WORDS / f"{name}.toml").read_text(encoding="utf-8"))


@cache
def _phrases(slug: str, *keys: str, languages: tuple[str, ...] = LANGUAGES) -> tuple[str, ...]:
    entries = (sections(language).get(slug, {}) for language in languages)
    texts = (entry.get(key, "") for entry in entries for key in keys)
    return tuple(" ".join(part.split()) for text in texts for part in text.split(",") if part.strip())


def _functions() -> Iterator[tuple[str, JobFunction]]:
    for slug, entry in sections("functions").items():
        labels = MappingProxyType({"fr": entry["fr"], "en": entry["en"]})
        yield slug, JobFunction(slug, tuple(entry["isco"]), labels, entry.get("sector", False))


FUNCTIONS: Mapping[str, JobFunction] = MappingProxyType(dict(_functions()))
"""Every job function by its slug."""


@cache
def vocabulary() -> Vocabulary:
    """The index, built on first use."""
    found: dict[tuple[str, ...], Phrase] = {
        (AND,): Phrase(Kind.AND),
        (BREAK,): Phrase(Kind.BREAK),
    }
    for language in LANGUAGES:
        for section in sections(language):
            _SHAPES.get(section, _add_function)(found, language, section)
    longest: dict[tuple[str, ...], int] = {}
    for key in found:
        if len(key) > 1:
            longest[key[:2]] = max(longest.get(key[:2], 0), len(key))
    compounds = _compounds(found)
    together = frozenset(frozenset(group.split()) for group in sections("together")["groups"])
    crafts = frozenset(sections("together")["crafts"].split())
    makers = {maker: frozenset(fields.split()) for maker, fields in sections("together")["makers"].items()}
    words = frozenset(word for key in found for word in key)
    return Vocabulary(found, longest, compounds, together, crafts, makers, words)


def _compounds(found: Mapping[tuple[str, ...], Phrase]) -> Compounds:
    def endings(key: str) -> tuple[str, ...]:
        texts = (sections(language)["endings"].get(key, "") for language in ("de", "nl"))
        return tuple(words[0] for text in texts for words in keys_of(text))

    titles = (entry.get("titles", "") for language in ("de", "nl") for entry in sections(language).values())
    single = (words[0] for text in titles for words in keys_of(text) if len(words) == 1)
    heads = endings("heads")
    names = frozenset(
        word
        for word in single
        if len(word) >= _SHORTEST_NAME
        and found[(word,)].kinds == Kind.NAME
        and not any(head.endswith(word) for head in heads)  # a "Direktor" is no "Rektor"
    )
    return Compounds(heads, endings("fields"), endings("neutral"), names)


@cache
def near_words(initial: str) -> Mapping[str, tuple[str, ...]]:
    """What ``spelling.respelt`` looks words up in; built when the first unknown word with this letter comes."""
    return neighbours(word for word in vocabulary().words if word[0] == initial)


_Found = dict[tuple[str, ...], Phrase]


def _at(found: _Found, words: tuple[str, ...]) -> Phrase:
    if words not in found:
        found[words] = Phrase()
    return found[words]


def _add_function(found: _Found, language: str, slug: str) -> None:
    entry = sections(language)[slug]
    for key, text in entry.items():
        add = _ADDING[key]
        for words in keys_of(text):
            add(_at(found, words), slug)


def _as_title(phrase: Phrase, slug: str) -> None:
    phrase.kinds |= Kind.NAME
    phrase.names = _with(phrase.names, slug)


def _as_joining(phrase: Phrase, slug: str) -> None:
    _as_title(phrase, slug)
    phrase.joins = True


def _as_alone(phrase: Phrase, slug: str) -> None:
    phrase.kinds |= Kind.HEAD
    phrase.names = _with(phrase.names, slug)
    phrase.fallback = Fallback.ALONE


def _as_beside(phrase: Phrase, slug: str) -> None:
    _as_alone(phrase, slug)
    phrase.fallback = Fallback.BESIDE


def _as_default(phrase: Phrase, slug: str) -> None:
    _as_alone(phrase, slug)
    phrase.fallback = Fallback.ALWAYS


def _as_advising(phrase: Phrase, slug: str) -> None:
    """ "Consultant": a head that says nothing alone, and adds its own function to a field's."""
    phrase.kinds |= Kind.HEAD
    phrase.names = _with(phrase.names, slug)
    phrase.joins = True


def _as_field(phrase: Phrase, slug: str) -> None:
    _as_only_behind(phrase, slug)
    phrase.bare = True


def _as_only_behind(phrase: Phrase, slug: str) -> None:
    phrase.kinds |= Kind.FIELD
    phrase.fields = _with(phrase.fields, slug)


_ADDING = {
    "titles": _as_title,
    "joining": _as_joining,
    "alone": _as_alone,
    "beside": _as_beside,
    "default": _as_default,
    "advising": _as_advising,
    "fields": _as_field,
    "only_behind": _as_only_behind,
}


def _add_shapes(found: _Found, language: str, section: str) -> None:
    for key, text in sections(language)[section].items():
        for words in keys_of(text):
            phrase = _at(found, words)
            phrase.kinds |= _KINDS[key]
            phrase.english = phrase.english or (key == "heads" and language == "en")


def _skip(found: _Found, language: str, section: str) -> None:
    """Read elsewhere."""


_SHAPES = {"shapes": _add_shapes, "endings": _skip, "seniority": _skip}
_KINDS = {
    "heads": Kind.HEAD,
    "modifiers": Kind.MODIFIER,
    "places": Kind.MODIFIER,
    "assistants": Kind.ASSISTANT,
    "not_now": Kind.NOT_NOW,
    "nothing": Kind.NOTHING,
    "cut": Kind.CUT,
    "products": Kind.PRODUCT,
    "offices": Kind.OFFICE,
}


def _with(slugs: tuple[str, ...], slug: str) -> tuple[str, ...]:
    return slugs if slug in slugs else (*slugs, slug)
