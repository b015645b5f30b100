"""One slip of the pen in a long word: "Direcrice", "Reponsable", "markteing".

Only words of eight letters and more are looked at, only one slip, only behind the right first letter, and only where
one known word alone is that near: short words and bolder guesses would turn one trade into another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

__all__ = ["SHORTEST", "neighbours", "respelt"]

SHORTEST = 8


def neighbours(words: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
    """Each long word, and its feminine, by itself and by what is left of it without one letter."""
    found: dict[str, tuple[str, ...]] = {}
    for word in words:
        if len(word) >= SHORTEST and word.isalpha():
            for form in _forms(word):
                for short in _shortened(form):
                    found[short] = (*found.get(short, ()), form)
    return found


def respelt(word: str, near: Mapping[str, tuple[str, ...]]) -> str:
    """The known word that ``word`` is one slip away from; ``word`` itself where there is none, or more than one."""
    if len(word) < SHORTEST - 1:
        return word
    candidates = {known for short in _shortened(word) for known in near.get(short, ()) if _one_slip(word, known)}
    return _masculine(candidates.pop()) if len(candidates) == 1 else word


def _forms(word: str) -> tuple[str, ...]:
    """ "Directeur", and "directric": a slip hides the ending that folds one to the other."""
    return (word, word.removesuffix("teur") + "tric") if word.endswith("teur") else (word,)


def _masculine(form: str) -> str:
    return form.removesuffix("tric") + "teur" if form.endswith("tric") else form


def _shortened(word: str) -> set[str]:
    return {word, *(word[:place] + word[place + 1 :] for place in range(1, len(word)))}


def _one_slip(one: str, other: str) -> bool:
    """One letter too many, too few or wrong, or two neighbours changed about."""
    start = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    ends = (one[start:], other[start:])
    shorter, longer = sorted(ends, key=len)
    if len(shorter) != len(longer):
        return len(longer) - len(shorter) == 1 and longer[1:] == shorter
    return shorter[1:] == longer[1:] or (shorter[2:] == longer[2:] and shorter[:2] == longer[1::-1])
