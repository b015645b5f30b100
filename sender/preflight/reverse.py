"""Reverse names: an address whose name leads back to it. Receivers refuse machines without."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from ipaddress import ip_network

from sender.preflight.names import IP, Names, Silent
from sender.preflight.remarks import Level, Remark

__all__ = ["check", "check_own_machine", "is_inner"]

# RFC 1918, 3927, 4193, 4291, 6598
_INNER = tuple(
    map(
        ip_network,
        ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10", "fc00::/7", "fe80::/10"),
    )
)


async def check_own_machine() -> list[Remark]:
    """Under which address the world sees this machine is not known: no look-up says it."""
    return [Remark(Level.UNKNOWN, "reverse", "own_machine", "relay")]


async def check(relay: str, addresses: Sequence[IP], names: Names) -> list[Remark]:
    """``relay``: its name or address; ``addresses``: what the name stands for, those of a house network included."""
    if not addresses:
        # the hosts file or a search domain may know it; connecting asks them, receivers never do
        return [Remark(Level.UNKNOWN, "reverse", "no_address", relay)]
    outer = [address for address in addresses if not is_inner(address)]
    if not outer:
        return [Remark(Level.UNKNOWN, "reverse", "inner", relay, {"address": str(addresses[0])})]
    return list(await asyncio.gather(*(_of(relay, address, names) for address in outer)))


def is_inner(address: IP) -> bool:
    """Of a network that the world does not see."""
    return any(address in one for one in _INNER if one.version == address.version)


async def _of(relay: str, address: IP, names: Names) -> Remark:
    facts = {"address": str(address), "name": ""}
    # Meets: C3 (PTR and a name that leads back; Orange, La Poste and Gmail ask for it)
    try:
        pointers = await names.pointers(address)
        if not pointers:
            return Remark(Level.WARNING, "reverse", "missing", relay, facts)
        facts["name"] = pointers[0]
        back = await asyncio.gather(*map(names.addresses, pointers[:5]))
    except Silent as silent:
        return Remark(Level.UNKNOWN, "reverse", "silent", silent.name)
    if any(address in one for one in back):
        return Remark(Level.PASSED, "reverse", "found", relay, facts)
    return Remark(Level.WARNING, "reverse", "not_back", relay, facts)
