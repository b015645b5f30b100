"""The address of a DNS server, with a port where it is not the usual one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import ip_address

from sender.settings.complaints import SettingFault

PORT = 53
_WITH_PORT = re.compile(r"(?:\[(?P<v6>[^\]]+)\]|(?P<v4>[0-9.]+))(?::(?P<port>[0-9]{1,5}))?")


@dataclass(frozen=True, slots=True)
class Nameserver:
    """By address, since a name could not be looked up without it."""

    address: str
    port: int = PORT

    def __str__(self) -> str:
        host = f"[{self.address}]" if ":" in self.address else self.address
        return host if self.port == PORT else f"{host}:{self.port}"


def parse_nameserver(text: str) -> Nameserver:
    """``192.0.2.53``, ``192.0.2.53:5353``, ``2001:db8::53``, ``[2001:db8::53]:5353``. Raises SettingFault."""
    form = _WITH_PORT.fullmatch(text.strip())
    port = int((form and form["port"]) or PORT)
    try:
        address = ip_address((form["v6"] or form["v4"]) if form else text.strip())
        if not 0 < port < 65536:
            raise ValueError
    except ValueError:
        why, todo = "No domain could be looked up.", "Write its address, like  192.0.2.53  or  [2001:db8::53]:5353"
        raise SettingFault("this is no address of a DNS server", why, todo) from None
    return Nameserver(str(address), port)
