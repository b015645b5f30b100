"""ESCO occupations (European Commission) as assigned titles.

The file is the user's: "occupations_xx.csv" of any language, from esco.ec.europa.eu; where its titles are shown, say
"This service uses the ESCO classification of the European Commission". Each occupation has a unit group of ISCO-08;
only groups that belong to one job function are taken, since the others leave open which of several it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from sender.functions.assigned import Assigned, rows_of
from sender.functions.title import key_of
from sender.functions.vocabulary import FUNCTIONS

__all__ = ["functions_by_isco", "read_esco"]

SOURCE = "European Commission, ESCO"
_COLUMNS = ("iscoGroup", "preferredLabel", "altLabels")


@cache
def functions_by_isco() -> Mapping[str, str]:
    """Unit group -> function, for the groups that belong to one function only."""
    found: dict[str, list[str]] = {}
    for function in FUNCTIONS.values():
        for group in function.isco:
            found.setdefault(group, []).append(function.slug)
    return {group: slugs[0] for group, slugs in found.items() if len(slugs) == 1}


def read_esco(occupations: Path) -> Iterator[Assigned]:
    """Each name of each occupation, once; a name of occupations with different functions is left out."""
    found: dict[tuple[str, ...], Assigned | None] = {}
    for _, row in rows_of(occupations, _COLUMNS):
        slug = functions_by_isco().get(row["iscoGroup"].strip())
        for title in (row["preferredLabel"], *row["altLabels"].splitlines()):
            key = key_of(title)
            if not key or slug is None:
                continue
            earlier = found.setdefault(key, Assigned(title.strip(), (slug,), by=SOURCE))
            if earlier and earlier.functions != (slug,):
                found[key] = None
    yield from (assigned for assigned in found.values() if assigned)
