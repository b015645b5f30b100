"""From a title to job functions: the longest known words first, unknown rather than wrong.

``docs/explanation/relevance.md`` tells how a title is read. In short: a title has parts, joined by "et", commas and
slashes or parted by dashes and brackets; ``part.py`` reads one part, and here is what one part does to the next.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from sender.functions.part import NOTHING, Reading, read_part
from sender.functions.seniority import leads
from sender.functions.title import LONGEST, Word, key_of, words_of
from sender.functions.tokens import Token, kinds_of, tokens_of
from sender.functions.vocabulary import FUNCTIONS, Kind
from sender.model import FunctionMatch

__all__ = ["match"]

_UNKNOWN = FunctionMatch()
_OFFICE = "administration"
_DIRECTOR = key_of("directeur")
_LIKELY, _BARE = 0.9, 0.6


def match(title: str | None) -> FunctionMatch:
    """The functions that ``title`` says its holder has; none when it does not say."""
    return _match(title[:LONGEST].strip()) if title else _UNKNOWN


@lru_cache(maxsize=65_536)
def _match(title: str) -> FunctionMatch:
    return _read(tuple(words_of(title)))


@lru_cache(maxsize=16_384)
def _read(words: tuple[Word, ...]) -> FunctionMatch:
    """Many titles are one in other clothes: another case, a number, "(H/F)", another employer."""
    tokens = tokens_of(words)
    kinds = kinds_of(tokens)
    if kinds & Kind.NOT_NOW or (kinds & Kind.OFFICE and _is_an_office(tokens)):
        return _UNKNOWN
    if kinds & Kind.ASSISTANT and _serves_somebody(tokens):
        return FunctionMatch((_OFFICE,), (tokens[0].shown,), _LIKELY)
    if not kinds & (Kind.AND | Kind.BREAK):
        return _of_one_part(read_part(tokens))
    readings = [reading for reading in _Title(tokens).readings() if reading.functions]
    return FunctionMatch(
        _once(slug for reading in readings for slug in reading.functions),
        _once(words for reading in readings for words in reading.evidence),
        min((reading.confidence for reading in readings), default=0.0),
    )


def _of_one_part(reading: Reading) -> FunctionMatch:
    """Most titles have one part."""
    if not reading.functions or (reading.bare and _names_a_trade(reading)):
        return _UNKNOWN
    return FunctionMatch(_once(reading.functions), _once(reading.evidence), reading.confidence)


def _names_a_trade(reading: Reading) -> bool:
    return any(FUNCTIONS[slug].sector for slug in reading.functions)


def _serves_somebody(tokens: Sequence[Token]) -> bool:
    """An assistant *of* somebody who holds a function, or of whoever leads, whatever that function is."""
    tokens = [token for token in tokens[:4] if not token.only(Kind.MODIFIER) or token.key == ("direction",)]
    if len(tokens) < 2 or not tokens[0].may_be(Kind.ASSISTANT):
        return False
    whom = tokens[1]
    if whom.linked and (whom.may_be(Kind.NAME | Kind.HEAD) or whom.key == ("direction",)):
        return not whom.may_be(Kind.FIELD)
    if whom.linked and whom.may_be(Kind.FIELD) and len(tokens) > 2:
        return _is_person(tokens[2])
    if whom.key == _DIRECTOR and len(tokens) > 2:
        return not tokens[2].linked  # "Assistante directeur financier"; a deputy is a "directeur adjoint"
    return whom.may_be(Kind.NAME) and leads(whom.shown)


def _is_person(token: Token) -> bool:
    """ "(Assistant to the HR) Director"."""
    return token.may_be(Kind.NAME | Kind.HEAD) and not token.linked and not token.may_be(Kind.FIELD)


def _is_an_office(tokens: Sequence[Token]) -> bool:
    """ "Bureau du DRH", "Office of the CEO": people around somebody, and none of them says what they do."""
    return (
        len(tokens) > 1
        and tokens[0].may_be(Kind.OFFICE)
        and tokens[1].linked
        and tokens[1].may_be(Kind.NAME)
        and not tokens[1].may_be(Kind.FIELD)
    )


class _Title:
    """One title while it is read, part after part."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._parts = list(_parts(tokens))
        self._last = NOTHING
        self._known = False
        self._pending: Reading | None = None

    def readings(self) -> Iterator[Reading]:
        for joiner, part in self._parts:
            joined = joiner is not None
            reading = self._joined(part, joiner) if joiner else self._after_break(part)
            yield from self._with_pending(reading, joined)
            self._last = reading
            self._known = self._known or bool(reading.functions)
        if self._pending and not _names_a_trade(self._pending):
            yield self._pending

    def _with_pending(self, reading: Reading, joined: bool) -> Iterator[Reading]:
        """Bare fields wait for what follows: a head takes them ("Sales and Marketing Director"), a name does not."""
        if reading.bare and not self._last.continues and not self._known:
            earlier = self._pending if joined else None
            self._pending = earlier.plus(reading) if earlier else reading
            return
        if self._pending and reading.functions:
            if joined and reading.headed_behind:
                yield self._pending
            self._pending = None
        yield reading

    def _after_break(self, part: Sequence[Token]) -> Reading:
        """What stands behind a dash or in brackets is often the firm: it must be a title of its own."""
        if self._last.open_head:
            return _without_sectors(read_part(part, under_head=self._last))
        if not self._known:
            return read_part(part)
        if self._last.joins and part[0].may_be(Kind.FIELD | Kind.MODIFIER):
            return read_part(part, under_head=self._last)
        if any(token.only(Kind.OTHER) for token in part) or part[0].plural:
            return NOTHING
        reading = read_part(part)
        return NOTHING if reading.bare else reading

    def _joined(self, part: Sequence[Token], joiner: str) -> Reading:
        listed = joiner == ","
        if self._last.open_head or (self._last.continues and (self._last.from_field or not listed)):
            reading = read_part(part, under_head=self._last)
            return _without_sectors(reading) if self._last.open_head or listed else reading
        if (self._known or self._last.lost) and part[0].plural:
            return NOTHING
        reading = read_part(part)
        return NOTHING if reading.bare and (self._known or self._last.lost) else reading


def _without_sectors(reading: Reading) -> Reading:
    """ "Directeur - Banque Martin": the firm, not the function."""
    if reading.from_field and _names_a_trade(reading):
        return NOTHING
    return reading


def _parts(tokens: Iterable[Token]) -> Iterator[tuple[str | None, list[Token]]]:
    """The parts, each with what joins it to the one before; None: nothing does."""
    part: list[Token] = []
    joiner: str | None = "et"
    for token in tokens:
        if not token.may_be(Kind.AND | Kind.BREAK):
            part.append(token)
            continue
        if part:
            yield joiner, part
            part, joiner = [], "et"
        if token.may_be(Kind.BREAK):
            joiner = None
        elif joiner:
            joiner = token.shown
    if part:
        yield joiner, part


def _once(items: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(items))
