"""How fast mails may leave: one rate for all, limits by the receiver's domain, and the warm-up of a new domain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sender.address import AddressError, parse
from sender.rates import Limits, Rate, WarmUp, parse_limits, parse_rate, parse_warm_up
from sender.settings.complaints import SettingFault
from sender.settings.tables import pairs_of

__all__ = ["Paces", "parse_paces", "rate_of", "warm_up_of"]


@dataclass(frozen=True, slots=True)
class Paces:
    """``limits``: by domain, lower case, in ASCII; no limits lift those that are known of it."""

    limits: Mapping[str, Limits] = field(default_factory=dict)

    def __str__(self) -> str:
        return ", ".join(f"{domain}={limits}" for domain, limits in self.limits.items())


def rate_of(value: object) -> Rate:
    if isinstance(value, Rate):
        return value
    try:
        return parse_rate(str(value))
    except ValueError:
        raise _bad("this is no rate") from None


def parse_paces(value: object) -> Paces:
    """``free.fr=100/hour, orange.fr=500/hour 2 at once``, or a table of the same."""
    if isinstance(value, Paces):
        return value
    found: dict[str, Limits] = {}
    for domain, said in pairs_of(value):
        name = _domain(domain)
        if name in found:
            raise _bad(f"{name} stands there twice")
        try:
            found[name] = parse_limits(str(said))
        except ValueError:
            raise _bad(f"what is said of {name} is no pace") from None
    return Paces(found)


def warm_up_of(value: object) -> WarmUp:
    if isinstance(value, WarmUp):
        return value
    try:
        return parse_warm_up(str(value))
    except ValueError:
        why = "A new domain that sends much at once is taken for a spammer's."
        todo = "Write mails of the first day and growth, like  50 +50%"
        raise SettingFault("this is no warm-up", why, todo) from None


def _domain(text: str) -> str:
    try:
        return parse(f"a@{text}").domain
    except AddressError:
        raise _bad(f"{text[:40]!r} is no domain") from None


def _bad(what: str) -> SettingFault:
    return SettingFault(
        what,
        "Receivers that get more than they take slow everything down, or refuse it.",
        'Write a rate like  500/hour  (second, minute, hour, day); for a domain also  "2 at once", both, or "none".',
    )
