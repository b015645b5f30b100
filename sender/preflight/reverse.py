"""Reverse names: an address whose name leads back to it. Receivers refuse machines without."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from sender.preflight.names import IP, Names, Silent
from sender.preflight.remarks import Level, Remark

__all__ = ["check", "check_own_machine"]


async def check_own_machine() -> list[Remark]:
    """Under which address the world sees this machine is not known: no look-up says it."""
    return [Remark(Level.UNKNOWN, "reverse", "own_machine", "relay")]


async def check(relay: str, addresses: Sequence[IP], names: Names) -> list[Remark]:
    """``relay``: its name or address; ``addresses``: what the name stands for."""
    if not addresses:
        return [Remark(Level.FAILED, "reverse", "no_address", relay)]
    return list(await asyncio.gather(*(_of(relay, address, names) for address in addresses)))


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
