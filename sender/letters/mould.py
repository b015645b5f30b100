"""The mould: a campaign rendered once with marks for values; a letter is the mould with a contact's values put in.

Rendering, writing styles into elements, deriving the text and encoding it are done once for each *shape*: what a
template asks of a contact before it prints (is there a first name? is the country FR?), and the answers. What is left
for each contact is to write a value as its place asks for it, and to encode the lines it stands on. Quoted-printable
starts anew on each line, so that a letter out of the mould is the one of the long way, byte for byte.

Nothing here guesses. A mould counts only after it has made the same letter as the long way, for the contact that it was
made of and for invented words full of characters that must be escaped; whatever it cannot make goes the long way.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from markupsafe import escape

from sender.dkim import BodyMould
from sender.letters.context import Absent, Fields, contact_values
from sender.letters.message import Composer, LetterHeaders, begun_line, quoted_printable
from sender.letters.plaintext import said_once
from sender.letters.reasons import CannotCompose
from sender.letters.slots import (
    MARK,
    OPEN_MARK,
    Looked,
    Path,
    SlotFields,
    StandIns,
    SteeredBy,
    marked,
    slot_number,
    value_at,
)
from sender.letters.templates import Parts, Templates
from sender.model import Contact, Letter, Links, Rendering

__all__ = ["Moulds"]

_MOST_TRIES = 64  # shapes; a template that has more steers by something that differs from contact to contact
_MOST_STEERING = 16
_LONGEST_VALUE = 400  # what is longer goes the long way, where a letter's limits are watched
_URL: Path = ("unsubscribe_url",)
_LINES = re.compile(r"[^\n]*\n|[^\n]+")
_TAG = re.compile(r"<!--.*?-->|<![^>]*>|<(/?)([A-Za-z][^\s/>]*)((?:[^\"'>]|\"[^\"]*\"|'[^']*')*)>", re.DOTALL)
_TARGET = re.compile(r"\shref=\"([^\"]*)\"")
_KNOWN_KIND = re.compile(r"[^\"]*?[:/?#]")  # where this stands before a value, the value cannot be part of the scheme
_ATTRIBUTE = re.compile(r"([^\s=\"'/]+)=\"([^\"]*)\"")
# Attributes that no style sheet is likely to ask about; of others (class, id, lang) the inliner reads the value
_MAY_DIFFER = frozenset(("href", "title", "alt"))
_ASKS_ATTRIBUTES = re.compile(r"<style\b(?:(?!</style).)*?\[", re.IGNORECASE | re.DOTALL)
# HTML standard §13.3: what stands in these is not escaped when a document is written
_VERBATIM = frozenset(("style", "script", "xmp", "iframe", "noembed", "noframes", "noscript", "plaintext"))

_BETWEEN = "\x01\n"  # no value holds it: it may not be printed (`context.UNPRINTABLE`)
_BETWEEN_ENCODED = b"=01\r\n"
_SPECIAL = re.compile("[&<>\"']")  # what any of the ways to write a value changes

Write = Callable[[str], str]
"""How a value is written where it stands."""


class _TooFreeError(Exception):
    """No mould can be made of this template, or not in this shape."""


# --- how values are written


def _as_it_is(value: str) -> str:
    return value


def _escaped(value: str) -> str:
    return str(escape(value))


def _in_html_text(value: str) -> str:
    # HTML standard §13.3; a no-break space is not plain, so it never comes here
    return value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _in_html_attribute(value: str) -> str:
    return value.replace("&", "&amp;").replace('"', "&quot;")


def _all_plain(values: Sequence[str]) -> bool:
    """Whether all values are plain. Mostly a look at all at once says so: what prints and is no blank is no space."""
    line = " ".join(("", *values, ""))
    return ("  " not in line and line.isprintable() and len(line) <= _LONGEST_VALUE) or all(map(_plain, values))


def _plain(value: str) -> bool:
    """Short, and no white space but single blanks inside: the ways of HTML with the rest are not followed here."""
    if len(value) > _LONGEST_VALUE:
        return False
    if value.isascii():
        return value.isprintable() and "  " not in value and value.strip(" ") == value
    return " ".join(value.split()) == value


# --- lines and parts


@dataclass(frozen=True, slots=True)
class _Line:
    """A line on which values stand: words, a slot and how to write it, words, and so on to the last words."""

    words: tuple[str, ...]
    slots: tuple[tuple[int, Write], ...]

    def filled(self, values: Sequence[str]) -> str:
        pieces = [""] * (2 * len(self.slots) + 1)
        pieces[::2] = self.words
        if _SPECIAL.search("".join(values)):
            pieces[1::2] = [write(values[slot]) for slot, write in self.slots]
        else:
            pieces[1::2] = [values[slot] for slot, _ in self.slots]
        return "".join(pieces)


@dataclass(frozen=True, slots=True)
class _Part:
    """Bytes that are the same in all letters of a shape, and between them lines to fill.

    ``line``: these lines as one, `_BETWEEN` them, so that all are filled and encoded by one call each.
    """

    fixed: tuple[bytes, ...]
    line: _Line
    finish: Write

    @classmethod
    def of(cls, text: str, writes: Iterator[Write], finish: Write = _as_it_is) -> _Part:
        """``writes``: for each mark of ``text``, in order, how its value is written."""
        fixed: list[bytes] = []
        lines: list[str] = []
        same: list[str] = []
        if _BETWEEN[0] in text:
            raise _TooFreeError
        for line in _LINES.findall(text.replace("\r\n", "\n").replace("\r", "\n")):
            if not marked(line):
                same.append(line)
                continue
            begun, line = _begun(line) if finish is _as_it_is else (b"", line)
            fixed.append(_encoded(same) + begun)
            lines.append(line)
            same = []
        return cls((*fixed, _encoded(same)), _line(_BETWEEN.join(lines), writes), finish)

    def filled(self, values: Sequence[str]) -> list[bytes]:
        """The lines of a contact, encoded."""
        if len(self.fixed) == 1:
            return []
        return quoted_printable(self.finish(self.line.filled(values))).split(_BETWEEN_ENCODED)

    def whole(self, lines: list[bytes]) -> bytes:
        """With such lines between the bytes that are the same."""
        pieces = [b""] * (2 * len(self.fixed) - 1)
        pieces[::2], pieces[1::2] = self.fixed, lines
        return b"".join(pieces)


def _encoded(lines: list[str]) -> bytes:
    return quoted_printable("".join(lines)) if lines else b""


def _begun(line: str) -> tuple[bytes, str]:
    """The encoded lines that its words before the first value fill, and what is left of it."""
    words, mark, rest = line.partition(OPEN_MARK)
    begun, left = begun_line(words)
    return begun, left + mark + rest


def _line(text: str, writes: Iterator[Write]) -> _Line:
    words, slots, end = [], [], 0
    for mark in MARK.finditer(text):
        words.append(text[end : mark.start()])
        slots.append((slot_number(mark), next(writes)))
        end = mark.end()
    words.append(text[end:])
    if any(map(marked, words)):
        raise _TooFreeError  # a mark that was cut or changed
    return _Line(tuple(words), tuple(slots))


def _plain_writes(text: str) -> Iterator[Write]:
    """In a text part: as the template escaped it, or not."""
    for mark in MARK.finditer(text):
        yield _escaped if mark["escaped"] else _as_it_is


def _derived_writes(text: str) -> Iterator[Write]:
    """In a text that was made from the HTML: what was escaped there is read here."""
    return (_as_it_is for _ in MARK.finditer(text))


def _html_writes(html: str) -> Iterator[Write]:
    """In the serialised HTML: by whether the mark stands in a text or in the value of an attribute."""
    at, verbatim = 0, False
    for tag in _TAG.finditer(html):
        yield from _in_words(html[at : tag.start()], verbatim=verbatim)
        yield from _in_tag(tag)
        if tag[2]:
            verbatim = not tag[1] and tag[2].lower() in _VERBATIM
        at = tag.end()
    yield from _in_words(html[at:], verbatim=verbatim)


def _in_words(words: str, *, verbatim: bool) -> Iterator[Write]:
    for mark in MARK.finditer(words):
        if verbatim or not mark["escaped"]:
            raise _TooFreeError
        yield _in_html_text


def _in_tag(tag: re.Match[str]) -> Iterator[Write]:
    inside = list(MARK.finditer(tag[0]))
    values = [value for name, value in _ATTRIBUTE.findall(tag[3] or "") if name.lower() in _MAY_DIFFER]
    if len(inside) != sum(len(MARK.findall(value)) for value in values) or not all(m["escaped"] for m in inside):
        raise _TooFreeError  # in a comment, a name, or a value that the inliner reads
    return (_in_html_attribute for _ in inside)


# --- one shape


@dataclass(frozen=True, slots=True)
class _Mould:
    """What the template asked of a contact, and the parts to fill for all contacts who answer alike."""

    scheme: str
    absent: tuple[Path, ...]
    given: tuple[tuple[Path, str], ...]
    slots: tuple[Path, ...]
    notice: str
    subject: _Line
    text: _Part
    html: _Part
    names: tuple[str, ...] | None
    """The slots but the link's, as fields of the contact; None where one is reached in another way."""
    url_at: int | None
    body: BodyMould | None = None
    """Where letters are signed: what of the body's hash is the same for all."""

    def values(self, fields: Fields, links: Links, notice: str) -> list[str] | None:
        """What goes into the slots; None for a contact who answers otherwise."""
        try:
            return self._values(fields, links, notice)
        except CannotCompose:
            return None  # a value that may not be printed; whether this contact's letter does is not known here

    def _values(self, fields: Fields, links: Links, notice: str) -> list[str] | None:
        if (
            notice != self.notice
            or not links.shown.startswith(self.scheme)
            or not all(isinstance(value_at(fields, path), Absent) for path in self.absent)
            or not all(value_at(fields, path) == value for path, value in self.given)
        ):
            return None
        rest = links.shown[len(self.scheme) :]
        if self.names is not None and (texts := fields.texts(self.names)) is not None:
            return [*texts[: self.url_at], rest, *texts[self.url_at :]] if self.url_at is not None else texts
        values = [rest if path == _URL else value_at(fields, path) for path in self.slots]
        return None if any(isinstance(value, Absent) for value in values) else [str(value) for value in values]


