"""Tables in files, row by row, whatever the spreadsheet made of them. Knows nothing of contacts.

CSV and address books (vCard) are streamed, so that their size does not matter; the cells of workbooks (xlsx, xls,
ods) are held by the library that reads them, and so are bounded. What the file is, its first bytes say, not its name.
"""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING

from sender.contacts.complaints import missing, wrong
from sender.contacts.encoding import Encoding, detect
from sender.contacts.failed_formulas import Places, failed_formulas
from sender.contacts.values import Cell, text_of
from sender.contacts.vcard import HEADER, cards, is_vcard
from sender.errors import InputError

if TYPE_CHECKING:
    from python_calamine import CalamineSheet

_CELL_LIMIT = 100_000  # characters; a spreadsheet's own limit is 32,767
_LINE_LIMIT = 1_000_000
_WORKBOOK_LIMIT = 256 << 20  # bytes when unpacked
_ROWS_LOOKED_AT = 30
_DELIMITERS = (";", ",", "\t", "|")
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@dataclass(frozen=True, slots=True)
class Record:
    """One row; ``line`` is where it begins in an editor, or its number in the spreadsheet.

    ``span``: the lines it takes, where they are several. ``swallowed``: it looks as if a stray quotation mark had drawn
    other rows into one of its cells.
    """

    line: int
    cells: Sequence[Cell]
    span: tuple[int, ...] = ()
    swallowed: bool = False

    @property
    def empty(self) -> bool:
        return not any(text_of(cell) for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Table:
    """``records`` can be asked for again and starts from the top each time; ``notes`` say what was guessed."""

    records: Callable[[], Iterator[Record]]
    notes: tuple[str, ...] = ()


def open_table(path: Path, score: Callable[[Sequence[str]], int]) -> Table:
    """The table in ``path``; ``score`` says how much a row looks like a header, and so decides on the delimiter."""
    try:
        with path.open("rb") as file:
            head = file.read(32)
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        raise missing(path) from None
    except OSError as problem:
        raise _unreadable(path, problem) from problem
    if head.startswith((_ZIP, _OLE)):
        return _workbook(path)
    if is_vcard(head):
        return _address_book(path)
    return _text_table(path, score)


# --- CSV


def _text_table(path: Path, score: Callable[[Sequence[str]], int]) -> Table:
    try:
        encoding = detect(path)
        delimiter = _delimiter(path, encoding, score)
    except OSError as problem:
        raise _unreadable(path, problem) from problem
    except UnicodeError:
        raise _other_encoding(path, 1) from None
    notes = (f"read as {encoding.name}",) if encoding.guessed else ()
    return Table(lambda: _records(path, encoding, delimiter), notes)


def _delimiter(path: Path, encoding: Encoding, score: Callable[[Sequence[str]], int]) -> str:
    """The one with which the header is understood best; then the one that cuts most rows alike."""

    def fit(delimiter: str) -> tuple[int, int, int]:
        try:
            looked_at = list(islice(_records(path, encoding, delimiter), _ROWS_LOOKED_AT))
        except InputError:  # with another delimiter other quotation marks count; the chosen one complains again
            return 0, 0, 0
        rows = [record for record in looked_at if not record.empty]
        width = len(rows[0].cells) if rows else 1
        if width == 1:
            return 0, 0, 0  # a file of one column is read alike with each of them
        alike = sum(len(row.cells) == width for row in rows)
        return score([text_of(cell) for cell in rows[0].cells]), alike, width

    if told := _told_delimiter(path, encoding):
        return told
    return max(_DELIMITERS, key=fit)


def _told_delimiter(path: Path, encoding: Encoding) -> str | None:
    """Excel's own first line, ``sep=;``."""
    with _open(path, encoding) as file:
        line = file.readline(10).strip()
    return line[4:] or "\t" if line.lower().startswith("sep=") and len(line) <= 5 else None


def _records(path: Path, encoding: Encoding, delimiter: str) -> Iterator[Record]:
    csv.field_size_limit(_CELL_LIMIT)
    with _open(path, encoding) as file:
        lines = _Lines(path, file)
        reader = csv.reader(lines, delimiter=delimiter)
        begin = 1
        try:
            for cells in reader:
                if lines.ended:  # a row that is whole comes before the end of the file was seen
                    raise _never_closed(path, begin)
                if not (begin == 1 and _says_delimiter(cells, delimiter)):
                    yield _record(begin, cells, lines.taken, delimiter)
                begin = reader.line_num + 1
                lines.taken.clear()
        except csv.Error:
            raise _too_long(path, begin) from None
        except UnicodeError:
            raise _other_encoding(path, reader.line_num + 1) from None
        except OSError as problem:
            raise _unreadable(path, problem) from problem


def _record(begin: int, cells: list[str], lines: Sequence[str], delimiter: str) -> Record:
    """A cell may run on over lines; where it holds what parts cells or makes an address, these were rows of their own.

    RFC 4180 §2 (6) allows such cells, so that only their content tells; a postal address on three lines stays possible.
    """
    if len(lines) == 1:
        return Record(begin, cells)
    span = tuple(number for number, line in enumerate(lines, begin) if line.strip())
    running_on = (cell for cell in cells if "\n" in cell or "\r" in cell)
    return Record(begin, cells, span, any("@" in cell or delimiter in cell for cell in running_on))


def _says_delimiter(cells: Sequence[str], delimiter: str) -> bool:
    return bool(cells) and delimiter.join(cells).strip().lower() in {f"sep={delimiter}", "sep="}


def _open(path: Path, encoding: Encoding) -> IO[str]:
    """Bytes that a guessed encoding does not know become U+FFFD, for which the row is rejected."""
    errors = "replace" if encoding.guessed else "strict"
    return path.open("r", encoding=encoding.name, errors=errors, newline="")


class _Lines:
    """The file's lines. ``taken``: those of the row that is being read; ``ended``: there are no more."""

    def __init__(self, path: Path, file: IO[str]) -> None:
        self.taken: list[str] = []
        self.ended = False
        self._path, self._file, self._number = path, file, 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._file.readline(_LINE_LIMIT)
        self._number += 1
        if not line:
            self.ended = True
            raise StopIteration
        if len(line) == _LINE_LIMIT:
            raise _too_long(self._path, self._number)
        self.taken.append(line)
        return line


def _other_encoding(path: Path, line: int) -> Exception:
    return wrong(
        "SC-308",
        path,
        why="Its byte-order mark says one encoding, and what follows is in another.",
        todo="Save it as  CSV UTF-8  from the spreadsheet.",
        line=line,
    )


def _too_long(path: Path, line: int) -> Exception:
    return wrong(
        "SC-309",
        path,
        why="Most often a quotation mark that opens here is never closed and swallows the rows below it.",
        todo="Close or remove the quotation mark on this line.",
        line=line,
    )


def _never_closed(path: Path, line: int) -> Exception:
    return wrong(
        "SC-312",
        path,
        why="All rows from here to the end of the file would be taken for one cell of this row.",
        todo="Close or remove the quotation mark on this line.",
        line=line,
    )


def _unreadable(path: Path, problem: OSError) -> Exception:
    return wrong(
        "SC-301",
        path,
        why=f"The system says: {problem.strerror or 'no reason'}.",
        todo="Give the user who runs send-campaign the right to read it, then run the command again.",
    )


# --- address books


def _address_book(path: Path) -> Table:
    """A header stands before the first card, so that the cards are rows like any other."""

    def records() -> Iterator[Record]:
        yield Record(0, HEADER)
        try:
            yield from (Record(line, cells) for line, cells in cards(path))
        except OSError as problem:
            raise _unreadable(path, problem) from problem

    return Table(records, ("of several addresses on a card: the preferred one, else the one at work, else the first",))


# --- workbooks


def _workbook(path: Path) -> Table:
    """The library holds the cells, in a tenth of what they take as Python's objects; rows are made one by one."""
    _refuse_bomb(path)
    sheets = _sheets(path)
    filled = [sheet for sheet in sheets if next(sheet(), None) is not None]
    notes = ("several sheets hold rows; only the first is read",) if len(filled) > 1 else ()
    chosen: Rows = filled[0] if filled else lambda: iter(())
    return Table(lambda: (Record(number, row) for number, row in enumerate(chosen(), 1)), notes)


def _refuse_bomb(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, NotImplementedError, ValueError):
        size = path.stat().st_size  # an old workbook, or nothing; calamine says which
    if size > _WORKBOOK_LIMIT:
        raise wrong(
            "SC-311",
            path,
            why="A workbook is held in memory as a whole; this one would take more than there may be.",
            todo="Save the sheet as  CSV UTF-8 : that is read row by row, whatever its size.",
        )


Rows = Callable[[], Iterator[Sequence[Cell]]]
"""The rows of a sheet from the top, each time they are asked for."""


def _sheets(path: Path) -> list[Rows]:
    """The sheets that are shown."""
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    try:
        with CalamineWorkbook.from_path(str(path)) as book:
            shown = [
                about.name
                for about in book.sheets_metadata
                if about.typ is SheetTypeEnum.WorkSheet and about.visible is SheetVisibleEnum.Visible
            ]
            sheets = {name: book.get_sheet_by_name(name) for name in shown}
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as problem:  # a panic of the Rust library is no Exception
        raise wrong(
            "SC-310",
            path,
            why=f"It is damaged, locked with a password, or no workbook ({type(problem).__name__}).",
            todo="Open it in the spreadsheet and save it again, without a password, or as  CSV UTF-8.",
        ) from None
    failed = failed_formulas(path)
    return [_rows_of(sheet, failed.get(name, frozenset())) for name, sheet in sheets.items()]


def _rows_of(sheet: CalamineSheet, failed: Places) -> Rows:
    """The library leaves out the columns before the first filled one; ``failed`` counts them."""
    before = sheet.start[1] if sheet.start else 0
    columns: dict[int, list[int]] = {}
    for row, column in failed:
        columns.setdefault(row, []).append(column - before)
    return lambda: (_with_errors(row, columns.get(number, ())) for number, row in enumerate(sheet.iter_rows()))


def _with_errors(row: Sequence[Cell], failed: Sequence[int]) -> Sequence[Cell]:
    if not failed:
        return row
    return ["#N/A" if column in failed else cell for column, cell in enumerate(row)]
