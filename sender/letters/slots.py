"""Values that are not there yet: a template prints them as marks, and whatever else it does with one is noticed.

A ``Slot`` stands for a contact's value while a mould is made. It is true, as every value that is there; printing it
leaves a mark. A template that compares it, cuts it or counts it steers by its value: then the value itself belongs to
the mould's shape, and the mould is made again with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import NoReturn

from markupsafe import Markup

from sender.letters.context import Absent, Fields

__all__ = [
    "MARK",
    "OPEN_MARK",
    "Looked",
    "Path",
    "Slot",
    "SlotFields",
    "StandIns",
    "SteeredBy",
    "marked",
    "slot_number",
    "value_at",
    "worked_on",
]

Path = tuple[str, ...]
"""How a template reaches a value: ``("contact", "company")``."""

# Private characters of plane 15: no letter, no digit, no space, and hardly ever in a template (`Moulds` looks).
OPEN_MARK, _RAW, _ESCAPED, _FIRST = "\U000f0000", "\U000f0001", "\U000f0002", 0xF0100
MARK = re.compile(f"{OPEN_MARK}(?P<number>[\U000f0100-\U000f0fff])(?:{_RAW}|(?P<escaped>{_ESCAPED}))")
_PRIVATE = re.compile("[\U000f0000-\U000f0fff]")


class SteeredBy(Exception):  # noqa: N818  no error: it says which value the shape depends on
    """The template did more with a value than to print it or to ask whether it is there."""


@dataclass(slots=True)
class Looked:
    """What one rendering looked at. ``steering``: values that are given as they are, because the template needs them.

    After the rendering: ``slots`` were printed or passed on, ``absent`` were asked for and are not there.
    """

    steering: frozenset[Path] = frozenset()
    slots: dict[Path, int] = field(default_factory=dict)
    absent: set[Path] = field(default_factory=set)
    given: dict[Path, str] = field(default_factory=dict)
    needed: set[Path] = field(default_factory=set)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Notice also what is done with texts that marks were printed into."""
        token = _looking.set(self)
        try:
            yield
        finally:
            _looking.reset(token)

    def slot(self, path: Path, before: str = "") -> Slot:
        """``before``: how every value of this slot begins; it stands before the mark."""
        return Slot(self, path, self.slots.setdefault(path, len(self.slots)), before)


_looking: ContextVar[Looked | None] = ContextVar("looking", default=None)


def worked_on(text: str) -> None:
    """A template does more with a text than to print it: what is printed in it steers, if a mould is being made."""
    looked = _looking.get()
    if looked is None or not marked(text):
        return
    numbers = {slot_number(mark) for mark in MARK.finditer(text)}
    looked.needed |= {path for path, number in looked.slots.items() if number in numbers}
    raise SteeredBy


class Slot:
    """Stands for one value. Only ``__html__`` and ``raw`` let it out, as a mark."""

    __slots__ = ("_before", "_looked", "_number", "_path")

    def __init__(self, looked: Looked, path: Path, number: int, before: str) -> None:
        self._looked = looked
        self._path = path
        self._number = number
        self._before = before

    def raw(self) -> str:
        """The mark of the value as it is."""
        return f"{self._before}{OPEN_MARK}{chr(_FIRST + self._number)}{_RAW}"

    def __html__(self) -> Markup:
        """The mark of the value escaped once."""
        return Markup(f"{self._before}{OPEN_MARK}{chr(_FIRST + self._number)}{_ESCAPED}")  # noqa: S704  a scheme and a mark

    def __bool__(self) -> bool:
        return True

    def _steers(self, *_args: object, **_named: object) -> NoReturn:
        self._looked.needed.add(self._path)  # also when the template's own code swallows the exception
        raise SteeredBy

    __str__ = __len__ = __iter__ = __contains__ = __getitem__ = __call__ = __hash__ = __int__ = __float__ = _steers
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _steers
    __add__ = __radd__ = __mul__ = __rmul__ = __mod__ = __rmod__ = __sub__ = __rsub__ = _steers


class SlotFields(Fields):
    """A contact's fields of which only those are given that the template steers by."""

    __slots__ = ("_at", "_looked", "_real")

    def __init__(self, real: Fields, at: Path, looked: Looked) -> None:
        self._real = real
        self._at = at
        self._looked = looked

    def field(self, name: object) -> object:
        value, path = self._real.field(name), (*self._at, str(name))
        if isinstance(value, Fields):
            return SlotFields(value, path, self._looked)
        if isinstance(value, Absent):
            self._looked.absent.add(path)
        if not isinstance(value, str):
            return value
        if path in self._looked.steering:
            self._looked.given[path] = value
            return value
        return self._looked.slot(path)


class StandIns(Fields):
    """A contact's fields with other words in the slots: to try out what a mould makes of them."""

    __slots__ = ("_at", "_real", "_words")

    def __init__(self, real: Fields, at: Path, words: dict[Path, str]) -> None:
        self._real = real
        self._at = at
        self._words = words

    def field(self, name: object) -> object:
        value, path = self._real.field(name), (*self._at, str(name))
        return StandIns(value, path, self._words) if isinstance(value, Fields) else self._words.get(path, value)


def marked(text: str) -> bool:
    """Whether a mark, or a piece of one, stands in it."""
    return _PRIVATE.search(text) is not None


def slot_number(mark: re.Match[str]) -> int:
    return ord(mark["number"]) - _FIRST


def value_at(fields: Fields, path: Path) -> object:
    """What ``path`` leads to, its first name being that of ``fields``."""
    value: object = fields
    for name in path[1:]:
        if not isinstance(value, Fields):
            return value
        value = value.field(name)
    return value
