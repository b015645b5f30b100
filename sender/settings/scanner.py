"""The spam filter that ``check`` shows a letter to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from sender.settings.complaints import SettingFault

__all__ = ["ScannerUrl", "parse_scanner"]

_PORTS = {"spamd": 783, "rspamd": 11333}  # as their own documents have them


@dataclass(frozen=True, slots=True)
class ScannerUrl:
    """``kind``: spamd (SpamAssassin) or rspamd."""

    kind: str
    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.kind}://{host}:{self.port}"


def parse_scanner(value: object) -> ScannerUrl:
    """``spamd://127.0.0.1``, ``rspamd://127.0.0.1:11333``. Raises SettingFault."""
    if isinstance(value, ScannerUrl):
        return value
    try:
        url = urlsplit(str(value).strip())
        host, port = url.hostname or "", url.port
    except ValueError:
        raise _bad() from None
    extra = url.path.strip("/") or url.query or url.fragment or "@" in url.netloc
    if url.scheme not in _PORTS or extra or not re.fullmatch(r"[a-z0-9_.:-]+", host) or port == 0:
        raise _bad()
    return ScannerUrl(url.scheme, host, port or _PORTS[url.scheme])


def _bad() -> SettingFault:
    return SettingFault(
        "this names no spam filter",
        "No letter could be shown to it.",
        "Write it like  spamd://127.0.0.1:783  (SpamAssassin) or  rspamd://127.0.0.1:11333",
    )