def _made(templates: Templates, contact: Contact, scheme: str, looked: Looked) -> _Mould:
    """A mould of the contact's shape. Raises SteeredBy where a value must be given, _TooFreeError where none can be.

    ``scheme``: how the links begin; the derived text shows a link by it.
    """
    fields, notices = contact_values(contact), templates.notices(contact)
    values = {"contact": SlotFields(fields, ("contact",), looked), _URL[0]: looked.slot(_URL, scheme)}
    with looked.watching():
        asks_attributes = _ASKS_ATTRIBUTES.search(templates.markup(values, notices)) is not None
        parts = templates.parts(values, notices, _unless_marked)
    if looked.needed:
        raise SteeredBy
    if asks_attributes:
        raise _TooFreeError
    subject = _line(parts.subject, _plain_writes(parts.subject))
    derived = templates.text_is_derived
    if derived and not all(map(_kind_is_known, _TARGET.findall(parts.html))):
        raise _TooFreeError  # whether the text shows such a link depends on its scheme
    text = _Part.of(
        parts.text,
        _derived_writes(parts.text) if derived else _plain_writes(parts.text),
        said_once if derived else _as_it_is,
    )
    html = _Part.of(parts.html, _html_writes(parts.html))
    slots = tuple(looked.slots)
    asked = tuple(looked.absent), tuple(looked.given.items()), slots
    own = [path for path in slots if path != _URL]
    names = tuple(path[1] for path in own) if all(len(path) == 2 for path in own) else None
    url_at = slots.index(_URL) if _URL in slots else None
    return _Mould(scheme, *asked, notices.text, subject, text, html, names, url_at)


