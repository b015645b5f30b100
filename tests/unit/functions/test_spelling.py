"""Slips of the pen: one, in a long word, and never a guess."""

from __future__ import annotations

import pytest

from sender.functions.spelling import neighbours, respelt

NEAR = neighbours({"directeur", "marketing", "responsable", "comptable", "formation", "normation", "rh"})


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("dircteur", "directeur"),  # one letter too few
        ("directteur", "directeur"),  # one too many
        ("directour", "directeur"),  # one wrong
        ("markteing", "marketing"),  # two changed about
        ("directeur", "directeur"),
    ],
)
def test_one_slip_is_mended(written: str, meant: str) -> None:
    """A letter too many, too few or wrong, or two changed about."""
    assert respelt(written, NEAR) == meant


@pytest.mark.parametrize(
    "written",
    [
        "drcteur",  # two slips
        "birecteur",  # another first letter
        "rg",
        "compatible",  # two letters from "comptable"
        "durand",
    ],
)
def test_bolder_guesses_are_left_alone(written: str) -> None:
    """Two slips, another first letter, short words."""
    assert respelt(written, NEAR) == written


def test_two_known_words_as_near_leave_it_open() -> None:
    """Where one cannot tell which was meant, nothing is."""
    near = neighbours({"formation", "foundation", "formatiun"})

    assert respelt("formatimn", near) == "formatimn"
