"""What the commands say to people, in the language of the settings.

In: a key of the catalogue and the facts of its sentence. Out: the words, with singular and plural as the language
has them. One catalogue a language (``en.toml``, ``fr.toml``), all with the same keys. Errors (``SC-...``) are said
where they are raised, and the reasons of the gates in ``sender.gates.sentences``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

__all__ = ["LANGUAGES", "Words", "catalogue"]

LANGUAGES = ("en", "fr")
FORMS = {"one", "many"}

Entry = str | Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Words:
    """The catalogue of one language, to be called: ``words("question.send", n=2)``."""

    language: str

    def __call__(self, key: str, /, **facts: object) -> str:
        """The sentence. ``n`` decides between singular and plural where the sentence has both."""
        entry = catalogue(self.language)[key]
        if isinstance(entry, str):
            return entry.format_map(facts)
        return entry["one" if self._singular(facts["n"]) else "many"].format_map(facts)

    def column(self, *keys: str) -> tuple[str, ...]:
        """Labels that stand below each other, padded to one width."""
        labels = [self(key) for key in keys]
        width = max(map(len, labels))
        return tuple(label.ljust(width) for label in labels)

    def _singular(self, count: object) -> bool:
        """French counts nothing in the singular: 0 contact; English in the plural: 0 contacts."""
        return count == 1 or (self.language == "fr" and count == 0)


@cache
def catalogue(language: str) -> Mapping[str, Entry]:
    """Every entry by its dotted key: a sentence, or its two forms ``one`` and ``many``."""
    text = files(__name__).joinpath(f"{language}.toml").read_text(encoding="utf-8")
    found: dict[str, Entry] = {}
    for section, entries in tomllib.loads(text).items():
        found |= {f"{section}.{name}": entry for name, entry in entries.items()}
    return found