def _kind_is_known(target: str) -> bool:
    first = MARK.search(target)
    return first is None or _KNOWN_KIND.match(target, 0, first.start()) is not None


def _unless_marked(line: str) -> str:
    return line if marked(line) else said_once(line)


def _makes_the_same(mould: _Mould, values: list[str], parts: Parts) -> bool:
    return (
        mould.subject.filled(values) == parts.subject
        and mould.text.whole(mould.text.filled(values)) == quoted_printable(parts.text)
        and mould.html.whole(mould.html.filled(values)) == quoted_printable(parts.html)
    )


# --- all shapes


class Moulds:
    """The way from a contact to its letter: out of a mould where there is one, else the long way."""

    def __init__(self, templates: Templates, composer: Composer) -> None:
        self._templates = templates
        self._composer = composer
        self._headers = LetterHeaders(templates.campaign)
        self._moulds: list[_Mould] = []
        sources = templates.sources().values()
        self._tries_left = 0 if any(map(marked, sources)) else _MOST_TRIES

    def letter(self, contact: Contact, links: Links, *, message_id: str, date: datetime) -> Letter:
        """One contact's letter. Raises CannotCompose where it cannot be written."""
        fields, notice = contact_values(contact), self._templates.notice_text(contact)
        mould, values = self._fitting(fields, links, notice)
        if mould is None or not _all_plain(values):
            rendering = self._templates.render(contact, links)
            if mould is None and self._tries_left:
                self._learn(rendering, links)
            return self._composer.compose(rendering, message_id=message_id, date=date)
        headers = self._headers.of(contact, mould.subject.filled(values), links)
        text, html = mould.text.filled(values), mould.html.filled(values)
        return self._composer.assemble(
            contact,
            headers,
            mould.text.whole(text),
            mould.html.whole(html),
            message_id=message_id,
            date=date,
            body_hash=mould.body.hash((*text, *html)) if mould.body else None,
        )

    def _fitting(self, fields: Fields, links: Links, notice: str) -> tuple[_Mould | None, list[str]]:
        for mould in self._moulds:
            values = mould.values(fields, links, notice)
            if values is not None:
                return mould, values
        return None, []

    def _learn(self, rendering: Rendering, links: Links) -> None:
        """A mould for this contact's shape, if it makes the very letter that was just made."""
        self._tries_left -= 1
        steering: frozenset[Path] = frozenset()
        scheme = links.shown[: links.shown.find(":") + 1]
        for _ in range(_MOST_STEERING):
            looked = Looked(steering)
            try:
                mould = _made(self._templates, rendering.contact, scheme, looked)
            except SteeredBy:
                steering |= looked.needed
                continue
            except Exception:
                return  # the long way has its words for it
            break
        else:
            return
        if self._holds(mould, rendering, links):
            body = self._composer.body_mould(mould.text.fixed, mould.html.fixed)
            self._moulds.append(replace(mould, body=body))

    def _holds(self, mould: _Mould, rendering: Rendering, links: Links) -> bool:
        fields = contact_values(rendering.contact)
        real = Parts(rendering.subject, rendering.html, rendering.text)
        values = mould.values(fields, links, mould.notice)
        if values is None:
            return False
        if _all_plain(values) and not _makes_the_same(mould, values, real):
            return False
        return all(self._holds_for(mould, rendering, words) for words in _trials(mould.slots))

    def _holds_for(self, mould: _Mould, rendering: Rendering, words: dict[Path, str]) -> bool:
        templates = self._templates
        stand_ins: Mapping[str, object] = {
            "contact": StandIns(contact_values(rendering.contact), ("contact",), words),
            _URL[0]: mould.scheme + words[_URL],
        }
        try:
            invented = templates.parts(stand_ins, templates.notices(rendering.contact))
        except Exception:
            return False
        return _makes_the_same(mould, list(words.values()), invented)


def _trials(slots: tuple[Path, ...]) -> Iterator[dict[Path, str]]:
    """Each value in turn as long as one may be among short ones, for tables take their widths of the longest; then all.

    What fits into a letter's limits with all values at their longest fits with others.
    """
    short = {path: _awkward(number) for number, path in enumerate(slots)}
    long = {path: word + "&" * (_LONGEST_VALUE - len(word)) for path, word in short.items()}
    yield from ({**short, path: word} for path, word in long.items())
    if len(slots) > 1:
        yield long


def _awkward(number: int) -> str:
    """Words that show how they were escaped, and where they were cut."""
    return f'Zoë & Fils <b>"{number}"</b> d\'été=3D 100% {{x}}; ﬀ À' + "-é" * (number % 7)
