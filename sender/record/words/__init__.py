"""What the papers of the record say, French or English: one catalogue a language, both with the same keys."""

from __future__ import annotations

from sender.catalogue import Catalogue

__all__ = ["Words"]


class Words(Catalogue):
    """The sentences of one language, to be called: ``words("campaign.sums", n=2)``."""

    def __init__(self, language: str) -> None:
        super().__init__(__name__, language)
