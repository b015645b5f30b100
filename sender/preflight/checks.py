"""All checks of the DNS at once, within a time that does not depend on how slow the DNS is."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator, Sequence
from ipaddress import ip_address

from sender.preflight import alignment, dmarc, keys, receiving, reverse, spf
from sender.preflight.asking import Sending
from sender.preflight.names import IP, Names, Silent
from sender.preflight.remarks import Level, Remark

__all__ = ["asked"]

Check = tuple[str, str, Coroutine[None, None, list[Remark]]]


async def asked(
    sending: Sending, servers: Sequence[tuple[str, int]], one: float, together: float
) -> tuple[Remark, ...]:
    """Every check's remarks in their order; a check that came too late is not known."""
    names = Names(servers, seconds=one)
    checks = list(_checks(sending, names, servers, one))
    tasks = [asyncio.create_task(work) for _, _, work in checks]
    _, late = await asyncio.wait(tasks, timeout=together)
    for task in late:
        task.cancel()
    if late:
        await asyncio.wait(late)
    await names.close()
    remarks: list[Remark] = []
    for (check, where, _), task in zip(checks, tasks, strict=True):
        remarks += [Remark(Level.UNKNOWN, check, "silent", where)] if task in late else task.result()
    return tuple(remarks)


def _checks(sending: Sending, names: Names, servers: Sequence[tuple[str, int]], one: float) -> Iterator[Check]:
    author, envelope = sending.author, sending.envelope
    signing = sending.identities[0].domain if sending.identities else None
    yield "spf", envelope, _spf(envelope, sending.relay, names)
    for identity in sending.identities:
        yield "dkim", identity.domain, keys.check(identity, servers, seconds=one)
    yield "dmarc", f"_dmarc.{author}", dmarc.check(author, names)
    yield "alignment", author, alignment.check(author, envelope, signing, names)
    for domain in sending.read:
        yield "mx", domain, receiving.check_mx(domain, names)
    if sending.relay:
        yield "reverse", sending.relay, _reverse(sending.relay, names)
    elif sending.own_machine:
        yield "reverse", "relay", reverse.check_own_machine()
    for domain in sending.read:
        yield "mta_sts", f"_mta-sts.{domain}", receiving.check_mta_sts(domain, names)


async def _spf(envelope: str, relay: str | None, names: Names) -> list[Remark]:
    try:
        addresses = [one for one in await _addresses(relay, names) if not reverse.is_inner(one)]
    except Silent:
        addresses = []  # the check of reverse names says so
    return await spf.check(envelope, names, addresses)


async def _reverse(relay: str, names: Names) -> list[Remark]:
    try:
        return await reverse.check(relay, await _addresses(relay, names), names)
    except Silent as silent:
        return [Remark(Level.UNKNOWN, "reverse", "silent", silent.name)]


async def _addresses(relay: str | None, names: Names) -> list[IP]:
    if relay is None:
        return []
    try:
        return [ip_address(relay)]
    except ValueError:
        return await names.addresses(relay)
