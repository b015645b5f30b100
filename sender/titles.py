"""Titles that a person has assigned to job functions once, in a file kept with the campaigns (``titles.yaml``)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sender.errors import Complaint, InputError
from sender.functions import FUNCTIONS, match
from sender.model import FunctionMatch
from sender.yamlfile import YamlDocument, read

COMPLAINTS = {"SC-180": "The file of assigned titles is wrong"}

FILE = "titles.yaml"
_HEAD = """\
# Titles that the program does not understand, the most frequent first. Name the functions that such a title means:
#   "Ninja des contrats": [legal]
# [] stays unknown. The list of functions: send-campaign functions list
titles:
"""


@dataclass(frozen=True, slots=True)
class Titles:
    """What people have decided; ``assigned`` holds folded titles, ``written`` them as they stand in the file."""

    path: Path
    written: Mapping[str, tuple[str, ...]]

    @property
    def assigned(self) -> Mapping[str, FunctionMatch]:
        return {
            folded(title): FunctionMatch(functions, (FILE,), 1.0)
            for title, functions in self.written.items()
            if functions
        }

    def holds(self, title: str) -> bool:
        return folded(title) in {folded(one) for one, functions in self.written.items() if functions}


def folded(title: str) -> str:
    return " ".join(title.casefold().split())


def titles_beside(campaign: Path) -> Titles:
    """The file of the campaign's folder; none is as good as an empty one. Raises InputError with every complaint."""
    path = campaign.absolute().parent / FILE
    if not path.is_file():
        return Titles(path, {})
    document = read(path)
    data = document.data
    entries = (data.get("titles") or {}) if isinstance(data, dict) and set(data) == {"titles"} else None
    if not isinstance(entries, dict):
        raise InputError(
            _wrong(document, (), "it holds one mapping, called titles", "Write it anew: functions review.")
        )
    InputError.unless_empty(_complaints(document, entries))
    return Titles(path, {str(title): tuple(functions) for title, functions in entries.items()})


def _complaints(document: YamlDocument, entries: Mapping[object, object]) -> Iterable[Complaint]:
    for title, functions in entries.items():
        place = ("titles", str(title))
        if not isinstance(functions, list):
            yield _wrong(document, place, "the functions of a title are a list", "Write [legal], or [] for unknown.")
            continue
        for function in functions:
            if function not in FUNCTIONS:
                yield _wrong(document, place, f"no function is called {function}", "See: send-campaign functions list")


def _wrong(document: YamlDocument, place: tuple[str, ...], what: str, todo: str) -> Complaint:
    why = "A title assigned wrongly would mail people whom the offer does not concern."
    return Complaint("SC-180", what, why, todo, document.place(place))


def unknown(titles: Iterable[str | None], known: Titles) -> list[tuple[str, int]]:
    """Titles that neither the matcher nor the file understands, the most frequent first."""
    counted: Counter[str] = Counter()
    spelled: dict[str, str] = {}
    for title in titles:
        if title and title.strip() and not match(title).functions and not known.holds(title):
            counted[folded(title)] += 1
            spelled.setdefault(folded(title), " ".join(title.split()))
    return [(spelled[key], count) for key, count in sorted(counted.items(), key=lambda one: (-one[1], one[0]))]


def write(known: Titles, found: Iterable[tuple[str, int]]) -> None:
    """Write the file anew: what was assigned stays, what is unknown waits for a person."""
    lines = [f"  {_quoted(title)}: [{', '.join(functions)}]" for title, functions in known.written.items() if functions]
    lines += [f"  {_quoted(title)}: []  # {count}" for title, count in found]
    draft = known.path.with_suffix(".yaml.new")
    draft.write_text(_HEAD + "\n".join(lines or ["  {}"]) + "\n", encoding="utf-8")
    draft.replace(known.path)


def _quoted(title: str) -> str:
    return json.dumps(title, ensure_ascii=False)
