"""Signed links: a token names a contact, an address and a purpose, and says nothing to whoever reads it.

The token is all the authority that a public page asks for: no cookie, no login, no look-up. It is made of
random numbers and keyed hashes only, so that it can stand in a URL, in a proxy's log or in a forwarded mail.
It never expires: who finds an old mail may still object.

Layout, then base64url without padding:

    version 1 | purpose 1 | key id 1 | contact id 16 | address hash 32 | HMAC-SHA-256 of all before, cut to 16
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from sender.model import ContactId

__all__ = ["OBJECT_PATH", "TOKEN", "LinkTarget", "Purpose", "Ring", "objection_url", "sign", "verify"]

Ring = Sequence[tuple[int, bytes]]
"""Link keys by their number (0 to 255), oldest first: the last one signs, each of them verifies."""

OBJECT_PATH = "/u/"
"""Where the public pages take objections; the token follows."""

_VERSION = 1
_HEAD = 3
_CONTACT = 16
_HASH = 32
_MAC = 16  # 128 bits: forging one takes as long as guessing a contact id (RFC 2104 §5 allows the cut)
_LENGTH = _HEAD + _CONTACT + _HASH + _MAC
_CHARACTERS = -(-_LENGTH * 8 // 6)
TOKEN = rf"(?<![\w-])[A-Za-z0-9_-]{{{_CHARACTERS}}}(?![\w-])"
"""A regular expression for what may be a token, among other words."""

_NOBODY = b"\0" * 32


class Purpose(IntEnum):
    """What a link may be used for; a link of one purpose is worth nothing for another."""

    OBJECT = 1


@dataclass(frozen=True, slots=True)
class LinkTarget:
    """Whom a link speaks of: the contact, and the address that it was sent to."""

    contact: ContactId
    address_hash: bytes


def sign(ring: Ring, purpose: Purpose, contact: ContactId, address_hash: bytes) -> str:
    """The token for one contact, signed with the newest key.

    Raises ValueError for a contact id or hash of the wrong size: a mistake of ours, never of the data.
    """
    key_id, secret = ring[-1]
    payload = bytes((_VERSION, purpose, key_id)) + bytes.fromhex(contact) + address_hash
    if len(payload) != _LENGTH - _MAC:
        raise ValueError("a link needs a contact id of 16 bytes and an address hash of 32")
    return _encode(payload + _mac(secret, payload))


def verify(ring: Ring, token: str, purpose: Purpose) -> LinkTarget | None:
    """Whom ``token`` names, or None where no key of the ring signed it for this purpose. Never raises."""
    raw = _decode(token)
    if raw is None:
        return None
    payload, mac = raw[:-_MAC], raw[-_MAC:]
    secret = dict(ring).get(payload[2])
    genuine = hmac.compare_digest(mac, _mac(secret or _NOBODY, payload))
    if not genuine or secret is None or payload[0] != _VERSION or payload[1] != purpose:
        return None
    contact = payload[_HEAD : _HEAD + _CONTACT]
    return LinkTarget(ContactId(contact.hex()), payload[_HEAD + _CONTACT :])


def objection_url(pages_url: str, token: str) -> str:
    """The address in every mail under which its reader can object."""
    return pages_url.rstrip("/") + OBJECT_PATH + token


def _mac(secret: bytes, payload: bytes) -> bytes:
    return hmac.digest(secret, payload, "sha256")[:_MAC]


def _encode(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def _decode(token: str) -> bytes | None:
    """The bytes of a token written exactly as ``sign`` writes it.

    base64 leaves four bits of the last character unused and Python skips foreign characters, so one token
    could be written in many ways; only the one way is taken.
    """
    if len(token) != _CHARACTERS or not token.isascii():
        return None
    padded = token + "=" * (-len(token) % 4)
    try:
        raw = urlsafe_b64decode(padded)
    except ValueError:
        return None
    return raw if len(raw) == _LENGTH and _encode(raw) == token else None
