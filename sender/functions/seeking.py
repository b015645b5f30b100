"""Who looks for a post holds none.

Here the small words decide that are dropped elsewhere: "DRH en transition" has left, "DRH de transition" works, and
"ingénieur en recherche et développement" looks for no post.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = ["is_seeking"]

_PHRASES = (
    # French
    r"en (?:pleine )?(?:recherche|quete)(?= de\b| d[eu']| acti|\W*$)",
    r"recherche (?:acti|poste|emploi|un |une |cd[id]\b|nouve|mission)",
    r"a l' ?ecoute\b",
    r"en transition\b(?! (?:ener|ecol|num|digi|agri|agro|alim|bas))",
    r"(?:disponible|cherche|sans activite)\b",
    r"en (?:pause|cesure|preavis|conge|arret)\b",
    r"entre deux (?:postes|missions|emplois)\b",
    # English
    r"open ?to ?work\b",
    r"(?:looking|searching|available) for\b",
    r"available (?:now|immediately)\b",
    r"in search of\b",
    r"in (?:career )?transition\b",
    r"between (?:jobs|roles|positions|two)\b",
    r"on (?:sabbatical|the market)\b",
    # German
    r"auf (?:der )?(?:suche|jobsuche|stellensuche)\b",
    r"(?:arbeits|stellen)suchende?\b",
    r"im ruhestand\b",
    # Spanish, Italian, Dutch
    r"en (?:busqueda|busca)\b",
    r"(?:busco|buscando|in cerca|alla ricerca|in pensione|op zoek)\b",
)
_SEEKING = re.compile(rf"\b(?:{'|'.join(_PHRASES)})")
# One of them must be there before the phrases are worth a look.
_KNOWN_BY = """
    recherche quete ecoute transition disponible cherche activite pause cesure preavis conge arret deux work opentowork
    looking searching available search between sabbatical market suche jobsuche stellensuche arbeitssuchend
    arbeitssuchende stellensuchend stellensuchende ruhestand busqueda busca busco buscando cerca ricerca pensione zoek
"""
_WORDS = frozenset(_KNOWN_BY.split())


def is_seeking(words: Iterable[str], text: str) -> bool:
    """Whether ``text``, plain and in small letters, and its ``words``, are those of somebody without a post."""
    return not _WORDS.isdisjoint(words) and _SEEKING.search(text) is not None
