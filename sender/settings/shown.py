"""The settings for people: what there is to set, and what is set."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from sender.settings.declared import Settings, fields
from sender.settings.reader import PREFIX, origins

_KINDS = {
    "relay": "URL",
    "relay_password": "text, secret",
    "relay_password_file": "path",
    "relay_password_command": "command",
    "relay_ca_file": "path",
    "keys_command": "command",
    "resolver": "list of addresses",
    "preflight": "true, false",
    "spam_check": "URL",
    "dkim_domain": "domain",
    "dkim_selector": "word",
    "dkim_key_file": "path",
    "dkim_key_command": "command",
    "dkim_ed25519_selector": "word",
    "dkim_ed25519_key_file": "path",
    "dkim_ed25519_key_command": "command",
    "timeouts": "seconds",
    "topics": "table",
    "rate": "rate",
    "pace": "table",
    "warm_up": "mails and per cent",
    "bounces": "address",
    "pages_name": "text",
    "pages_logo": "path",
    "pages_colour": "#rrggbb",
    "pages_from": "address",
    "pages_signature": "text",
    "opt_in": "path",
    "collect": "list of URLs",
    "collect_password": "text, secret",
    "collect_password_file": "path",
    "collect_password_command": "command",
    "keys": "path",
    "state": "path",
    "unsubscribe_mailbox": "address",
    "connections": "number",
    "window": "number",
    "workers": "number",
    "frequency_cap": "number",
    "pages_url": "URL",
    "database": "path or URL",
    "log": "path or word",
    "log_level": "debug, info, warning, error",
    "accepted_packs": "list",
    "language": "fr, en",
    "helo": "host name",
}
_COMPUTED = {
    "helo": "the machine's name",
    "workers": "by the cores",
    "language": "from LC_ALL, LC_MESSAGES, LANG",
}
_EXAMPLES = {
    "relay": "smtp://user@relay.example:587",
    "pages_url": "https://courrier.eluard.example",
    "unsubscribe_mailbox": "stop@eluard.example",
    "bounces": "bounces@eluard.example",
    "relay_password_command": "pass show relay.example",
    "keys_command": "pass show send-campaign-keys",
    "accepted_packs": "FR,IE",
    "topics": "rgpd=Protection des données, paie=Paie",
    "rate": "500/hour",
    "pace": "orange.fr=500/hour 2 at once, free.fr=none",
    "warm_up": "50 +50%",
    "helo": "mail.eluard.example",
    "resolver": "127.0.0.1",
    "spam_check": "spamd://127.0.0.1:783",
    "dkim_domain": "eluard.example",
    "dkim_selector": "c2026",
    "dkim_key_file": "/etc/send-campaign/dkim.pem",
    "dkim_key_command": "pass show dkim/c2026",
    "dkim_ed25519_selector": "e2026",
    "dkim_ed25519_key_file": "/etc/send-campaign/dkim-ed25519.pem",
    "dkim_ed25519_key_command": "pass show dkim/e2026",
    "database": "postgresql+psycopg://sender@db.example/sender",
}


@dataclass(frozen=True, slots=True)
class SettingInfo:
    """One setting, as documentation and samples show it."""

    name: str
    type: str
    default: str
    description: str
    secret: bool
    example: str

    @property
    def variable(self) -> str:
        return PREFIX + self.name.upper()


@dataclass(frozen=True, slots=True)
class Shown:
    """One setting as it stands; a secret is three stars."""

    name: str
    value: str
    origin: str


def describe() -> Iterator[SettingInfo]:
    """Every setting, in the order of their declaration."""
    for name, info in fields().items():
        default = _COMPUTED.get(name) or _text(info.default) or "none"
        kind = _KINDS[name]
        example = _EXAMPLES.get(name, default if default != "none" else "")
        yield SettingInfo(name, kind, default, info.description or "", "secret" in kind, example)


def shown(settings: Settings) -> Iterator[Shown]:
    """What is set, and where; nothing secret."""
    taken = origins(settings.project)
    for name in fields():
        yield Shown(name, _text(getattr(settings, name)), taken.get(name, "default"))


def _text(value: Any) -> str:
    if value is None or value == ():
        return ""
    if isinstance(value, SecretStr):
        return "***"
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    if isinstance(value, Path):
        return str(value)
    return re.sub(r"(://[^/@:]*):.*@", r"\1:***@", str(value))
