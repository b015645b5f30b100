"""What the law asks for one pair of countries, each answer with the rule it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, TypeVar

from sender.model import AddressClass

T = TypeVar("T")


class Permission(StrEnum):
    """May an advertising mail go to a class of address without prior relation? The strictest first."""

    DENY = "deny"
    IN = "in"  # after consent
    OUT = "out"  # until objection
    EXEMPT = "exempt"  # neither consent nor objection is asked for

    @property
    def strictness(self) -> int:
        """The greater, the less is allowed."""
        return _STRICTNESS[self]


_STRICTNESS = {permission: place for place, permission in enumerate(reversed(Permission))}


@dataclass(frozen=True, slots=True)
class Ruling(Generic[T]):
    """An answer, the citation shown to people, and the pack it came from (``FR@2026-11-23``)."""

    value: T
    rule: str
    pack: str = ""


NO_SALE_LIMIT: Ruling[int | None] = Ruling(None, "no pack sets a limit")


@dataclass(frozen=True)
class Rules:
    """The rules of all packs that apply, the strictest of each.

    ``published_opens``: classes to which an address published for such offers opens the way although consent is
    asked for. ``identity``: elements the sender must show, with citation; ``banned_sectors`` likewise.
    ``sale_max_age_days``: how old the sale of a soft opt-in may be. ``registries``: public lists of people who refuse
    advertising, with the days for which an answer may be relied on.
    """

    packs: tuple[str, ...]
    permissions: Mapping[AddressClass, Ruling[Permission]]
    soft_opt_in: Ruling[bool]
    identity: Mapping[str, str]
    ad_label: Ruling[str | None]
    retention_days: Ruling[int]
    max_mails_per_year: Ruling[int | None]
    tracking_needs_consent: Ruling[bool]
    published_opens: frozenset[AddressClass]
    banned_sectors: Mapping[str, str]
    sale_max_age_days: Ruling[int | None] = NO_SALE_LIMIT
    registries: Mapping[str, Ruling[int]] = field(default_factory=dict)

    def permission(self, address_class: AddressClass) -> Ruling[Permission]:
        """What is allowed towards ``address_class``; a class without an answer is denied."""
        return self.permissions.get(address_class, _DENIED)


_DENIED = Ruling(Permission.DENY, "A0 3 (no rule for this class of address)")
