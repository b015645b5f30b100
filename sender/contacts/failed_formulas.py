"""Where an .xlsx workbook holds #N/A, #REF! and the like: calamine gives such cells as empty ones.

An empty cell takes the campaign's own value, a failed formula must not: what it was to say is not known.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from xml.etree import ElementTree

Places = frozenset[tuple[int, int]]
"""Row and column, 0 is the first."""

# ECMA-376 part 1, §18.3.1.4: a cell's type is "e" where it holds an error.
_CELL = re.compile(rb"<(?:\w+:)?c\s[^>]*>")
_TYPE = re.compile(rb"""\st=["']e["']""")
_AT = re.compile(rb"""\sr=["']([A-Z]{1,3})([0-9]{1,7})["']""")
_PIECE = 1 << 20
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def failed_formulas(path: Path) -> Mapping[str, Places]:
    """By the name of the sheet; empty for other kinds of workbook."""
    try:
        with zipfile.ZipFile(path) as archive:
            return {name: _places_in(archive, file) for name, file in _sheet_files(archive).items()}
    except (zipfile.BadZipFile, KeyError, ElementTree.ParseError, NotImplementedError, OSError, ValueError):
        return {}


def _sheet_files(archive: zipfile.ZipFile) -> dict[str, str]:
    targets = {
        relation.get("Id"): relation.get("Target", "")
        for relation in ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314  (expat >= 2.4.1)
    }
    book = ElementTree.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314  (refuses entities that explode)
    found = {}
    for sheet in book.iterfind("{*}sheets/{*}sheet"):
        target = targets.get(sheet.get(_RELATION), "")
        if target:
            found[sheet.get("name", "")] = posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")
    return found


def _places_in(archive: zipfile.ZipFile, file: str) -> Places:
    with archive.open(file) as sheet:
        return frozenset(_places(iter(lambda: sheet.read(_PIECE), b"")))


def _places(pieces: Iterable[bytes]) -> Iterator[tuple[int, int]]:
    """The last tag of a piece may end in the next one; within a tag stands no ``<``."""
    rest = b""
    for piece in pieces:
        text = rest + piece
        whole = max(text.rfind(b"<"), 0)
        yield from _failed_in(text[:whole])
        rest = text[whole:]
    yield from _failed_in(rest)


def _failed_in(xml: bytes) -> Iterator[tuple[int, int]]:
    for cell in _CELL.finditer(xml):
        at = _AT.search(cell[0])
        if at and _TYPE.search(cell[0]):
            yield int(at[2]) - 1, _column(at[1])


def _column(letters: bytes) -> int:
    """``A`` is 0, ``AA`` 26."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1
