"""What a pack allows, as numbers: the greater, the more. A newer version that allows more has to be accepted again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sender.law.pack import Pack
from sender.law.rules import Permission

__all__ = ["allowances", "loosened"]

_NO_LIMIT = 100_000  # days, or mails a year
_STRICTEST = Permission.DENY.strictness


def allowances(pack: Pack) -> dict[str, int]:
    """Everything that decides over a mail; what a pack asks for counts below nought, what it does not say is nought."""
    return dict(_allowed(pack)) | dict(_asked(pack))


def loosened(old: Mapping[str, int], new: Mapping[str, int]) -> tuple[str, ...]:
    """In what the new version allows more than the old one."""
    return tuple(sorted(name for name in {*old, *new} if new.get(name, 0) > old.get(name, 0)))


def _allowed(pack: Pack) -> Iterator[tuple[str, int]]:
    for address_class, said in pack.permission.items():
        yield f"permission.{address_class.value}", _STRICTEST - said.value.strictness
    if pack.soft_opt_in and pack.soft_opt_in.allowed:
        yield "soft_opt_in", pack.soft_opt_in.max_age_days or _NO_LIMIT
    for address_class in pack.published_opens.classes if pack.published_opens else ():
        yield f"published_opens.{address_class.value}", 1
    if pack.retention:
        yield "retention", pack.retention.prospect_days


def _asked(pack: Pack) -> Iterator[tuple[str, int]]:
    for element in pack.identity:
        yield f"identity.{element}", -1
    for sector in pack.banned_sectors:
        yield f"banned_sectors.{sector}", -1
    for registry in pack.registries:
        yield f"registries.{registry.id}", registry.days - _NO_LIMIT
    if pack.ad_label and pack.ad_label.where == "subject":
        yield "ad_label", -1
    if pack.frequency:
        yield "frequency", pack.frequency.max_per_year - _NO_LIMIT
    if pack.tracking:
        yield "tracking.open", -1 if pack.tracking.open == "consent" else 0
        yield "tracking.click", -1 if pack.tracking.click == "consent" else 0
