"""Header values as the bytes that RFC 5322 and 2047 allow: folded, encoded, never able to begin another header."""

from __future__ import annotations

import binascii
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate

from sender.letters.context import UNPRINTABLE
from sender.letters.reasons import CannotCompose

_LINE = 78  # RFC 5322 §2.1.1: should
_LONGEST_LINE = 998  # RFC 5322 §2.1.1: must
_WORD = 75  # RFC 2047 §2
_BEGIN_Q, _BEGIN_B, _END = "=?utf-8?q?", "=?utf-8?b?", "?="
_PLAIN_PHRASE = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
# RFC 2047 §5 (3): all that may stand unencoded in a phrase
_Q = {byte: f"={byte:02X}" for byte in range(256)} | {ord(" "): "_"}
_Q |= {byte: chr(byte) for byte in b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/"}
_CONTINUED = ("=8", "=9", "=A", "=B")  # UTF-8: no first byte of a character
_ENDS_ADDRESS = frozenset(' <>()[]:;,\\"')
_FORBIDDEN = re.compile(f"{UNPRINTABLE.pattern}|[\r\n\t\u2028\u2029]")


def text_value(name: str, value: str) -> str:
    """An unstructured value, such as a subject."""
    _demand_printable(name, value)
    if value.isascii() and "=?" not in value:
        return _folded(name, value)
    return _joined_words(value, len(name) + 2)


def mailbox_value(name: str, display: str, spec: str) -> str:
    """``display <spec>``, for From, To, Reply-To and List-Id; the address itself is never encoded."""
    _demand_printable(name, display)
    _demand_printable(name, spec)
    if not _ENDS_ADDRESS.isdisjoint(spec):
        raise CannotCompose("address")
    if not display:
        return _folded(name, f"<{spec}>")
    phrase = _phrase(display, len(name) + 2)
    last_line = phrase.rpartition("\r\n")[2]
    before = 0 if "\r\n" in phrase else len(name) + 2
    space = " " if before + len(last_line) + len(spec) + 3 <= _LINE else "\r\n "
    return f"{phrase}{space}<{spec}>"


def tokens_value(name: str, value: str) -> str:
    """A value made of ASCII tokens, folded between them only."""
    if not value.isascii():
        raise CannotCompose("header", {"header": name})
    _demand_printable(name, value)
    return _folded(name, value)


def _demand_printable(name: str, value: str) -> None:
    if not value.isprintable() and _FORBIDDEN.search(value):
        raise CannotCompose("header", {"header": name})


def _phrase(display: str, before: int) -> str:
    if len(display) <= _LINE - before and display.isascii() and "=?" not in display:
        if _PLAIN_PHRASE.fullmatch(display):
            return display
        quoted = display.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{quoted}"'
    return _joined_words(display, before)


def _folded(name: str, value: str) -> str:
    """Line ends before spaces, so that unfolding gives the value back."""
    lines, line = [], f"{name}: "
    empty = len(line)
    if empty + len(value) <= _LINE and not value.endswith(" "):
        return value
    for piece in re.findall(r" *[^ ]+", value):
        if len(line) + len(piece) > _LINE and len(line) > empty and piece.startswith(" "):
            lines.append(line)
            line, empty = "", 0
        line += piece
        if len(line.encode()) > _LONGEST_LINE:
            raise CannotCompose("header", {"header": name})
    return "\r\n".join([*lines, line])[len(name) + 2 :]


def _joined_words(value: str, before: int) -> str:
    """Encoded-words of whole characters, one a line; white space between them is no part of the text."""
    quoted = value.translate(_UNITS)
    if len(quoted) <= 4 * len(value.encode()) / 3:
        room = _WORD - len(_BEGIN_Q) - len(_END)
        first = max(min(_WORD, _LINE - before) - len(_BEGIN_Q) - len(_END), _LONGEST_UNIT)
        return "\r\n ".join([f"{_BEGIN_Q}{piece}{_END}" for piece in _q_pieces(quoted, first, room)])
    room = (_WORD - len(_BEGIN_B) - len(_END)) // 4 * 3
    first = max((_LINE - before - len(_BEGIN_B) - len(_END)) // 4 * 3, 4)
    return "\r\n ".join(
        f"{_BEGIN_B}{binascii.b2a_base64(value[cut].encode(), newline=False).decode()}{_END}"
        for cut in _cuts([len(character.encode()) for character in value], min(first, room), room)
    )


class _Units(dict[int, str]):
    """Characters as they stand in a Q word: as many as there are different ones in names and subjects."""

    def __missing__(self, character: int) -> str:
        return self.setdefault(character, "".join(_Q[byte] for byte in chr(character).encode()))


_UNITS = _Units()
_LONGEST_UNIT = len("=F0=9F=93=A7")


def _q_pieces(quoted: str, first: int, room: int) -> Iterator[str]:
    """As many whole characters as go into each piece."""
    start, stop = 0, first
    while stop < len(quoted):
        escape = quoted.find("=", stop - 2, stop)
        stop = stop if escape < 0 else escape
        while quoted.startswith(_CONTINUED, stop):
            stop -= 3
        yield quoted[start:stop]
        start, stop = stop, stop + room
    yield quoted[start:]


def _cuts(lengths: Sequence[int], first: int, room: int) -> Iterator[slice]:
    """Where to cut what has these lengths: as much as goes into each piece, one at the least."""
    ends = list(accumulate(lengths))
    start, before = 0, 0
    while start < len(ends):
        stop = max(bisect_right(ends, before + (room if start else first)), start + 1)
        yield slice(start, stop)
        start, before = stop, ends[stop - 1]
