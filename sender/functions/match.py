"""From a title to job functions: the longest known words first, unknown rather than wrong.

A title is read in segments, as commas and "et" part it, and a segment as one of these shapes:

    name ...                     "Juriste en droit social"            the name's functions
    name field                   "DGA finances"                       both, where the name passes it on
    head modifier* field ...     "Responsable régional des achats"    the field's functions
    head modifier* name ...      "Chef comptable"                     the name's functions
    field modifier* head         "Purchasing Manager"                 the field's functions
    field                        "Ressources humaines"                the field's functions, with less confidence
    assistant of-a-name ...      "Assistante du directeur financier"  administration

A later segment without a head of its own takes over an earlier one's ("Responsable paie et administration du
personnel"). A word that nobody knows, where the function should stand, leaves the segment unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from sender.functions.title import Word, words_of
from sender.functions.vocabulary import FUNCTIONS, Kind, Phrase, vocabulary
from sender.model import FunctionMatch

__all__ = ["match"]

_UNKNOWN = FunctionMatch()
_OTHER = Phrase(frozenset({Kind.OTHER}))
_OFFICE = "administration"
_SURE, _LIKELY, _BARE = 1.0, 0.9, 0.6


@dataclass(frozen=True, slots=True)
class _Token:
    """One known phrase, or one unknown word, of a title."""

    phrase: Phrase
    linked: bool
    shown: str
    key: tuple[str, ...]

    def may_be(self, *kinds: Kind) -> bool:
        return not self.phrase.kinds.isdisjoint(kinds)


@dataclass(frozen=True, slots=True)
class _Reading:
    """What one segment says."""

    functions: tuple[str, ...]
    evidence: tuple[str, ...]
    confidence: float


_NOTHING = _Reading((), (), 0.0)


def match(title: str | None) -> FunctionMatch:
    """The functions that ``title`` says its holder has; none when it does not say."""
    return _match(title.strip()) if title else _UNKNOWN


@lru_cache(maxsize=65_536)
def _match(title: str) -> FunctionMatch:
    tokens = tuple(_tokens(words_of(title)))
    if any(token.may_be(Kind.NOT_NOW) for token in tokens):
        return _UNKNOWN
    if _serves_somebody(tokens):
        return FunctionMatch((_OFFICE,), (tokens[0].shown,), _LIKELY)
    readings = [reading for reading in _readings(tokens) if reading.functions]
    return FunctionMatch(
        _once(slug for reading in readings for slug in reading.functions),
        _once(words for reading in readings for words in reading.evidence),
        min((reading.confidence for reading in readings), default=0.0),
    )


def _tokens(words: Sequence[Word]) -> Iterator[_Token]:
    """The longest known phrase at each place, from left to right."""
    known = vocabulary()
    start = 0
    while start < len(words):
        for end in range(min(len(words), start + known.longest), start, -1):
            key = tuple(word.key for word in words[start:end])
            if phrase := known.phrases.get(key):
                break
        else:
            end, phrase, key = start + 1, _OTHER, (words[start].key,)
        yield _Token(phrase, words[start].linked, " ".join(word.shown for word in words[start:end]), key)
        start = end


def _serves_somebody(tokens: Sequence[_Token]) -> bool:
    """An assistant or secretary *of* somebody who holds a function, whatever that function is."""
    if len(tokens) < 2 or not tokens[0].may_be(Kind.ASSISTANT) or not tokens[1].linked:
        return False
    return tokens[1].may_be(Kind.NAME, Kind.HEAD) or tokens[1].key == ("direction",)


def _readings(tokens: Sequence[_Token]) -> Iterator[_Reading]:
    headed = False
    for segment in _segments(tokens):
        yield _read(segment, headed)
        headed = headed or segment[0].may_be(Kind.HEAD, Kind.ASSISTANT, Kind.NAME)


def _segments(tokens: Iterable[_Token]) -> Iterator[tuple[_Token, ...]]:
    segment: list[_Token] = []
    for token in tokens:
        if not token.may_be(Kind.AND):
            segment.append(token)
        elif segment:
            yield tuple(segment)
            segment = []
    if segment:
        yield tuple(segment)


def _read(segment: Sequence[_Token], headed: bool) -> _Reading:
    first, rest = segment[0], segment[1:]
    if first.may_be(Kind.NAME):
        return _named(first, rest)
    if first.may_be(Kind.HEAD, Kind.ASSISTANT):
        return _behind_head(rest)
    if first.may_be(Kind.FIELD):
        return _fielded(first, rest, headed)
    if headed and first.may_be(Kind.MODIFIER):
        return _behind_head(segment)
    return _NOTHING


def _named(name: _Token, rest: Sequence[_Token]) -> _Reading:
    functions, evidence = name.phrase.names, [name.shown]
    behind = _skip_modifiers(rest)
    if behind and behind[0].may_be(Kind.FIELD) and any(FUNCTIONS[slug].passes_on for slug in functions):
        functions += behind[0].phrase.fields
        evidence.append(behind[0].shown)
    return _Reading(_once(functions), tuple(evidence), _LIKELY if rest else _SURE)


def _behind_head(rest: Sequence[_Token]) -> _Reading:
    behind = _skip_modifiers(rest)
    if not behind:
        return _NOTHING
    decisive = behind[0]
    if decisive.may_be(Kind.FIELD):
        return _Reading(decisive.phrase.fields, (decisive.shown,), _LIKELY)
    if decisive.may_be(Kind.NAME) and not _advises(decisive):
        return _Reading(decisive.phrase.names, (decisive.shown,), _LIKELY)
    return _NOTHING


def _advises(name: _Token) -> bool:
    """Who is "conseiller du président" is not the president; an "adjoint" is, for he stands in for him."""
    return name.linked and "general_management" in name.phrase.names


def _fielded(field: _Token, rest: Sequence[_Token], headed: bool) -> _Reading:
    """A field at the head of a segment: with a head behind it, under an earlier head, or alone."""
    behind = _skip_modifiers(rest)
    if not behind or headed:
        return _Reading(field.phrase.fields, (field.shown,), _LIKELY if headed else _BARE)
    if behind[0].may_be(Kind.HEAD):
        return _Reading(field.phrase.fields, (field.shown,), _LIKELY)
    if behind[0].may_be(Kind.NAME) and not behind[0].linked:
        return _named(behind[0], (field,))
    return _NOTHING


def _skip_modifiers(tokens: Sequence[_Token]) -> Sequence[_Token]:
    for place, token in enumerate(tokens):
        if not token.may_be(Kind.MODIFIER) or token.may_be(Kind.FIELD, Kind.NAME):
            return tokens[place:]
    return ()


def _once(items: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(items))
