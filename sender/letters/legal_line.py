"""The line that French business letters carry about the firm that sends them."""

from __future__ import annotations

from sender.model import LegalIdentity, Sender

NO_BREAK_SPACE = "\u00a0"


def legal_line(sender: Sender, language: str) -> str:
    """Name, form, capital, registry, office, as far as they are given, in one sentence."""
    # Meets: FR F8 (C. com. R123-237, R123-238)
    write = _english if language.lower().startswith("en") else _french
    return ", ".join(part for part in (sender.name, *write(sender.legal)) if part)


def _french(legal: LegalIdentity) -> tuple[str, ...]:
    return (
        _joined(legal.form, legal.capital and f"au capital de {unbreakable(legal.capital)}"),
        _joined(legal.rcs and f"RCS {legal.rcs}", _siren(legal, "SIREN")),
        f"siège social : {legal.registered_office}" if legal.registered_office else "",
        f"adresse postale : {legal.postal_address}" if _other_address(legal) else "",
    )


def _english(legal: LegalIdentity) -> tuple[str, ...]:
    return (
        _joined(legal.form, legal.capital and f"with a share capital of {unbreakable(legal.capital)}"),
        _joined(legal.rcs and f"RCS {legal.rcs}", _siren(legal, "SIREN")),
        f"registered office: {legal.registered_office}" if legal.registered_office else "",
        f"postal address: {legal.postal_address}" if _other_address(legal) else "",
    )


def _joined(*parts: str | None) -> str:
    return " ".join(part for part in parts if part)


def _siren(legal: LegalIdentity, label: str) -> str | None:
    if not legal.siren:
        return None
    number = grouped(legal.siren)
    return number if legal.rcs else f"{label} {number}"


def _other_address(legal: LegalIdentity) -> bool:
    return bool(legal.postal_address) and legal.postal_address != legal.registered_office


def grouped(digits: str) -> str:
    """``123456782`` in threes, held together by no-break spaces."""
    return NO_BREAK_SPACE.join(digits[start : start + 3] for start in range(0, len(digits), 3))


def unbreakable(amount: str) -> str:
    """``50 000 €`` that no line end cuts."""
    return NO_BREAK_SPACE.join(amount.split())
