"""Which column holds what: headers in French and English, or the ``columns`` that the campaign file names.

The words are a table, ``headers.toml``. A column that no field knows stays with the contact under its own name.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from sender.contacts.complaints import wrong
from sender.contacts.spelling import folded, nearest, words

_TAKEN = frozenset({"id", "email", "name", "form", "provenance", "consent", "sale", "more"})
_SHOWN = 12  # headers named in a complaint


@dataclass(frozen=True, slots=True)
class Columns:
    """Where each field stands (0 is the first column), and the other columns by the name that templates use."""

    fields: Mapping[str, int]
    more: Mapping[str, int]
    headers: tuple[str, ...]
    notes: tuple[str, ...] = ()


def score(row: Sequence[str]) -> int:
    """How much a row looks like a header: an e-mail column counts more than all others."""
    found = {field for cell in row if (field := _field_of().get(folded(cell)))}
    return len(found) + 100 * ("email" in found)


def understand(
    row: Sequence[str], mapping: Mapping[str, str], path: Path, line: int, below: Sequence[Sequence[str]] = ()
) -> Columns:
    """The columns of the file whose header is ``row``, some rows ``below`` it. Raises InputError."""
    headers = tuple(" ".join(cell.split()) for cell in row)
    _refuse_data(headers, path, line)
    _refuse_doubles(headers, path, line)
    fields, notes = _found(headers, _mapped(headers, mapping, path, line), path, line)
    if "email" not in fields:
        raise _no_address_column(headers, path, line, below)
    more = _others(headers, set(fields.values()))
    return Columns(fields, more, headers, tuple(notes))


def _refuse_data(headers: Sequence[str], path: Path, line: int) -> None:
    if any("@" in header for header in headers):
        raise wrong(
            "SC-302",
            path,
            why="Its first line is an address, not the name of a column, so nothing says what the columns hold.",
            todo="Put a line above it such as  E-mail;Prénom;Nom;Société;Fonction;Pays",
            line=line,
        )


def _refuse_doubles(headers: Sequence[str], path: Path, line: int) -> None:
    seen: set[str] = set()
    for header in filter(None, headers):
        if folded(header) in seen:
            raise wrong(
                "SC-305",
                path,
                f"two columns are called {_short(header)!r}",
                why="Nobody can tell which of the two is meant.",
                todo="Rename or remove one of them.",
                line=line,
            )
        seen.add(folded(header) or header)


def _mapped(headers: Sequence[str], mapping: Mapping[str, str], path: Path, line: int) -> dict[str, int]:
    """What the campaign file says about columns wins over every header."""
    positions = {header: index for index, header in enumerate(headers) if header}
    by_sound = {folded(header): index for header, index in positions.items()}
    chosen: dict[str, int] = {}
    for field, header in mapping.items():
        if field not in _aliases():
            raise _no_such_field(field, path)
        index = positions.get(header, by_sound.get(folded(header)))
        if index is None:
            raise _no_such_header(header, headers, path, line)
        chosen[field] = index
    return chosen


def _found(headers: Sequence[str], fields: dict[str, int], path: Path, line: int) -> tuple[dict[str, int], list[str]]:
    by_sound = {folded(header): index for index, header in enumerate(headers) if folded(header)}
    taken, notes = set(fields.values()), []
    for field, aliases in _aliases().items():
        if field in fields:
            continue
        places = [by_sound[alias] for alias in aliases if by_sound.get(alias, -1) not in {-1, *taken}]
        places = list(dict.fromkeys(places))
        if field == "email" and len(places) > 1:
            raise _several_address_columns([headers[index] for index in places], path, line)
        if places:
            fields[field] = places[0]
            notes += [
                f"{headers[index]!r} is kept as a column of its own: {headers[places[0]]!r} is the {field}"
                for index in places[1:]
            ]
    return fields, notes


def _others(headers: Sequence[str], taken: set[int]) -> dict[str, int]:
    """The columns that no field knows, under a name that a template can use."""
    more: dict[str, int] = {}
    for index, header in enumerate(headers):
        if index not in taken and header:
            more[_free_name(header, more)] = index
    return more


def _free_name(header: str, names: Mapping[str, int]) -> str:
    name = words(header).replace(" ", "_") or "column"
    if name[0].isdigit() or name in _TAKEN or name in _aliases():
        name = f"column_{name}"
    number, wanted = 1, name
    while name in names:
        number += 1
        name = f"{wanted}_{number}"
    return name


# --- complaining


def _no_address_column(headers: Sequence[str], path: Path, line: int, below: Sequence[Sequence[str]] = ()) -> Exception:
    like = next((header for header in headers if nearest(header, _email_headers())), None) or _holding_addresses(
        headers, below
    )
    hint = f"Did you mean {_short(like)!r}? " if like else ""
    example = f"columns: {{email: {_short(like or '...')}}}"
    return wrong(
        "SC-303",
        path,
        why=f"The columns are: {_list(headers)}.",
        todo=f"{hint}Rename the column to  E-mail , or write under audience:  {example}",
        line=line,
    )


def _holding_addresses(headers: Sequence[str], below: Sequence[Sequence[str]]) -> str | None:
    """The column in which most cells look like addresses."""
    for index, header in enumerate(headers):
        if header and 2 * sum("@" in row[index] for row in below if index < len(row)) > len(below):
            return header
    return None


def _several_address_columns(found: Sequence[str], path: Path, line: int) -> Exception:
    return wrong(
        "SC-304",
        path,
        why=f"These look like it: {_list(found)}. What people were told holds for the address they gave.",
        todo=f"Say which one under audience:  columns: {{email: {_short(found[0])}}}",
        line=line,
    )


def _no_such_field(field: str, path: Path) -> Exception:
    like = nearest(field, {folded(known): known for known in _aliases()})
    return wrong(
        "SC-306",
        path,
        f"audience.columns names {_short(field)!r}, which contacts do not have",
        why="The column would be read under a name that nothing uses.",
        todo=f"Did you mean {like!r}?" if like else f"The fields are: {', '.join(_aliases())}.",
    )


def _no_such_header(header: str, headers: Sequence[str], path: Path, line: int) -> Exception:
    like = nearest(header, {folded(known): known for known in headers if known})
    return wrong(
        "SC-307",
        path,
        f"there is no column {_short(header)!r}",
        why=f"audience.columns in the campaign file names it. The columns are: {_list(headers)}.",
        todo=f"Did you mean {_short(like)!r}?" if like else "Correct  columns  in the campaign file.",
        line=line,
    )


def _list(headers: Sequence[str]) -> str:
    shown = [_short(header) for header in headers if header]
    return ", ".join(shown[:_SHOWN]) + (", ..." if len(shown) > _SHOWN else "")


def _short(header: str) -> str:
    return header if len(header) <= 40 else header[:39] + "…"


# --- the words


@cache
def _aliases() -> dict[str, tuple[str, ...]]:
    """Field -> folded headers, the likeliest first."""
    table = tomllib.loads(files("sender.contacts").joinpath("headers.toml").read_text(encoding="utf-8"))
    return {field: tuple(dict.fromkeys((*map(folded, names), folded(field)))) for field, names in table.items()}


@cache
def _field_of() -> dict[str, str]:
    return {alias: field for field, aliases in _aliases().items() for alias in aliases}


@cache
def _email_headers() -> dict[str, str]:
    return {alias: alias for alias in _aliases()["email"]}
