"""What may be wrong with a contact file as a whole. A single bad row is not an error but a ``Rejected``."""

from __future__ import annotations

from pathlib import Path

from sender.errors import InputError, MissingFile, Place, SenderError

__all__ = ["COMPLAINTS", "missing", "missing_list", "wrong"]

COMPLAINTS: dict[str, str] = {
    "SC-300": "the contact file is not there",
    "SC-301": "the contact file cannot be read",
    "SC-302": "the contact file has no header line",
    "SC-303": "no column with e-mail addresses",
    "SC-304": "several columns with e-mail addresses",
    "SC-305": "two columns have the same header",
    "SC-306": "audience.columns names a field that contacts do not have",
    "SC-307": "audience.columns names a header that the file does not have",
    "SC-308": "this is neither a text table nor a workbook",
    "SC-309": "a cell or line is too long",
    "SC-310": "the workbook cannot be read",
    "SC-311": "the workbook is too large",
    "SC-312": "a quotation mark is never closed",
    "SC-313": "the contact file has a header line and nobody below it",
    "SC-314": "the exclusion list names nobody",
    "SC-315": "the exclusion list has no such column",
    "SC-316": "the exclusion list is not there",
    "SC-341": "the file that says what the columns hold cannot be read",
    "SC-340": "a card of the address book has no end",
}


def wrong(code: str, path: Path, what: str = "", *, why: str, todo: str, line: int | None = None) -> SenderError:
    return InputError.of(code, what or COMPLAINTS[code], why=why, todo=todo, place=Place(str(path), line))


def missing(path: Path) -> SenderError:
    return MissingFile.of(
        "SC-300",
        COMPLAINTS["SC-300"],
        why="Nobody can be written to without it.",
        todo="Correct  contacts: ...  under audience, or put the file there.",
        place=Place(str(path)),
    )


def missing_list(path: Path) -> SenderError:
    return MissingFile.of(
        "SC-316",
        COMPLAINTS["SC-316"],
        why="The people on it would be written to.",
        todo="Look where the list was saved, and name it again.",
        place=Place(str(path)),
    )
