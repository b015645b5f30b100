"""Address books as phones and mail programs write them (vCard 2.1, 3.0, 4.0), as a table of contacts.

One card is one row, read as it comes, so that the size of the book does not matter. Of several addresses on one card
the preferred one is taken, then the one at work, then the first: a row is one address, and what the others were given
for nobody knows. Names are taken from N alone; FN is not cut into first and last name by guessing.
"""

from __future__ import annotations

import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from sender.contacts.complaints import wrong

__all__ = ["HEADER", "cards", "is_vcard"]

HEADER = ("email", "first_name", "last_name", "company", "title", "country", "language")
_WANTED = frozenset({"EMAIL", "N", "ORG", "TITLE", "ROLE", "ADR", "LANG"})
_LINE_LIMIT = 1_000_000  # bytes of one line of the file; a photograph is folded at 75
_VALUE_LIMIT = 20_000  # bytes of one property that we read; photographs and keys are let go by
_PARAMETERS = re.compile(r';([A-Za-z0-9-]+)(?:=((?:"[^"]*"|[^";:,]*)(?:,(?:"[^"]*"|[^";:,]*))*))?')
_NAME = re.compile(r"(?:[A-Za-z0-9-]+\.)?([A-Za-z0-9-]+)")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_COMPONENT = re.compile(r"(?:^|;)((?:\\.|[^;\\])*)", re.DOTALL)
_COUNTRY = 6  # Meets: RFC 6350 §6.3.1 (the seventh component of ADR)
_LAST_PREFERENCE = 100


@dataclass(frozen=True, slots=True)
class _Property:
    name: str
    types: frozenset[str]
    preference: int
    value: str

    def components(self) -> list[str]:
        return [_plain(part) for part in _COMPONENT.findall(self.value)]


@dataclass(slots=True)
class _Card:
    line: int
    properties: list[_Property] = field(default_factory=list)

    def cells(self) -> tuple[str, ...]:
        name = self._best("N")
        last, first = (*name.components(), "", "")[:2] if name else ("", "")
        title = self._best("TITLE") or self._best("ROLE")
        return (
            self._text(self._best("EMAIL")),
            first,
            last,
            self._component("ORG", 0),
            self._text(title),
            self._component("ADR", _COUNTRY),
            self._text(self._best("LANG")),
        )

    def _best(self, name: str) -> _Property | None:
        # Meets: RFC 6350 §5.3 (PREF); vCard 3 says TYPE=pref
        found = [one for one in self.properties if one.name == name and one.value.strip()]
        return min(found, key=lambda one: (one.preference, "work" not in one.types), default=None)

    def _component(self, name: str, place: int) -> str:
        parts = best.components() if (best := self._best(name)) else []
        return parts[place].strip() if place < len(parts) else ""

    def _text(self, one: _Property | None) -> str:
        return _plain(one.value).strip() if one else ""


def is_vcard(head: bytes) -> bool:
    return head.removeprefix(b"\xef\xbb\xbf").lstrip()[:11].upper() == b"BEGIN:VCARD"


def cards(path: Path) -> Iterator[tuple[int, tuple[str, ...]]]:
    """The line on which each card begins, and its cells in the order of ``HEADER``."""
    card: _Card | None = None
    with path.open("rb") as file:
        for number, line in _unfolded(path, file):
            word = line.strip().upper()
            if word == b"BEGIN:VCARD":
                if card is not None:
                    raise _never_ends(path, card.line)
                card = _Card(number)
            elif word == b"END:VCARD" and card is not None:
                yield card.line, card.cells()
                card = None
            elif card is not None and (found := _property(line)):
                card.properties.append(found)
    if card is not None:
        raise _never_ends(path, card.line)


def _unfolded(path: Path, file: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """Whole lines. What follows a line break and a blank belongs to the line before it."""
    # Meets: RFC 6350 §3.2 (folding)
    begin, held = 0, b""
    for number, line in _lines(path, file):
        soft = _is_quoted_printable(held) and held.endswith(b"=")  # vCard 2.1 breaks such a value with "="
        if begin and (line[:1] in {b" ", b"\t"} or soft):
            if len(held) < _VALUE_LIMIT:
                held = held[:-1] + line if soft else held + line[1:]
            continue
        if begin:
            yield begin, held
        begin, held = number, line
    if begin:
        yield begin, held


def _lines(path: Path, file: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    number = 0
    while line := file.readline(_LINE_LIMIT):
        number += 1
        if len(line) == _LINE_LIMIT:
            raise wrong(
                "SC-309",
                path,
                why="No address book has such lines; the file is most likely damaged.",
                todo="Export the contacts again.",
                line=number,
            )
        yield number, line.removeprefix(b"\xef\xbb\xbf").rstrip(b"\r\n") if number == 1 else line.rstrip(b"\r\n")


def _is_quoted_printable(line: bytes) -> bool:
    return b"QUOTED-PRINTABLE" in line.partition(b":")[0].upper()


def _property(line: bytes) -> _Property | None:
    named = _NAME.match(line[:200].decode("ascii", errors="replace"))
    name = named[1].upper() if named else ""
    if name not in _WANTED or len(line) >= _VALUE_LIMIT:
        return None
    parameters, at = _parameters(line, named.end() if named else 0)
    if line[at : at + 1] != b":":
        return None
    types = frozenset(parameters.get("TYPE", ()))
    return _Property(name, types, _preference(parameters, types), _decoded(line[at + 1 :], parameters))


def _parameters(line: bytes, at: int) -> tuple[dict[str, list[str]], int]:
    """Each by its name in capitals. vCard 2.1 writes a type without ``TYPE=``."""
    text = line.decode("latin-1")  # one character a byte, so that places stay
    found: dict[str, list[str]] = {}
    while match := _PARAMETERS.match(text, at):
        name, value = match[1].upper(), match[2]
        words = [part.strip('"').lower() for part in value.split(",")] if value is not None else []
        if value is None:
            name, words = ("ENCODING" if name == "QUOTED-PRINTABLE" else "TYPE"), [match[1].lower()]
        found.setdefault(name, []).extend(word for part in words for word in part.split(","))
        at = match.end()
    return found, at


def _preference(parameters: dict[str, list[str]], types: frozenset[str]) -> int:
    told = parameters.get("PREF", [""])[0]
    if told.isascii() and told.isdigit() and len(told) <= 3:
        return int(told)
    return 1 if "pref" in types else _LAST_PREFERENCE + 1


def _decoded(value: bytes, parameters: dict[str, list[str]]) -> str:
    """UTF-8 is the rule; older phones say another character set, or none and mean that of Windows."""
    if "quoted-printable" in parameters.get("ENCODING", ()):
        value = quopri.decodestring(value)
    for charset in (*parameters.get("CHARSET", ()), "utf-8"):
        try:
            return value.decode(charset)
        except (LookupError, UnicodeError, ValueError):
            continue
    return value.decode("cp1252", errors="replace")


def _plain(text: str) -> str:
    # Meets: RFC 6350 §3.4 (escapes)
    return _ESCAPED.sub(lambda found: " " if found[1] in "nN" else found[1], text)


def _never_ends(path: Path, line: int) -> Exception:
    return wrong(
        "SC-340",
        path,
        why="What follows would be taken for the same person.",
        todo="Export the contacts again; the file is cut off or damaged here.",
        line=line,
    )
