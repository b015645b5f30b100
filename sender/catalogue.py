"""Sentences by key, in French or English: one file a language beside the package that says them.

In: a package, a language, a key and the facts of the sentence. Out: the words, with singular and plural as the
language has them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

__all__ = ["Catalogue", "Entry", "Saying", "entries", "spoken"]

Entry = str | Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Saying:
    """What was found, why it matters, what to do; the last two are empty where nothing has to be done."""

    what: str
    why: str = ""
    todo: str = ""

    def __str__(self) -> str:
        """Each part on a line of its own."""
        return "\n".join(filter(None, (self.what, self.why, self.todo)))

    @classmethod
    def of(cls, entry: Mapping[str, str], facts: Mapping[str, object]) -> Saying:
        """An entry with up to three parts; facts stand in braces."""
        return cls(*(entry.get(part, "").format_map(facts) for part in ("what", "why", "todo")))


def spoken(language: str) -> str:
    """The language in which a request for ``language`` is answered: English, where it is not French."""
    return "fr" if language.lower().startswith("fr") else "en"


class Catalogue:
    """The sentences of one package in one language, to be called: ``words("question.send", n=2)``."""

    def __init__(self, package: str, language: str) -> None:
        self.language = language
        self._entries = entries(package, language)

    def __call__(self, key: str, /, **facts: object) -> str:
        """The sentence. ``n`` decides between singular and plural where the sentence has both."""
        entry = self._entries[key]
        if isinstance(entry, str):
            return entry.format_map(facts)
        return entry["one" if self._singular(facts["n"]) else "many"].format_map(facts)

    def __contains__(self, key: str) -> bool:
        return key in self._entries

    def _singular(self, count: object) -> bool:
        """French counts nothing in the singular: 0 contact; English in the plural: 0 contacts."""
        return count == 1 or (self.language == "fr" and count == 0)


@cache
def entries(package: str, language: str) -> Mapping[str, Entry]:
    """Every entry by its dotted key: a sentence, or its two forms ``one`` and ``many``."""
    text = files(package).joinpath(f"{language}.toml").read_text(encoding="utf-8")
    found: dict[str, Entry] = {}
    for section, said in tomllib.loads(text).items():
        found |= {f"{section}.{name}": entry for name, entry in said.items()}
    return found
