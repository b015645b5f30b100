"""Does a text show a value? Blind to spaces, case, accents and punctuation, not to what is said."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_FORMS = {
    "sas": "societe par actions simplifiee",
    "sasu": "societe par actions simplifiee unipersonnelle",
    "sarl": "societe a responsabilite limitee",
    "eurl": "entreprise unipersonnelle a responsabilite limitee",
    "sa": "societe anonyme",
    "snc": "societe en nom collectif",
    "scp": "societe civile professionnelle",
    "selarl": "societe d exercice liberal a responsabilite limitee",
    "ei": "entrepreneur individuel",
}
_NOT_WORDS = re.compile(r"[^a-z0-9]+")
_INITIALS = re.compile(r"\b(?:[A-Za-z]\.){2,}")


@lru_cache(maxsize=512)
def folded(text: str) -> str:
    """Lower-case words without accents, one space between: ``S.A.S. Éluard`` is ``sas eluard``."""
    joined = _INITIALS.sub(lambda found: found[0].replace(".", "") + " ", text)
    plain = "".join(c for c in unicodedata.normalize("NFKD", joined) if unicodedata.category(c) not in {"Mn", "Cf"})
    letters = plain.casefold().replace("œ", "oe").replace("æ", "ae")
    if not letters.isascii():
        return " ".join("".join(c if c.isalnum() else " " for c in letters).split())
    return _NOT_WORDS.sub(" ", letters).strip()


def words(value: str, text: str) -> bool:
    """All the value's words, one after the other."""
    wanted = folded(value)
    return bool(wanted) and f" {wanted} " in f" {folded(text)} "


def place(value: str, text: str) -> bool:
    """An address; a mail to the same country may leave the country out."""
    return words(value, text) or (folded(value).endswith(" france") and words(folded(value)[: -len(" france")], text))


def legal_form(value: str, text: str) -> bool:
    """The form as given, or the other of its two ways to be written (``SAS``)."""
    form = folded(value)
    other = _FORMS.get(form) or next((short for short, long in _FORMS.items() if long == form), None)
    return words(form, text) or (other is not None and words(other, text))


def number(value: str, text: str) -> bool:
    """Digits in a row, grouped or not, that are no part of a longer number (``FR 12 123456782``)."""
    digits = re.sub(r"\D", "", value)
    return bool(digits) and bool(re.search(rf"(?<!\d){_grouped(digits)}(?!\d)", unicodedata.normalize("NFKC", text)))


def amount(value: str, text: str) -> bool:
    """A sum of money, however its thousands are set apart, with or without cents: ``50 000 €``, ``50.000,00 EUR``."""
    whole = re.sub(r"[.,]\d{1,2}(?!\d)", "", unicodedata.normalize("NFKC", value))
    digits = re.sub(r"\D", "", whole)
    if not digits:
        return words(value, text)
    pattern = rf"(?<!\d){_grouped(digits)}(?:[.,]\d{{1,2}})?\s*(?:€|eur|[$£]|chf|usd|gbp)"
    before = rf"(?:€|eur|[$£]|chf|usd|gbp)\s*{_grouped(digits)}(?!\d)"
    return bool(re.search(f"{pattern}|{before}", unicodedata.normalize("NFKC", text), re.IGNORECASE))


def registry(value: str, text: str) -> bool:
    """``RCS`` with the town: ``RCS Paris 123 456 782``, ``immatriculée au R.C.S. de Paris``."""
    town = re.sub(r"^(?:rcs|registre du commerce et des societes)\s+(?:de |d )?", "", folded(value))
    town = re.sub(r"\s+(?:[abcd]\s+)?[\d ]{9,}$", "", town)
    if not town or town == "rcs":
        return False
    mention = r"\b(?:rcs|registre du commerce(?: et des societes)?)\b"
    known = re.escape(town)
    return bool(re.search(rf"{mention}.{{0,40}}?\b{known}\b|\b{known}\b(?: [abcd])? rcs\b", folded(text)))


def _grouped(digits: str) -> str:
    return r"[\s.,'’]?".join(digits)
