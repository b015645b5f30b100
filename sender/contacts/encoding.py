"""How a text file's bytes become letters: a byte-order mark, else UTF-8, else what French desktops write.

UTF-8 is tried first, strictly, over the whole file: no other text looks like it by accident. Only then is there a
guess, between cp1252 (Windows) and Mac Roman (older Macs), the second only where it reads clearly better.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from pathlib import Path

from sender.contacts.complaints import wrong

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CHUNK = 1 << 20
_SAMPLE = 1 << 16
# Accents within words. French letters of Mac Roman are signs in cp1252 ("SociŽtŽ"), those of cp1252 are capitals in
# Mac Roman ("SociÈtÈ"): neither stands after a small letter by chance. What both use there (’ œ š ž) is left out.
_MAC_ACCENT = re.compile(rb"[a-z][\x8a\x8d\x8e\x8f\x90\x9f](?![A-Z])|[A-Za-z][\x87-\x89\x8b\x91\x94\x95\x99\x9d][a-z]")
_CP1252_ACCENT = re.compile(rb"[a-z][\xe0-\xff]|[A-Z][\xe0-\xff][a-z]")
_NOT_CP1252 = frozenset(b"\x81\x8d\x8f\x90\x9d")


@dataclass(frozen=True, slots=True)
class Encoding:
    """``guessed``: nothing in the file says so for certain."""

    name: str
    guessed: bool = False


def detect(path: Path) -> Encoding:
    """The encoding of the file; reads it once, in pieces."""
    with path.open("rb") as file:
        head = file.read(4096)
    for mark, name in _MARKS:
        if head.startswith(mark):
            return Encoding(name)
    if head.count(0) > len(head) // 8:
        raise wrong(
            "SC-308",
            path,
            why="It holds bytes that no text has.",
            todo="Save it as  CSV UTF-8  or  .xlsx  from the spreadsheet.",
        )
    return Encoding("utf-8") if _is_utf8(path) else _guess(path)


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _guess(path: Path) -> Encoding:
    lines = _lines_beyond_ascii(path)
    if 2 * sum(map(_line_is_utf8, lines)) > len(lines):  # a few bytes are broken; those rows are rejected
        return Encoding("utf-8", guessed=True)
    sample = b"\n".join(lines)
    return Encoding("mac_roman" if _reads_better_as_mac(sample) else "cp1252", guessed=True)


def _lines_beyond_ascii(path: Path) -> list[bytes]:
    found: list[bytes] = []
    size = 0
    with path.open("rb") as file:
        while size < _SAMPLE and (line := file.readline(_SAMPLE)):
            for part in line.split(b"\r"):
                if not part.isascii():
                    found.append(part)
                    size += len(part)
    return found


def _line_is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _reads_better_as_mac(sample: bytes) -> bool:
    mac, cp1252 = (len(accent.findall(sample)) for accent in (_MAC_ACCENT, _CP1252_ACCENT))
    if mac != cp1252:
        return mac > cp1252
    from charset_normalizer import from_bytes  # takes a while to import, and few files need it

    if not _NOT_CP1252 & set(sample):
        return False  # cp1252 is a hundred times as common; where it can be, it is
    found = from_bytes(sample, cp_isolation=["cp1252", "mac_roman"], threshold=0.9).best()
    return _broken_lines(sample) > sample.count(b"\n") // 10 or (found is not None and found.encoding == "mac_roman")


def _broken_lines(sample: bytes) -> int:
    return sum(1 for line in sample.split(b"\n") if _NOT_CP1252 & set(line))
