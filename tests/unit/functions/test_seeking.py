"""Who looks for a post, in five languages, and who only sounds like it."""

from __future__ import annotations

import pytest

from sender.functions.seeking import is_seeking

SEEKING = [
    "drh en recherche d'opportunites",
    "daf en recherche active",
    "directeur commercial a l'ecoute du marche",
    "drh en transition",
    "comptable disponible immediatement",
    "cfo - open to work",
    "#opentowork marketing manager",
    "hr director looking for a new challenge",
    "between jobs",
    "personalleiter auf jobsuche",
    "directora de compras en busqueda activa",
    "controller op zoek naar een baan",
    "direttore finanziario in cerca di nuove opportunita",
    "einkaufsleiter im ruhestand",
    "recherche un poste de juriste",
]
AT_WORK = [
    "drh de transition",
    "manager de transition",
    "ingenieur en recherche et developpement",
    "directeur de la recherche",
    "chef de projet en transition energetique",
    "head of market research",
    "search engine manager",
    "responsable de deux sites",
]


@pytest.mark.parametrize("text", SEEKING)
def test_who_looks_for_a_post(text: str) -> None:
    """They hold none, whatever else they say."""
    assert is_seeking(text.replace("#", "").replace("'", " ").split(), text.replace("#", ""))


@pytest.mark.parametrize("text", AT_WORK)
def test_who_only_sounds_like_it(text: str) -> None:
    """The same words in posts that people hold."""
    assert not is_seeking(text.split(), text)
