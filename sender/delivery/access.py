"""What is needed to knock at a relay's door, as plain values."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Tls = Literal["starttls", "implicit", "none"]


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds to wait for the relay."""

    # Meets: RFC 5321 §4.5.3.2 (the minimum for each command)
    connect: float = 30.0
    greeting: float = 300.0
    command: float = 300.0
    data: float = 120.0
    content: float = 180.0
    dot: float = 600.0


@dataclass(frozen=True, slots=True)
class RelayAccess:
    """The relay and how to log in. ``password`` is asked for at the login and shown nowhere.

    ``socket``: the path of a unix socket, instead of host and port. ``ca_file``: instead of the system's certificates.
    """

    host: str
    port: int
    tls: Tls = "starttls"
    socket: str | None = None
    user: str | None = field(default=None, repr=False)
    password: Callable[[], str] | None = field(default=None, repr=False)
    ca_file: Path | None = None
    helo: str = "localhost"
    timeouts: Timeouts = Timeouts()

    @property
    def local(self) -> bool:
        """Mail does not leave this machine on its way to the relay."""
        return self.socket is not None or _loopback(self.host)

    def __str__(self) -> str:
        return self.socket or f"{self.host}:{self.port}"


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
