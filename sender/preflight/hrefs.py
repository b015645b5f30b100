"""Whether a link can lead anywhere, by its form alone: nobody is asked."""

from __future__ import annotations

import re
from collections.abc import Collection
from urllib.parse import unquote, urlsplit

from sender.address import AddressError, parse

__all__ = ["fault_of"]

_HOST = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9-]{2,63}\.?", re.IGNORECASE)
_UNFILLED = re.compile(r"\{\{|\}\}|\{%|%7B%7B", re.IGNORECASE)
_OTHER = frozenset({"tel", "sms", "geo", "callto"})


def fault_of(href: str | None, targets: Collection[str]) -> str | None:
    """What is wrong with a link, as a code; None where nothing is. ``targets``: ids and names in the same letter."""
    link = (href or "").strip()
    if not link:
        return "link_empty"
    if _UNFILLED.search(link):
        return "link_unfilled"
    if link.startswith("#"):
        return None if link[1:] in targets else "link_no_target"
    try:
        url = urlsplit(link)
        host, _ = url.hostname or "", url.port
    except ValueError:
        return "link_malformed"
    return _by_scheme(link, url.scheme.lower(), host)


def _by_scheme(link: str, scheme: str, host: str) -> str | None:
    if scheme in {"http", "https"}:
        sound = not re.search(r"\s", link) and _is_host(host)
        return None if sound else "link_malformed"
    if scheme == "mailto":
        return None if _can_be_written_to(link) else "link_malformed"
    return None if scheme in _OTHER else "link_no_scheme"


def _is_host(host: str) -> bool:
    try:
        name = host if host.isascii() else host.encode("idna").decode()
    except UnicodeError:
        return False
    return bool(_HOST.fullmatch(name))


def _can_be_written_to(link: str) -> bool:
    addresses = unquote(link[len("mailto:") :].partition("?")[0])
    try:
        return bool([parse(one.strip()) for one in addresses.split(",")])
    except AddressError:
        return False
