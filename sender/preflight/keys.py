"""DKIM: whether the keys that sign are published."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from sender.dkim import Identity, Resolver, demand_published, record_name
from sender.errors import SettingsError, Unreachable
from sender.preflight.remarks import Level, Remark

__all__ = ["check"]

_CODES = {
    "SC-680": "missing",
    "SC-681": "several",
    "SC-682": "unreadable",
    "SC-683": "revoked",
    "SC-684": "other_key",
    "SC-685": "other_key",
    "SC-686": "not_for_mail",
}


async def check(identity: Identity, servers: Sequence[tuple[str, int]], *, seconds: float) -> list[Remark]:
    """One key. Asked in a thread, as ``dkim check`` asks; it ends within ``seconds``."""
    where = record_name(identity)
    try:
        testing = await asyncio.to_thread(demand_published, [identity], Resolver(servers, seconds=seconds))
    except Unreachable:
        return [Remark(Level.UNKNOWN, "dkim", "silent", where)]
    except SettingsError as wrong:
        return [Remark(Level.FAILED, "dkim", _CODES[one.code], where) for one in wrong.complaints]
    found = Remark(Level.PASSED, "dkim", "found", where)
    return [found, *(Remark(Level.WARNING, "dkim", "testing", name) for name in testing)]
