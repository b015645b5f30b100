"""What a person said about a title wins over the matcher; what a classification says fills its gaps.

``functions-reviewed.csv`` is kept with the campaigns: the titles that the matcher did not know, or misread, with the
functions that somebody assigned. ``functions-imported.csv`` is made by ``import_rome`` or ``import_esco`` from a file
that the user brought.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path

from sender.functions.assigned import Assigned, Key, read_assigned
from sender.functions.match import match
from sender.functions.title import key_of
from sender.model import FunctionMatch

__all__ = ["IMPORTED", "REVIEWED", "Matcher", "unknown_titles", "with_reviewed"]

REVIEWED, IMPORTED = "functions-reviewed.csv", "functions-imported.csv"
Matcher = Callable[[str | None], FunctionMatch]
_PERSON, _CLASSIFICATION = 1.0, 0.8


def with_reviewed(reviewed: Path | None, imported: Path | None = None) -> Matcher:
    """A matcher that asks the reviewed titles first, then the words, then the imported titles."""
    by_person = _looked_at(reviewed)
    by_file = _looked_at(imported)
    if not by_person and not by_file:
        return match

    @lru_cache(maxsize=65_536)
    def matched(title: str | None) -> FunctionMatch:
        key = key_of(title or "")
        if said := by_person.get(key):
            return _as_match(said, _PERSON)
        found = match(title)
        if found.functions or not (listed := by_file.get(key)):
            return found
        return _as_match(listed, _CLASSIFICATION)

    return matched


def _looked_at(path: Path | None) -> dict[Key, Assigned]:
    """What the file says; a title that nobody has looked at yet says nothing, and stands in nobody's way."""
    rows = read_assigned(path) if path else {}
    return {key: row for key, row in rows.items() if not row.pending}


def _as_match(assigned: Assigned, confidence: float) -> FunctionMatch:
    if not assigned.functions:
        return FunctionMatch()
    return FunctionMatch(assigned.functions, (assigned.evidence,), confidence)


def unknown_titles(titles: Iterable[str | None], matcher: Matcher = match) -> list[tuple[str, int]]:
    """The titles that say nothing to ``matcher``, the most frequent first, as they were first written."""
    counts: Counter[tuple[str, ...]] = Counter()
    written: dict[tuple[str, ...], str] = {}
    for title in titles:
        key = key_of(title or "")
        if key and not matcher(title).functions:
            counts[key] += 1
            written.setdefault(key, (title or "").strip())
    return sorted(((written[key], count) for key, count in counts.items()), key=lambda pair: (-pair[1], pair[0]))
