"""The one parser, normaliser and mask of e-mail addresses; elsewhere the type is ``Address``."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from email_validator import EmailNotValidError, validate_email

from sender.model import Address

NORMALISATION = 1
"""Version of the rules that make ``Address.key``; stored with every hash."""

_RESERVED = frozenset({"example", "test", "invalid", "localhost"})
_RESERVED_DOMAINS = ("example.com", "example.org", "example.net")
_ADDRESS = re.compile(r"[^\s<>\"'()\[\],;:@]+@[^\s<>\"'()\[\],;:@]+")


class AddressError(ValueError):
    """Not an address; ``reason`` is a code, never the text that was given."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def parse(text: str) -> Address:
    """The address in ``text``, alone and without a display name. Raises AddressError."""
    try:
        found = validate_email(text.strip(), check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        raise AddressError("syntax") from None
    local = unicodedata.normalize("NFC", found.local_part)
    domain = (found.ascii_domain or found.domain).lower()
    return Address(local, domain, _key(local, domain))


def _key(local: str, domain: str) -> str:
    local = unicodedata.normalize("NFKC", local).casefold()
    if domain in {"gmail.com", "googlemail.com"}:
        return f"{local.partition('+')[0].replace('.', '')}@gmail.com"
    return f"{local}@{domain}"


@lru_cache(maxsize=4096)
def _reserved(domain: str) -> bool:
    return domain.rpartition(".")[2] in _RESERVED or domain.endswith(_RESERVED_DOMAINS)


def is_reserved(address: Address) -> bool:
    """A name that belongs to nobody (RFC 2606, 6761): such mail must not leave the machine."""
    return _reserved(address.domain)


def mask(text: str) -> str:
    """``text`` with nothing left of the addresses in it."""
    return _ADDRESS.sub("***@***", text)
