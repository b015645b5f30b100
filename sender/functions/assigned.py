"""Files that say which functions a title has: what a person assigned, or what a classification says.

CSV with a line of names; ``title`` and ``functions`` are read: slugs with a space between them, "-" where somebody
found that the title says nothing, empty where nobody has looked yet. ``by`` and ``on`` say who assigned them and when,
and go into the evidence; other columns are for people. Titles are compared as they are matched: case, accents, gender
and small words do not count.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sender.errors import Complaint, InputError, MissingFile, Place
from sender.functions.title import key_of
from sender.functions.vocabulary import FUNCTIONS

__all__ = ["COMPLAINTS", "Assigned", "read_assigned", "rows_of", "write_assigned", "writing"]

COMPLAINTS: dict[str, str] = {
    "SC-700": "A file of titles or job functions cannot be read",
    "SC-701": "A file of titles or job functions lacks a column",
    "SC-702": "A job function is not on the list",
    "SC-703": "A title says nothing, or stands twice with other functions",
    "SC-704": "A file of titles cannot be written",
}

_WHY = "What a title is taken to mean decides who is mailed."
Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Assigned:
    """A title and its functions; none: it was looked at, and says nothing. ``pending``: nobody has looked yet."""

    title: str
    functions: tuple[str, ...]
    pending: bool = False
    by: str = ""
    on: str = ""

    @property
    def evidence(self) -> str:
        """The title, and who assigned its functions when, as far as the file says it."""
        whence = ", ".join(filter(None, (self.by, self.on)))
        return f"{self.title} ({whence})" if whence else self.title


def rows_of(path: Path, columns: Iterable[str]) -> Iterator[tuple[int, Mapping[str, str]]]:
    """The rows of a CSV file with their lines; commas, semicolons or tabs part the columns."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            first = file.readline()
            delimiter = max(",;\t", key=first.count)
            file.seek(0)
            reader = csv.DictReader(file, delimiter=delimiter, restval="")
            _ask_for(columns, reader.fieldnames or (), path)
            for row in reader:
                yield reader.line_num, row
    except OSError as error:
        raise MissingFile.of(
            "SC-700",
            f"cannot read the file: {error.strerror}",
            why=_WHY,
            todo="Check the path.",
            place=Place(str(path)),
        ) from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError.of(
            "SC-700", "the file is not CSV in UTF-8", why=_WHY, todo="Save it as CSV, UTF-8.", place=Place(str(path))
        ) from error


def _ask_for(columns: Iterable[str], found: Iterable[str], path: Path) -> None:
    if missing := [name for name in columns if name not in found]:
        todo = f"The first line must name the columns {', '.join(columns)}."
        raise InputError.of("SC-701", f"no column {missing[0]}", why=_WHY, todo=todo, place=Place(str(path), 1))


def read_assigned(path: Path) -> dict[Key, Assigned]:
    """Every title of the file by its folded words; all complaints at once."""
    found: dict[Key, Assigned] = {}
    complaints: list[Complaint] = []
    for line, row in rows_of(path, ("title", "functions")):
        said = row["functions"].split()
        functions = tuple(dict.fromkeys(said)) if said != ["-"] else ()
        by, on = ((row.get(name) or "").strip() for name in ("by", "on"))
        assigned = Assigned(row["title"].strip(), functions, not said, by, on)
        key = key_of(assigned.title)
        if complaint := _wrong(assigned, found.get(key), key, Place(str(path), line)):
            complaints.append(complaint)
        if key not in found or not assigned.pending:
            found[key] = assigned
    InputError.unless_empty(complaints)
    return found


def _wrong(assigned: Assigned, earlier: Assigned | None, key: Key, place: Place) -> Complaint | None:
    unknown = [slug for slug in assigned.functions if slug not in FUNCTIONS]
    if unknown:
        todo = "`send-campaign functions list` prints the list."
        return Complaint("SC-702", f"no function is called {unknown[0][:40]}", _WHY, todo, place)
    if not key:
        return Complaint("SC-703", "the title is empty", _WHY, "Write the title, or remove the line.", place)
    if not earlier or earlier.pending or assigned.pending:
        return None
    if set(earlier.functions) != set(assigned.functions):
        todo = "Keep one of the two lines; case, accents and gender do not count."
        return Complaint("SC-703", "the title stands twice with other functions", _WHY, todo, place)
    return None


def write_assigned(path: Path, rows: Iterable[Assigned]) -> int:
    """Put the file in place as a whole, or not at all; returns how many titles it has."""
    written = path.with_name(path.name + ".new")
    count = 0
    with writing(path), written.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("title", "functions", "by", "on"))
        for row in rows:
            writer.writerow((row.title, "" if row.pending else " ".join(row.functions) or "-", row.by, row.on))
            count += 1
        file.flush()
        os.fsync(file.fileno())
        written.replace(path)
    return count


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """A file that cannot be written is a complaint about that file."""
    try:
        yield
    except OSError as error:
        raise MissingFile.of(
            "SC-704",
            f"cannot write the file: {error.strerror}",
            why="Nothing was changed: the titles are kept in this file, beside the campaign.",
            todo="Make its folder writable, or work on a copy of the project.",
            place=Place(str(path)),
        ) from error
