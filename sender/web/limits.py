"""How often somebody may ask. What counts against what:

no genuine link         by address: whoever tries links out
a page, an undo         by address, generously (an office stands behind one), and by link
an address left         by address: ten at once, for the office behind one, then one a minute
one POST that objects   by link only, since one machine of a mail provider speaks for many people; and whoever
                        sends more of them than this has objected already
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address

__all__ = ["Bucket", "Limits", "network_of"]

_KEYS = 50_000  # remembered at most; of a key that is forgotten nothing is known, so it may ask
_SITE = 64  # bits of an IPv6 address: the rest is its holder's to choose


class Bucket:
    """For each key ``burst`` at once, and one more every ``seconds``."""

    def __init__(self, burst: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._slack = (burst - 1) * seconds
        self._clock = clock
        self._due: OrderedDict[Hashable, float] = OrderedDict()

    def wait(self, key: Hashable) -> float:
        """0 where it may be done now, and then it counts; else the seconds until it may."""
        now = self._clock()
        due = max(self._due.get(key, now), now)
        if due - now > self._slack:
            return due - now - self._slack
        self._due[key] = due + self._seconds
        self._due.move_to_end(key)
        if len(self._due) > _KEYS:
            self._due.popitem(last=False)
        return 0.0


@dataclass(frozen=True, slots=True)
class Limits:
    """One bucket for each thing that is counted."""

    strangers: Bucket = field(default_factory=lambda: Bucket(60, 0.5))
    addresses: Bucket = field(default_factory=lambda: Bucket(300, 0.1))
    pages: Bucket = field(default_factory=lambda: Bucket(30, 1))
    objections: Bucket = field(default_factory=lambda: Bucket(20, 2))
    newcomers: Bucket = field(default_factory=lambda: Bucket(10, 60))
    confirmations: Bucket = field(default_factory=lambda: Bucket(10, 10))
    afterthoughts: Bucket = field(default_factory=lambda: Bucket(5, 60))


def network_of(client: str) -> str:
    """What is counted as one address."""
    try:
        address = ip_address(client)
    except ValueError:
        return client[:64]
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        return f"{int(address) >> (128 - _SITE):x}"
    return str(address)
