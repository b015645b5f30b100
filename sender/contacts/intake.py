"""A contact file, row by row: contacts, doubles, rejected rows; nothing is dropped without a word.

In: the audience block of a campaign. Out: a ``ContactFile`` to iterate over, and its ``report``, in which
rows = contacts + doubles + rejected. The file is streamed: what is kept in memory is a digest of each address.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from secrets import token_bytes

from sender.contacts import headers
from sender.contacts.complaints import wrong
from sender.contacts.rows import TOO_MANY_CELLS, RowReader, UnusableError
from sender.contacts.tables import Record, Table, open_table
from sender.contacts.values import text_of
from sender.contacts.words import Words
from sender.model import Audience, Contact

__all__ = ["ContactFile", "Double", "Note", "Rejected", "Report", "Row", "headers_of", "read"]

_LINES_NAMED = 10  # of one note
_ROWS_LOOKED_AT = 20


@dataclass(frozen=True, slots=True)
class Row:
    """A contact as its row has it, without an id. ``unclear``: (code, header) of each cell that was not understood."""

    line: int
    contact: Contact
    unclear: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Double:
    """The address of this row stands on ``first_line`` already; the first one counts."""

    line: int
    first_line: int


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that is no contact."""

    line: int
    code: str
    why: str


@dataclass(slots=True)
class Note:
    """Something that was seen in several rows; ``lines`` names the first of them."""

    code: str
    header: str
    count: int = 0
    lines: list[int] = field(default_factory=list)

    def add(self, line: int) -> None:
        self.count += 1
        if len(self.lines) < _LINES_NAMED:
            self.lines.append(line)

    def said(self, words: Words) -> str:
        lines = ", ".join(map(str, self.lines)) + (", ..." if self.count > len(self.lines) else "")
        where = f" ({self.header})" if self.header else ""
        return words("note.seen", what=words(f"note.{self.code}") + where, n=self.count, lines=lines)


@dataclass(slots=True)
class Report:
    """What a file held. Counts are whole once the file has been read to its end. Empty lines are no rows."""

    contacts: int = 0
    doubles: int = 0
    rejected: int = 0
    empty_lines: int = 0
    about_file: tuple[str, ...] = ()
    language: str = "en"
    _notes: dict[tuple[str, str], Note] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        return self.contacts + self.doubles + self.rejected

    @property
    def notes(self) -> tuple[str, ...]:
        words = Words(self.language)
        return (*self.about_file, *(note.said(words) for note in self._notes.values()))

    def note(self, code: str, header: str, line: int) -> None:
        self._notes.setdefault((code, header), Note(code, header)).add(line)


class ContactFile:
    """One contact file. Each iteration reads it from the top and starts the report anew.

    ``known_as``: keys of addresses that mean another one's contact; a row of each is a double of the other.
    """

    def __init__(self, table: Table, audience: Audience, language: str) -> None:
        self.known_as: Mapping[str, str] = {}
        self._table = table
        self._audience = audience
        self._language = language
        self._header, self._columns = self._understand()
        self.report = self._blank_report()

    def __iter__(self) -> Iterator[Row | Double | Rejected]:
        self.report = self._blank_report()
        reader = RowReader(self._columns, self._audience, self._language)
        seen, words = _Seen(self.known_as), Words(self._language)
        for record in self._table.records():
            if record.line <= self._header:
                continue
            if record.empty:
                self.report.empty_lines += 1
            else:
                for result in _judge(record, reader, seen, words):
                    yield self._count(result)

    @property
    def path(self) -> Path:
        return self._audience.contacts

    @property
    def more_columns(self) -> tuple[str, ...]:
        """The names under which templates find the columns that are no field of a contact."""
        return tuple(self._columns.more)

    def _understand(self) -> tuple[int, headers.Columns]:
        path = self._audience.contacts
        top = list(islice((record for record in self._table.records() if not record.empty), _ROWS_LOOKED_AT))
        if not top:
            raise wrong("SC-302", path, why="It is empty.", todo="Export the contacts again, with their header line.")
        row, *below = ([text_of(cell) for cell in record.cells] for record in top)
        columns = headers.understand(row, self._audience.columns, path, top[0].line, below)
        if not below:
            raise wrong(
                "SC-313",
                path,
                why="There is nobody to write to.",
                todo="Export the contacts again, and look whether a filter or a selection was left on.",
                line=top[0].line,
            )
        return top[0].line, columns

    def _blank_report(self) -> Report:
        return Report(about_file=(*self._table.notes, *self._columns.notes), language=self._language)

    def _count(self, result: Row | Double | Rejected) -> Row | Double | Rejected:
        match result:
            case Row(line=line, unclear=unclear):
                self.report.contacts += 1
                for code, header in unclear:
                    self.report.note(code, header, line)
            case Double():
                self.report.doubles += 1
            case Rejected():
                self.report.rejected += 1
        return result


