"""ROME 4.0 titles (France Travail) as assigned titles.

The file is the user's: "unix_referentiel_appellation_..." from data.gouv.fr, Licence Ouverte 2.0, which asks for the
words "France Travail, ROME 4.0" where the titles are shown. It is not part of this program; which functions belong
to which of its codes is (``words/rome.toml``).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from sender.functions.assigned import Assigned, rows_of
from sender.functions.title import key_of
from sender.functions.vocabulary import sections

__all__ = ["functions_of_code", "read_rome"]

SOURCE = "France Travail, ROME 4.0"
_COLUMNS = ("libelle_appellation_long", "code_rome", "code_rome_parent")


@cache
def functions_of_code(code: str) -> tuple[str, ...]:
    """The functions of the people under a ROME code; the longest listed beginning decides."""
    codes = sections("rome")["codes"]
    for length in range(len(code), 0, -1):
        if code[:length] in codes:
            return tuple(codes[code[:length]].split())
    return ()


def read_rome(titles: Path) -> Iterator[Assigned]:
    """Each title whose code has functions, once; a title under codes of different functions is left out."""
    found: dict[tuple[str, ...], Assigned | None] = {}
    for _, row in rows_of(titles, _COLUMNS):
        functions = functions_of_code(row["code_rome_parent"] or row["code_rome"])
        title = row["libelle_appellation_long"].strip()
        key = key_of(title)
        if key and functions:
            earlier = found.setdefault(key, Assigned(title, functions, by=SOURCE))
            if earlier and earlier.functions != functions:
                found[key] = None
    yield from (assigned for assigned in found.values() if assigned)
