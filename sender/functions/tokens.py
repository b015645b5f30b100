"""The words of a title as known phrases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from sender.functions.spelling import SHORTEST, respelt
from sender.functions.title import Word
from sender.functions.vocabulary import Kind, Phrase, near_words, vocabulary

__all__ = ["Token", "kinds_of", "tokens_of"]

_OTHER = Phrase(Kind.OTHER)


@dataclass(slots=True)
class Token:
    """One known phrase, or one unknown word, of a title."""

    phrase: Phrase
    linked: bool
    shown: str
    key: tuple[str, ...]

    def may_be(self, kinds: int) -> bool:
        return bool(self.phrase.kinds & kinds)

    def only(self, kind: int) -> bool:
        return self.phrase.kinds == kind

    @property
    def plural(self) -> bool:
        """ "Avocats", "Notaires associés": people spoken of, or a firm; nobody's own title."""
        return self.only(Kind.NAME) and all(map(_in_plural, self.shown.split(" ")))


def _in_plural(word: str) -> bool:
    return len(word) > 4 and word.endswith("s") and not word.endswith(("ss", "us", "is"))


def tokens_of(words: Sequence[Word]) -> list[Token]:
    """The longest known phrase at each place, from left to right; behind "pour" and the like nothing is read."""
    known = vocabulary().words
    if not known.issuperset([word.key for word in words]):
        words = [word if word.key in known else word._replace(key=_as_meant(word.key)) for word in words]
    tokens: list[Token] = []
    start = 0
    while start < len(words):
        end, phrase, key = _longest_at(words, start)
        word = words[start]
        shown = word.shown if end == start + 1 else " ".join([word.shown for word in words[start:end]])
        token = Token(phrase, word.linked, shown, key)
        start = end
        if not phrase.kinds & Kind.CUT:
            tokens.append(token)
            continue
        if any(not earlier.may_be(Kind.HEAD | Kind.MODIFIER) for earlier in tokens):
            # Something narrows what stands before, so that it does not stand alone.
            tokens.append(Token(_OTHER, True, token.shown, key))
            start = _next_break(words, start)
    return tokens


def kinds_of(tokens: Sequence[Token]) -> int:
    """Every kind that any of them may be."""
    kinds = 0
    for token in tokens:
        kinds |= token.phrase.kinds
    return kinds


def _longest_at(words: Sequence[Word], start: int) -> tuple[int, Phrase, tuple[str, ...]]:
    known = vocabulary()
    first = words[start].key
    if start + 1 < len(words) and (longest := known.longest.get((first, words[start + 1].key))):
        keys = tuple([word.key for word in words[start : start + longest]])
        for length in range(len(keys), 1, -1):
            if phrase := known.phrases.get(keys[:length]):
                return start + length, phrase, keys[:length]
    key = (first,)
    return start + 1, known.phrases.get(key) or _compound(first), key


def _next_break(words: Sequence[Word], start: int) -> int:
    """Where the next part begins that "pour" does not govern."""
    return next((place for place in range(start, len(words)) if words[place].key == "|"), len(words))


@lru_cache(maxsize=32_768)
def _as_meant(word: str) -> str:
    if len(word) < SHORTEST - 1 or _compound(word) is not _OTHER:
        return word
    return respelt(word, near_words(word[0]))


@lru_cache(maxsize=32_768)
def _compound(word: str) -> Phrase:
    """ "Vertriebsleiter", "Onlinemarketing", "Einkaufsabteilung", "Chefbuchhalter": two in one word."""
    known = vocabulary()
    if fields := _before(known.compounds.heads, word):
        return Phrase(Kind.NAME, names=fields)
    for ending in known.compounds.fields:
        if word.endswith(ending) and len(word) > len(ending) + 2:
            return Phrase(Kind.FIELD, fields=known.phrases[(ending,)].fields, bare=True)
    if fields := _before(known.compounds.neutral, word):
        return Phrase(Kind.FIELD, fields=fields, bare=True)
    for start in range(3, len(word) - 5):
        if word[start:] in known.compounds.names:
            return known.phrases[(word[start:],)]
    return _OTHER


def _before(endings: Sequence[str], word: str) -> tuple[str, ...]:
    """The functions of the field that stands before one of the endings."""
    for ending in endings:
        if not word.endswith(ending) or len(word) < len(ending) + 2:
            continue
        stem = word[: -len(ending)]
        for field in (stem, stem.removesuffix("s"), stem + "e"):
            found = vocabulary().phrases.get((field,))
            if found and found.kinds & Kind.FIELD:
                return found.fields
    return ()
