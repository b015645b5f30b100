"""How high somebody stands, apart from what they do."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sender.functions import Seniority, seniority


@pytest.mark.parametrize(
    ("title", "rank"),
    [
        ("PDG", Seniority.EXECUTIVE),
        ("Directrice générale adjointe", Seniority.EXECUTIVE),
        ("Managing Director", Seniority.EXECUTIVE),
        ("Geschäftsführer", Seniority.EXECUTIVE),
        ("DRH", Seniority.DIRECTOR),
        ("Directrice des achats", Seniority.DIRECTOR),
        ("HR Director", Seniority.DIRECTOR),
        ("Responsable des achats", Seniority.HEAD),
        ("Head of Legal", Seniority.HEAD),
        ("Purchasing Manager", Seniority.MANAGER),
        ("Chargée de recrutement", Seniority.OFFICER),
        ("Assistante du directeur financier", Seniority.ASSISTANT),
        ("Executive Assistant", Seniority.ASSISTANT),
        ("Stagiaire de direction", Seniority.TRAINEE),
        ("Assistant marketing en alternance", Seniority.TRAINEE),
        ("Notaire", None),
        ("", None),
        (None, None),
    ],
)
def test_rank_of_a_title(title: str | None, rank: Seniority | None) -> None:
    """The first rank named counts, a trainee's before all; a craft has none."""
    assert seniority(title) == rank


@given(st.text(max_size=300))
def test_any_text_has_a_rank_or_none(title: str) -> None:
    """Whatever is in the cell, nothing is raised."""
    assert seniority(title) in (None, *Seniority)
