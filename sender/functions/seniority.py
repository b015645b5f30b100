"""How high somebody stands, which is another thing than what they do."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import cache, lru_cache

from sender.functions.title import key_of, keys_of
from sender.functions.vocabulary import LANGUAGES, sections

__all__ = ["Seniority", "leads", "seniority"]


class Seniority(StrEnum):
    """Ranks, from the top."""

    EXECUTIVE = "executive"
    DIRECTOR = "director"
    HEAD = "head"
    MANAGER = "manager"
    OFFICER = "officer"
    ASSISTANT = "assistant"
    TRAINEE = "trainee"


@cache
def _ranks() -> Mapping[tuple[str, ...], Seniority]:
    ranks: dict[tuple[str, ...], Seniority] = {}
    for language in LANGUAGES:
        for rank, names in sections(language)["seniority"].items():
            for words in keys_of(names):
                ranks.setdefault(words, Seniority(rank))
    return ranks


@lru_cache(maxsize=16_384)
def seniority(title: str | None) -> Seniority | None:
    """The rank that ``title`` names first, a trainee's before all others; None where it names none."""
    words = key_of(title or "")
    ranks = _ranks()
    found: list[Seniority] = []
    start = 0
    while start < len(words):
        for end in range(min(len(words), start + 4), start, -1):
            if rank := ranks.get(words[start:end]):
                found.append(rank)
                break
        else:
            end = start + 1
        start = end
    if Seniority.TRAINEE in found:
        return Seniority.TRAINEE
    return found[0] if found else None


def leads(title: str) -> bool:
    """Whether this is a rank that has assistants of its own."""
    return seniority(title) in (Seniority.EXECUTIVE, Seniority.DIRECTOR)
