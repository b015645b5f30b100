"""Asks the DNS, many names at once, each name once, and none for longer than it may take."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dns.asyncresolver import Resolver

__all__ = ["IP", "Names", "Silent"]

IP = IPv4Address | IPv6Address


class Silent(Exception):  # noqa: N818  no mistake of anybody's here
    """The DNS gave no answer about a name: too late, or a failure."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class Names:
    """``servers``: address and port of each that is asked, else the system's; ``seconds``: for one name and type.

    Every method gives an empty list where there is no such record, and raises Silent where no answer came.
    """

    def __init__(self, servers: Sequence[tuple[str, int]] = (), *, seconds: float) -> None:
        self._servers = tuple(servers)
        self._seconds = seconds
        self._asked: dict[tuple[str, str], asyncio.Task[list[Any]]] = {}
        self._made: Resolver | None = None

    async def texts(self, name: str) -> list[str]:
        """TXT records, each in one piece."""
        return [b"".join(record.strings).decode("ascii", "replace") for record in await self._ask(name, "TXT")]

    async def exchangers(self, name: str) -> list[tuple[int, str]]:
        """MX records: preference and host, the preferred one first; the host of a null MX is empty."""
        found = await self._ask(name, "MX")
        return sorted((record.preference, _bare(record.exchange)) for record in found)

    async def addresses(self, name: str) -> list[IP]:
        """A and AAAA records."""
        four, six = await asyncio.gather(self._ask(name, "A"), self._ask(name, "AAAA"))
        return [ip_address(record.address) for record in (*four, *six)]

    async def pointers(self, address: IP) -> list[str]:
        """PTR records: the names that an address says it has."""
        return [_bare(record.target) for record in await self._ask(address.reverse_pointer, "PTR")]

    async def close(self) -> None:
        """End what is still being asked."""
        for task in self._asked.values():
            task.cancel()
        await asyncio.gather(*self._asked.values(), return_exceptions=True)

    async def _ask(self, name: str, kind: str) -> list[Any]:
        key = (name.lower().rstrip("."), kind)
        if key not in self._asked:
            self._asked[key] = asyncio.create_task(self._answer(*key))
        return await asyncio.shield(self._asked[key])  # one check that gives up does not end another's question

    async def _answer(self, name: str, kind: str) -> list[Any]:
        from dns.exception import DNSException
        from dns.resolver import NXDOMAIN, NoAnswer

        try:
            return list(await self._resolver().resolve(f"{name}.", kind, search=False))
        except (NXDOMAIN, NoAnswer):
            return []
        except (DNSException, OSError) as problem:
            raise Silent(name) from problem

    def _resolver(self) -> Resolver:
        from dns.asyncresolver import Resolver
        from dns.nameserver import Do53Nameserver

        if self._made is None:
            resolver = Resolver(configure=not self._servers)
            if self._servers:
                resolver.nameservers = [Do53Nameserver(address, port) for address, port in self._servers]
            resolver.lifetime = self._seconds
            self._made = resolver
        return self._made


def _bare(name: Any) -> str:
    text: str = name.to_text(omit_final_dot=True)
    return "" if text in {".", "@"} else text.lower()
