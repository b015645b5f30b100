"""What the commands say to people, in the language of the settings.

In: a key of the catalogue and the facts of its sentence. Out: the words, with singular and plural as the language
has them. One catalogue a language (``en.toml``, ``fr.toml``), all with the same keys. Errors (``SC-...``) are said
where they are raised, and the reasons of the gates in ``sender.gates.sentences``.
"""

from __future__ import annotations

from collections.abc import Mapping

from sender.catalogue import Catalogue, Entry, entries

__all__ = ["LANGUAGES", "Words", "catalogue"]

LANGUAGES = ("en", "fr")
FORMS = {"one", "many"}


class Words(Catalogue):
    """The catalogue of one language, to be called: ``words("question.send", n=2)``."""

    def __init__(self, language: str) -> None:
        super().__init__(__name__, language)

    def column(self, *keys: str) -> tuple[str, ...]:
        """Labels that stand below each other, padded to one width."""
        labels = [self(key) for key in keys]
        width = max(map(len, labels))
        return tuple(label.ljust(width) for label in labels)


def catalogue(language: str) -> Mapping[str, Entry]:
    """Every entry by its dotted key: a sentence, or its two forms ``one`` and ``many``."""
    return entries(__name__, language)
