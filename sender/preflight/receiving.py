"""Whether the sender's own domains can be written to: bounces, answers and requests to stop must arrive."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Sequence

from sender.preflight.names import Names, Silent
from sender.preflight.remarks import Level, Remark

__all__ = ["check_mta_sts", "check_mx"]

# Meets: RFC 8461 §3.1 (the version first, then an id of 1 to 32 letters and digits)
_STS = re.compile(r"v=STSv1\s*;\s*(?:[A-Za-z0-9_.-]+=[^;]*;\s*)*id=[A-Za-z0-9]{1,32}\s*(?:;.*)?")


async def check_mx(domain: str, names: Names) -> list[Remark]:
    try:
        exchangers = await names.exchangers(domain)
        if not exchangers:
            # Meets: RFC 5321 §5.1 (without an MX the domain's own address takes the mail)
            implicit = await names.addresses(domain)
            level, code = (Level.WARNING, "implicit") if implicit else (Level.FAILED, "missing")
            return [Remark(level, "mx", code, domain)]
        hosts = [host for _, host in exchangers]
        # Meets: RFC 7505 §3 (a null MX: the domain takes no mail)
        if "" in hosts:
            return [Remark(Level.FAILED, "mx", "null", domain)]
        found = await asyncio.gather(*map(names.addresses, hosts))
    except Silent as silent:
        return [Remark(Level.UNKNOWN, "mx", "silent", silent.name)]
    return list(
        _about_hosts(domain, [host for host, addresses in zip(hosts, found, strict=True) if not addresses], hosts)
    )


def _about_hosts(domain: str, lost: Sequence[str], hosts: Sequence[str]) -> Iterator[Remark]:
    if len(lost) == len(hosts):
        yield Remark(Level.FAILED, "mx", "lost", domain, {"hosts": ", ".join(lost)})
        return
    if lost:
        yield Remark(Level.WARNING, "mx", "partly_lost", domain, {"hosts": ", ".join(lost)})
    yield Remark(Level.PASSED, "mx", "found", domain, {"host": hosts[0]})


async def check_mta_sts(domain: str, names: Names) -> list[Remark]:
    """The record in the DNS alone; the policy lies on a web server, which is not asked."""
    where = f"_mta-sts.{domain}"
    try:
        found = [text for text in await names.texts(where) if text.lower().startswith("v=stsv1")]
        if not found:
            return [Remark(Level.PASSED, "mta_sts", "none", where, {"domain": domain})]
        # Meets: RFC 8461 §3.1 (several records count as none)
        if len(found) > 1 or not _STS.fullmatch(found[0]):
            return [Remark(Level.WARNING, "mta_sts", "several" if len(found) > 1 else "wrong", where)]
        if not await names.addresses(f"mta-sts.{domain}"):
            return [Remark(Level.WARNING, "mta_sts", "no_host", where, {"host": f"mta-sts.{domain}"})]
    except Silent as silent:
        return [Remark(Level.UNKNOWN, "mta_sts", "silent", silent.name)]
    return [Remark(Level.PASSED, "mta_sts", "found", where, {"domain": domain})]
