"""What is said of contact files, French or English: one catalogue a language, both with the same keys."""

from __future__ import annotations

from sender.catalogue import Catalogue, spoken

__all__ = ["Words"]


class Words(Catalogue):
    """The sentences of one language; of any other than French, the English ones."""

    def __init__(self, language: str) -> None:
        super().__init__(__name__, spoken(language))
