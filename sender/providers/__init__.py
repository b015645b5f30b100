"""The big mailbox providers: which domains are theirs, what they ask of who writes to them, how fast they take mail.

Domains that are named in ``providers.toml``, and no others: which provider serves a firm's own domain is not asked.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from sender.rates import Limits, parse_limits

__all__ = ["Provider", "Tier", "provider_of", "providers"]


@dataclass(frozen=True, slots=True)
class Tier:
    """Demands from so many letters a day on. ``refuses``: letters that do not meet them are refused."""

    start: int
    refuses: bool
    demands: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Provider:
    """``domains``: of its mailboxes; ``source``: where its rules were read; ``limits``: how fast it takes mail."""

    id: str
    name: str
    domains: tuple[str, ...]
    source: str
    tiers: tuple[Tier, ...]
    limits: Limits


@cache
def providers() -> tuple[Provider, ...]:
    text = files(__package__).joinpath("providers.toml").read_text(encoding="utf-8")
    return tuple(
        Provider(
            one["id"],
            one["name"],
            tuple(one["domains"]),
            one["source"],
            tuple(map(_tier, one["tiers"])),
            parse_limits(one["limits"]),
        )
        for one in tomllib.loads(text)["provider"]
    )


def _tier(written: Mapping[str, object]) -> Tier:
    start, refuses, demands = written["from"], written["refuses"], written["demands"]
    assert isinstance(start, int) and isinstance(refuses, bool) and isinstance(demands, list)  # noqa: S101, PT018
    return Tier(start, refuses, tuple(demands))


@cache
def _by_domain() -> Mapping[str, str]:
    return {domain: one.id for one in providers() for domain in one.domains}


def provider_of(domain: str) -> str | None:
    """The provider whose mailboxes have this domain, in lower case; None for all others."""
    return _by_domain().get(domain)
