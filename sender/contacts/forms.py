"""Legal forms as written (``S.A.R.L.``, ``auto-entrepreneur``, ``GmbH``) and what they mean for an address.

The list with its reasons is ``forms.toml``. A form that is not on it is unknown, never a guess.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from sender.contacts.spelling import folded
from sender.model import CompanyForm

__all__ = ["FormFound", "form_in_name", "meaning"]

_TAIL = re.compile(r"[\s,(\-–]+")
_SMALL = frozenset({"Ltd", "Inc", "Srl", "Lda"})
_LONGEST_TAIL = 4  # "GmbH & Co. KG" has four words


@dataclass(frozen=True, slots=True)
class FormFound:
    """A legal form read off a company's name: as it stands there, and what it means."""

    written: str
    form: CompanyForm


@lru_cache(maxsize=4096)
def meaning(written: str) -> CompanyForm:
    """What ``written``, and nothing else in the cell, says."""
    # Meets: A0 3 (class sole_trader: INSEE 1000, UK partnership)
    return _forms("whole").get(folded(written), CompanyForm.UNKNOWN)


@lru_cache(maxsize=4096)
def form_in_name(company: str) -> FormFound | None:
    """The form at the end of a company's name (``Moreau SARL``) or before it (``SARL Moreau``)."""
    parts = [part for part in _TAIL.split(company.strip()) if part]
    for length in range(min(_LONGEST_TAIL, len(parts) - 1), 0, -1):
        for written, known in ((" ".join(parts[-length:]), _forms("tail")), (" ".join(parts[:length]), _forms("head"))):
            form = known.get(folded(written))
            if form and (length > 1 or _looks_like_a_form(written)):
                return FormFound(written.strip(",()"), form)
    return None


def _looks_like_a_form(word: str) -> bool:
    """``SAS`` is a form and ``Sas`` a lock: a short word counts in capitals, but for those never written so."""
    letters = [char for char in word if char.isalpha()]
    return sum(char.isupper() for char in letters) >= 2 or len(letters) > 3 or word.strip(".") in _SMALL


@cache
def _forms(place: str) -> dict[str, CompanyForm]:
    """Folded form -> meaning: of all forms (``whole``), or of those that stand at the ``tail`` or ``head`` of names."""
    groups = tomllib.loads(files("sender.contacts").joinpath("forms.toml").read_text(encoding="utf-8"))["forms"]
    return {
        folded(name): CompanyForm(group["means"])
        for group in groups
        if place == "whole" or group.get(place, False)
        for name in group["names"]
    }
