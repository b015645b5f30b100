"""The one parser, normaliser and mask of e-mail addresses; elsewhere the type is ``Address``.

Plain ASCII addresses are read here; whatever else goes through email-validator, by whose rules both are tested.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import idna

from sender.mailboxes import normal_form
from sender.model import NORMALISATION, Address

__all__ = [
    "NORMALISATION",
    "AddressError",
    "earlier_forms",
    "is_reserved",
    "mask",
    "parse",
    "renewed",
    "stored",
    "unicode_domain",
]

_MAX_LOCAL, _MAX_DOMAIN, _MAX_ADDRESS = 64, 253, 254  # octets; RFC 5321 §4.5.3.1, RFC 3696 erratum 1690
_ATOM = r"[A-Za-z0-9_!#$%&'*+\-/=?^`{|}~]+"
_LOCAL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*", re.ASCII)
_LABEL = (
    r"(?:(?!..--)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)"  # RFC 5890 §2.3.1 reserves "--" there; xn-- goes the long way
)
_HOST = re.compile(rf"(?:{_LABEL}\.)+(?=[a-z0-9-]*[a-z]\Z){_LABEL}")
_TOKEN = re.compile(r"[^\s<>()\[\],;:\"]+")
_QUOTED = re.compile(r"\"[^\"\n]{0,128}\"@")
_AT = re.compile(r"[@＠﹫]|%40|&#0*64;|&#x0*40;|&commat;", re.IGNORECASE)
_MASK = "***@***"

# RFC 2606, RFC 6761: names that belong to nobody.
_RESERVED = frozenset({"example", "test", "invalid", "localhost", "example.com", "example.org", "example.net"})
_CLOSED = frozenset({"arpa", "local", "onion"})  # RFC 3172, 6762, 7686: no mail at all


class AddressError(ValueError):
    """Not an address. ``reason``: empty, syntax, quoted, domain or length; never the text that was given."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def parse(text: str) -> Address:
    """The address in ``text``, alone and without a display name. Raises AddressError.

    Reserved names (``.example``, ``.test``...) are accepted, quoted local parts and address literals are not.
    """
    written, at, host = text.strip().rpartition("@")
    if not at or not written or not host:
        raise AddressError("syntax" if written or host else "empty")
    domain = _domain(host)
    local = written if _LOCAL.fullmatch(written) else _other_local(written)
    octets = len(local) if local.isascii() else len(local.encode())
    if octets > _MAX_LOCAL or octets + 1 + len(domain) > _MAX_ADDRESS:
        raise AddressError("length")
    return Address(local, domain, normal_form(local, domain))


def stored(spec: str, key: str) -> Address:
    """An address as a base has it: ``spec`` was written by ``parse``, and is not judged again."""
    local, _, domain = spec.rpartition("@")
    return Address(local, domain, key)


def earlier_forms(address: Address) -> tuple[Address, ...]:
    """The same address under the normal forms of earlier versions: hashes that were made then are found by them."""
    return tuple(
        Address(address.local, address.domain, normal_form(address.local, address.domain, version), version)
        for version in range(1, NORMALISATION)
    )


def renewed(address: Address) -> Address:
    """An address as a base has it, whose key an earlier version made, under the normal form of today."""
    return Address(address.local, address.domain, normal_form(address.local, address.domain))


def _other_local(written: str) -> str:
    """A local part with letters outside ASCII (RFC 6531), composed (NFC)."""
    if '"' in written:
        raise AddressError("quoted")
    if len(written) > _MAX_LOCAL:
        raise AddressError("length")
    if written.isascii() or not _LOCAL.fullmatch(_ascii_shadow(written)):
        raise AddressError("syntax")
    from email_validator import EmailNotValidError, validate_email

    try:
        return validate_email(f"{written}@firm.example", check_deliverability=False).local_part
    except EmailNotValidError:
        raise AddressError("syntax") from None


def _ascii_shadow(written: str) -> str:
    """``written`` as it looks in NFKC, other letters as ``x``: a full-width ``＠`` or comma stays what it means."""
    plain = unicodedata.normalize("NFKC", written)
    return "".join(char if char.isascii() else "x" for char in plain)


@lru_cache(maxsize=16_384)
def _domain(host: str) -> str:
    """The host in lower case, IDN as A-labels."""
    domain = host.lower()
    if len(domain) > _MAX_DOMAIN:
        raise AddressError("length")
    if domain == "localhost":
        return domain
    plain = domain.isascii() and "xn--" not in domain
    if not plain:
        domain = _other_domain(host)
    elif not _HOST.fullmatch(domain):
        raise AddressError("domain")
    if not _CLOSED.isdisjoint(_ends(domain)):
        raise AddressError("domain")
    return domain


def _other_domain(host: str) -> str:
    """An international name (IDNA 2008). A reserved last label is put aside, for email-validator refuses it."""
    from email_validator import EmailNotValidError, validate_email

    name, dot, top = host.rpartition(".")
    reserved = top.lower() in _RESERVED and bool(dot)
    try:
        found = validate_email(
            f"a@{name}.example" if reserved else f"a@{host}", check_deliverability=False
        ).ascii_domain
    except EmailNotValidError:
        raise AddressError("domain") from None
    found = found.lower()
    return f"{found.rpartition('.')[0]}.{top.lower()}" if reserved else found


def unicode_domain(domain: str) -> str:
    """The domain as its owner writes it; unchanged where it is no international name."""
    try:
        return idna.decode(domain) if "xn--" in domain else domain
    except idna.IDNAError:
        return domain


def _ends(domain: str) -> list[str]:
    """``a.b.c`` -> ``a.b.c``, ``b.c``, ``c``."""
    labels = domain.split(".")
    return [".".join(labels[start:]) for start in range(len(labels))]


@lru_cache(maxsize=16_384)
def _reserved(domain: str) -> bool:
    return not _RESERVED.isdisjoint(_ends(domain))


def is_reserved(address: Address) -> bool:
    """A name that belongs to nobody (RFC 2606, 6761): such mail must not leave the machine."""
    return _reserved(address.domain)


def is_reserved_domain(domain: str) -> bool:
    """The same for a domain alone."""
    return _reserved(domain.lower())


def mask(text: str) -> str:
    """``text`` with no letter left of the addresses in it, also where they are quoted or percent-encoded.

    What stands next to an address without a space goes with it: of a log line rather too much than too little.
    """
    if not _AT.search(text):
        return text
    return _TOKEN.sub(_masked, _QUOTED.sub("@", _AT.sub("@", text)))


def _masked(token: re.Match[str]) -> str:
    word = token[0]
    if "@" not in word:
        return word
    kept = word.rstrip(".!?'")
    return _MASK + word[len(kept) :]
