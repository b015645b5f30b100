"""SIREN and SIRET: the numbers of the French register of firms, told from mistyped ones by their check digit.

What a number says of its firm is little. It does not tell the legal form: a limited company and a craftsman get numbers
of one series, so nothing is derived from one, and a contact whose form nobody wrote down stays unknown.
"""

from __future__ import annotations

import re

__all__ = ["company_number", "luhn", "siren_of"]

_SIREN, _SIRET = 9, 14
_LA_POSTE = "356000000"
_BETWEEN = re.compile(r"[\s.\-\u2011]")


def luhn(digits: str) -> bool:
    """ISO/IEC 7812-1 annex B, which the INSEE uses for SIREN and SIRET."""
    doubled = (int(digit) * (1 + position % 2) for position, digit in enumerate(reversed(digits)))
    return sum(number // 10 + number % 10 for number in doubled) % 10 == 0


def company_number(text: str) -> str | None:
    """The nine or fourteen digits of a SIREN or SIRET as people write them; None for anything else."""
    digits = _BETWEEN.sub("", text)
    if not (digits.isascii() and digits.isdigit() and len(digits) in {_SIREN, _SIRET}):
        return None
    if not luhn(digits[:_SIREN]):
        return None
    return digits if len(digits) == _SIREN or _valid_siret(digits) else None


def siren_of(number: str) -> str:
    """The firm's own number; the rest of a SIRET names one of its places."""
    return number[:_SIREN]


def _valid_siret(digits: str) -> bool:
    """La Poste has more places than the check digit allows: there the sum of all digits is a multiple of five."""
    if luhn(digits):
        return True
    return digits.startswith(_LA_POSTE) and sum(map(int, digits)) % 5 == 0
