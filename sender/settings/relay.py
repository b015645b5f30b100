"""The relay's address and how long to wait for its answers."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from typing import Literal
from urllib.parse import SplitResult, parse_qs, quote, unquote, urlsplit

from sender.settings.complaints import SettingFault
from sender.settings.urls import is_loopback, password_in_url

Tls = Literal["starttls", "implicit", "none"]

_SCHEMES: dict[str, tuple[Tls, int]] = {
    "smtp": ("starttls", 587),  # RFC 6409 §3.1
    "smtps": ("implicit", 465),  # RFC 8314 §7.3
    "smtp+plain": ("none", 25),
}


@dataclass(frozen=True, slots=True)
class RelayUrl:
    """Where mail is handed over. ``socket``: the path of a unix socket; then ``host`` is empty and ``port`` 0.

    ``insisted``: clear text to another machine was asked for in so many words (``?insist=plain``).
    """

    scheme: str
    host: str
    port: int
    tls: Tls
    user: str | None = None
    socket: str | None = None
    insisted: bool = False

    @property
    def local(self) -> bool:
        """Mail does not leave this machine on its way to the relay."""
        return self.socket is not None or is_loopback(self.host)

    def __str__(self) -> str:
        if self.socket:
            return f"{self.scheme}://{self.socket}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        user = f"{quote(self.user, safe='')}@" if self.user else ""
        return f"{self.scheme}://{user}{host}:{self.port}"


def parse_relay(text: str) -> RelayUrl:
    """The relay that a URL names."""
    try:
        url = urlsplit(text.strip())
        port, host = url.port, url.hostname or ""
    except ValueError:
        raise _bad("it is not a URL") from None
    if url.password is not None:
        raise password_in_url("smtp://user@host", "SENDER_RELAY_PASSWORD")
    if url.scheme not in _SCHEMES:
        raise _bad("it does not begin with smtp://, smtps:// or smtp+plain://")
    if url.fragment or any(char.isspace() or ord(char) < 0x21 for char in unquote(text.strip())):
        raise _bad("it holds characters that have no place there")
    return _checked(url, host, port)


def _checked(url: SplitResult, host: str, port: int | None) -> RelayUrl:
    tls, usual = _SCHEMES[url.scheme]
    insisted = _insisted(url)
    user = unquote(url.username) if url.username else None
    if not host and url.path.startswith("/") and tls == "none" and port is None and user is None:
        return RelayUrl(url.scheme, "", 0, tls, None, unquote(url.path), insisted)
    if url.path.strip("/"):
        raise _bad("it has a path; only unix sockets do, as in  smtp+plain:///run/relay.socket")
    if not re.fullmatch(r"[a-z0-9_.:-]+", host) or port == 0:
        raise _bad("its host or port is not one")
    relay = RelayUrl(url.scheme, host, port or usual, tls, user, None, insisted)
    # Meets: RFC 8314 §3 (TLS unless the mail stays on the machine)
    if tls == "none" and not relay.local and not insisted:
        raise SettingFault(
            "smtp+plain:// to another machine",
            "Every mail, and the password, could be read on the way.",
            "Use  smtp://  (STARTTLS) or  smtps:// ; if the line is safe otherwise, add  ?insist=plain",
            "SC-115",
        )
    return relay


def _insisted(url: SplitResult) -> bool:
    query = parse_qs(url.query, keep_blank_values=True)
    if query and query != {"insist": ["plain"]}:
        raise _bad("what follows the question mark is not known; only  ?insist=plain  is")
    return bool(query)


def _bad(what: str) -> SettingFault:
    return SettingFault(
        f"this cannot be a relay's URL: {what}",
        "Without a relay nothing can be sent.",
        "Write it like  smtp://user@relay.example:587",
        "SC-114",
    )


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds to wait for the relay."""

    # Meets: RFC 5321 §4.5.3.2 (the minimum for each command)
    connect: float = 30.0  # TCP and TLS; the RFC has no word on it, and who does not open in 30 s is down
    greeting: float = 300.0  # §4.5.3.2.1, the first 220
    command: float = 300.0  # §4.5.3.2.2 and 3, MAIL and RCPT; EHLO, AUTH, RSET too
    data: float = 120.0  # §4.5.3.2.4
    content: float = 180.0  # §4.5.3.2.5, each block
    dot: float = 600.0  # §4.5.3.2.6: giving up earlier makes doubles

    def __str__(self) -> str:
        return ",".join(f"{field.name}={getattr(self, field.name):g}" for field in fields(self))


def parse_timeouts(value: object) -> Timeouts:
    """``connect=30,dot=600`` or a table of the same names; those not named keep their defaults."""
    pairs = value.items() if isinstance(value, dict) else _pairs(str(value))
    given: dict[str, float] = {}
    known = [field.name for field in fields(Timeouts)]
    for name, seconds in pairs:
        if name not in known:
            raise _bad_timeouts(f"there is no waiting time of the name {str(name)[:20]!r}")
        given[name] = _seconds(seconds)
    return Timeouts(**given)


def _pairs(text: str) -> list[tuple[str, str]]:
    parts = [part.partition("=") for part in text.split(",") if part.strip()]
    return [(name.strip(), seconds.strip()) for name, _, seconds in parts]


def _seconds(value: object) -> float:
    try:
        seconds = float(str(value))
    except ValueError:
        raise _bad_timeouts("a waiting time is not a number") from None
    if not 0 < seconds <= 86_400:
        raise _bad_timeouts("a waiting time is not between 0 and 86400 seconds")
    return seconds


def _bad_timeouts(what: str) -> SettingFault:
    names = ", ".join(field.name for field in fields(Timeouts))
    return SettingFault(
        what,
        "Waiting too short a time at the end of a mail makes doubles.",
        f"Write seconds, like  connect=30,dot=600 ; the names are {names}.",
    )
