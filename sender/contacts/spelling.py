"""How words are folded so that ``Société``, ``SOCIETE`` and `` societe `` are one."""

from __future__ import annotations

import re
import unicodedata
from difflib import get_close_matches
from functools import lru_cache

_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "ł": "l", "&": " et "})
_NOT_WORD = re.compile(r"[^0-9a-z]+")


def words(text: str) -> str:
    """Lower case ASCII words with single spaces; nothing else of ``text`` is left."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(_LIGATURES))
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    return _NOT_WORD.sub(" ", bare).strip()


@lru_cache(maxsize=4096)
def folded(text: str) -> str:
    """As ``words``, without spaces: ``E-mail``, ``e mail`` and ``EMAIL`` are one."""
    return words(text).replace(" ", "")


def nearest(text: str, known: dict[str, str]) -> str | None:
    """The value in ``known`` (folded -> as shown) that is spelled most like ``text``."""
    found = get_close_matches(folded(text), known, n=1, cutoff=0.7)
    return known[found[0]] if found else None
