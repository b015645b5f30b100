"""What stands in a cell, as a value: dates, yes and no, countries, languages, kinds of source.

What cannot be understood raises ``UnclearError``: it is reported with its line and counts as missing, never guessed.
"""

from __future__ import annotations

import re
import tomllib
from datetime import date, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from sender import sirene
from sender.contacts.spelling import folded, words
from sender.model import SourceKind, as_topic

Cell = str | int | float | bool | date | time | timedelta | None
"""A cell as the file has it: text in CSV, anything in a spreadsheet."""

_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[ T]\d{1,2}:\d{2}.*)?")
_NUMBERS = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})(?: \d{1,2}:\d{2}.*)?")
_IN_WORDS = re.compile(r"(\d{1,2})(?:er|st|nd|rd|th)? ([a-z]+) (\d{4})")
_SERIAL = re.compile(r"\d{5}(?:[.,]\d+)?")
_EPOCH = date(1899, 12, 30)  # day 0 of spreadsheets, their 29 February 1900 counted in
_YEARS = range(1970, 2100)
# What Excel and LibreOffice, English and French, show where a formula failed.
_ERROR = re.compile(
    r"#(?:N/A|N/D|REF!|VALUE!|VALEUR!|NAME\?|NOM\?|DIV/0!|NUM!|NOMBRE!|NULL!|NUL!|SPILL!|CALC!|FIELD!|BLOCKED!"
    r"|CONNECT!|UNKNOWN!|GETTING_DATA)|Err ?:\d{3}",
    re.IGNORECASE,
)


class UnclearError(ValueError):
    """A cell that does not say what its column asks for. Never holds the cell's text."""


def text_of(cell: Cell) -> str:
    """The cell as a person sees it, without space around it."""
    if isinstance(cell, str):
        text = cell.strip()
        return text if text.isascii() else text.strip("\u200b\ufeff\u2060").strip()
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "oui" if cell else "non"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell)


def is_error(text: str) -> bool:
    """The cell holds no value: a formula of the spreadsheet failed there."""
    return text[:1] in {"#", "E", "e"} and _ERROR.fullmatch(text) is not None


def day(cell: Cell, language: str) -> date:
    """The date in a cell; day before month, as all of Europe writes, and never the American way round.

    In an English campaign 03/04/2026 might be either, so it is unclear there.
    """
    if isinstance(cell, datetime):
        return _sane(cell.date())
    if isinstance(cell, date):
        return _sane(cell)
    text = " ".join(text_of(cell).split())
    try:
        return _sane(_day_in(text, language))
    except (ValueError, LookupError, OverflowError):
        raise UnclearError("date") from None


def _day_in(text: str, language: str) -> date:
    if found := _ISO.fullmatch(text):
        return date(*map(int, found.groups()))
    if found := _NUMBERS.fullmatch(text):
        first, second, year = map(int, found.groups())
        if language == "en" and first <= 12 and first != second:
            raise UnclearError("date")
        return date(year, second, first)
    if _SERIAL.fullmatch(text):
        return _EPOCH + timedelta(days=int(text[:5]))
    if found := _IN_WORDS.fullmatch(words(text)):
        return date(int(found[3]), _table("months_by_name")[found[2]], int(found[1]))
    raise UnclearError("date")


def _sane(found: date) -> date:
    if found.year not in _YEARS:
        raise UnclearError("date")
    return found


def flag(cell: Cell) -> bool:
    """Yes or no."""
    if isinstance(cell, bool):
        return cell
    text = text_of(cell)
    if (folded(text) or text) in _table("yes"):
        return True
    if folded(text) in _table("no"):
        return False
    raise UnclearError("flag")


def country(cell: Cell) -> str:
    """The ISO 3166-1 code of a country's name or code."""
    try:
        return _countries()[folded(text_of(cell))]
    except KeyError:
        raise UnclearError("country") from None


def language(cell: Cell) -> str:
    try:
        return str(_table("languages")[folded(text_of(cell))])
    except KeyError:
        raise UnclearError("language") from None


def source(cell: Cell) -> SourceKind:
    try:
        return SourceKind(_table("sources")[folded(text_of(cell))])
    except KeyError:
        raise UnclearError("source") from None


def company_number(cell: Cell) -> str:
    """A SIREN or SIRET; spreadsheets turn it into a number and drop the zeros that it may begin with."""
    text = text_of(cell)
    if isinstance(cell, int | float) and text.isdigit():
        text = text.zfill(9 if len(text) <= 9 else 14)
    number = sirene.company_number(text)
    if number is None:
        raise UnclearError("company_number")
    return number


def topics(cell: Cell) -> tuple[str, ...]:
    """Several in one cell, as people write them: ``RGPD ; paie``."""
    parts = (as_topic(part) for part in re.split("[;,|\n]", text_of(cell)))
    return tuple(dict.fromkeys(part for part in parts if part))


@cache
def _table(name: str) -> dict[str, Any]:
    tables = tomllib.loads(files("sender.contacts").joinpath("values.toml").read_text(encoding="utf-8"))
    if name == "months_by_name":
        return {folded(word): int(month) for month, names in tables["months"].items() for word in names}
    chosen = tables[name]
    if isinstance(chosen, list):
        return {folded(word) or word: True for word in chosen}
    return {folded(word) or word: key for key, names in chosen.items() for word in names}


@cache
def _countries() -> dict[str, str]:
    known: dict[str, str] = {}
    for line in files("sender.contacts").joinpath("countries.txt").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            code, _, names = line.partition(": ")
            known.update({folded(name): code for name in (code, *names.split("; "))})
    return known