def headers_of(path: Path) -> tuple[str, ...]:
    """The header of a contact file as it is written, for a person to choose from."""
    table = open_table(path, headers.score)
    top = next((record for record in table.records() if not record.empty), None)
    cells = (" ".join(text_of(cell).split()) for cell in top.cells) if top else ()
    return tuple(cell for cell in cells if cell)


def read(audience: Audience, *, campaign_language: str) -> ContactFile:
    """The contact file of a campaign, its header understood. Raises MissingFile, InputError (SC-3xx)."""
    table = open_table(Path(audience.contacts), headers.score)
    return ContactFile(table, audience, campaign_language)


def _judge(record: Record, reader: RowReader, seen: _Seen, words: Words) -> tuple[Row | Double | Rejected, ...]:
    if record.swallowed:
        return _rows_in_a_cell(record, words)
    try:
        contact, unclear = reader.read(record.cells)
    except UnusableError as problem:
        if problem.code == TOO_MANY_CELLS and record.span:
            return _rows_in_a_cell(record, words)
        return (Rejected(record.line, problem.code, _said(problem, words)),)
    first = seen.before(contact.email.key, record.line)
    return (Row(record.line, contact, unclear) if first is None else Double(record.line, first),)


def _said(problem: UnusableError, words: Words) -> str:
    """Addresses have many ways to be wrong, and one sentence."""
    kind = "address" if problem.code.startswith("address_") else problem.code
    return words(f"rejected.{kind}", **problem.facts)


def _rows_in_a_cell(record: Record, words: Words) -> tuple[Rejected, ...]:
    """Each line counts as a row, since each was one before a quotation mark joined them."""
    why = words("rejected.swallowed", first=record.span[0], last=record.span[-1])
    return tuple(Rejected(line, "swallowed", why) for line in record.span)


class _Seen:
    """Addresses met so far, as eight bytes each: two of a million look alike by chance once in 37 million files."""

    def __init__(self, known_as: Mapping[str, str]) -> None:
        self._known_as = known_as
        self._salt = token_bytes(16)  # so that no file can be made in which two look alike
        self._first = _Lines()

    def before(self, key: str, line: int) -> int | None:
        """The line on which ``key`` was met first, None if that is now."""
        digest = blake2b(self._known_as.get(key, key).encode(), digest_size=8, key=self._salt).digest()
        first = self._first.setdefault(int.from_bytes(digest) or 1, line)
        return None if first == line else first


class _Lines:
    """A dict from eight bytes to a line, in a fifth of a dict's memory: a table with open addressing in two arrays."""

    def __init__(self) -> None:
        self._make(1 << 12)

    def _make(self, size: int) -> None:
        """``size``: a power of two."""
        self._keys, self._lines = array("Q", bytes(8 * size)), array("I", bytes(4 * size))
        self._mask = size - 1
        self._left = size * 2 // 3

    def setdefault(self, key: int, line: int) -> int:
        """``key`` is not zero, and random in its lower bits."""
        place = self._place(key)
        if not self._keys[place]:
            if not self._left:
                self._grow()
                place = self._place(key)
            self._keys[place], self._lines[place] = key, line
            self._left -= 1
        return self._lines[place]

    def _place(self, key: int) -> int:
        """Where it stands, or the free place that is for it."""
        keys, mask = self._keys, self._mask
        place = key & mask
        while keys[place] and keys[place] != key:
            place = (place + 1) & mask
        return place

    def _grow(self) -> None:
        old = zip(self._keys, self._lines, strict=True)
        self._make(2 * (self._mask + 1))
        for key, line in old:
            if key:
                self.setdefault(key, line)
