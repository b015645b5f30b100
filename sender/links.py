"""Signed links: a token names a contact, an address and a purpose, and says nothing to whoever reads it.

The token is all the authority that a public page asks for: no cookie, no login, no look-up. It is made of
random numbers and keyed hashes only, so that it can stand in a URL, in a proxy's log or in a forwarded mail.
The one for objecting never expires: who finds an old mail may still object. One that does more than stop mails is
worth something for a while only, and so carries the moment it counts from.

Layout, then base64url without padding:

    version 1 | purpose 1 | key id 1 | contact id 16 | address hash 32 | moment 8, where the purpose has one
    | HMAC-SHA-256 of all before, cut to 16

The moment counts microseconds since 1970.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple

from sender.model import ContactId

__all__ = [
    "ADDRESS_PATH",
    "DATA_PATH",
    "OBJECT_PATH",
    "OPT_IN_PATH",
    "PRIVACY_PATH",
    "TOKEN",
    "LinkKey",
    "LinkTarget",
    "Purpose",
    "Ring",
    "confirmation_url",
    "keyed_hash",
    "knows_key_of",
    "objection_url",
    "sign",
    "sign_at",
    "verify",
    "verify_at",
]


class LinkKey(NamedTuple):
    """``number``: 0 to 255; ``since``: when it began to sign, where that is known."""

    number: int
    secret: bytes
    since: datetime | None = None


Ring = Sequence[LinkKey]
"""Link keys, oldest first: the last one signs, each of them verifies."""

OBJECT_PATH = "/u/"
"""Where the public pages take objections; the token follows."""

ADDRESS_PATH = "/address/"
"""Where a new address is confirmed, or the one of before kept; the token follows."""

DATA_PATH = "/my-data/"
"""Where people see what is held about them, and have it changed; the token follows."""

OPT_IN_PATH = "/opt-in"
"""Where people leave their address; with a token behind it, where they confirm that."""

PRIVACY_PATH = "/privacy"
"""Where the privacy notice stands, for anybody."""

_VERSION = 1
_HEAD = 3
_CONTACT = 16
_HASH = 32
_MOMENT = 8
_MAC = 16  # 128 bits: forging one takes as long as guessing a contact id (RFC 2104 §5 allows the cut)
_TARGET = _HEAD + _CONTACT + _HASH
TOKEN = rf"(?<![\w-])[A-Za-z0-9_-]{{{-(-(_TARGET + _MAC) * 8 // 6)}}}(?![\w-])"
"""A regular expression for what may be the token of an objection, among other words."""

_NOBODY = b"\0" * 32
_TAKING_UP = timedelta(minutes=5)  # until everybody who runs signs with the new key
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Purpose(IntEnum):
    """What a link may be used for; a link of one purpose is worth nothing for another."""

    OBJECT = 1
    UNDO = 2
    """Take back the objection of one moment; signed with that moment."""
    CONFIRM = 3
    """Confirm what somebody asked for on a page; names the request instead of a contact, and when it was made."""
    DATA = 4
    """See one's own data and have them changed; names the request for the letter that it stands in, and no contact."""


@dataclass(frozen=True, slots=True)
class LinkTarget:
    """Whom a link speaks of: the contact, and the address that it was sent to."""

    contact: ContactId
    address_hash: bytes


def sign(ring: Ring, purpose: Purpose, contact: ContactId, address_hash: bytes) -> str:
    """The token for one contact, signed with the newest key.

    Raises ValueError for a contact id or hash of the wrong size: a mistake of ours, never of the data.
    """
    return _signed(ring, _payload(ring, purpose, contact, address_hash))


def sign_at(ring: Ring, purpose: Purpose, target: LinkTarget, at: datetime) -> str:
    """The same for a purpose whose tokens count from a moment."""
    moment = ((at - _EPOCH) // _MICROSECOND).to_bytes(_MOMENT, "big")
    return _signed(ring, _payload(ring, purpose, target.contact, target.address_hash) + moment)


def verify(ring: Ring, token: str, purpose: Purpose) -> LinkTarget | None:
    """Whom ``token`` names, or None where no key of the ring signed it for this purpose. Never raises."""
    payload = _genuine(ring, token, purpose, _TARGET)
    return None if payload is None else _target(payload)


def verify_at(ring: Ring, token: str, purpose: Purpose) -> tuple[LinkTarget, datetime] | None:
    """Whom ``token`` names, and the moment it counts from. How long that is good for is the caller's to say.

    A key that has a successor signs no later moments: whoever stole it can make nothing new with it.
    """
    payload = _genuine(ring, token, purpose, _TARGET + _MOMENT)
    if payload is None:
        return None
    moment = int.from_bytes(payload[_TARGET:], "big") * _MICROSECOND
    successor = _successor_since(ring, payload[2])
    if successor is not None and moment > successor + _TAKING_UP - _EPOCH:
        return None
    return _target(payload), _EPOCH + moment


def knows_key_of(ring: Ring, token: str) -> bool:
    """Whether the ring holds the key that ``token`` says it was signed with; True for what is no token at all."""
    raw = _decode(token, _TARGET)
    return raw is None or _secret(ring, raw[2]) is not None


def objection_url(pages_url: str, token: str) -> str:
    """The address in every mail under which its reader can object."""
    return pages_url.rstrip("/") + OBJECT_PATH + token


def confirmation_url(pages_url: str, path: str, token: str) -> str:
    """The address in the letter by which somebody confirms what they asked for."""
    return pages_url.rstrip("/") + path + token


def _payload(ring: Ring, purpose: Purpose, contact: ContactId, address_hash: bytes) -> bytes:
    payload = bytes((_VERSION, purpose, ring[-1].number)) + bytes.fromhex(contact) + address_hash
    if len(payload) != _TARGET:
        raise ValueError("a link needs a contact id of 16 bytes and an address hash of 32")
    return payload


def _signed(ring: Ring, payload: bytes) -> str:
    return _encode(payload + _mac(ring[-1].secret, payload))


def _genuine(ring: Ring, token: str, purpose: Purpose, length: int) -> bytes | None:
    """What was signed, ``length`` bytes; None for everything that no key of the ring signed for this purpose."""
    raw = _decode(token, length)
    if raw is None:
        return None
    payload, mac = raw[:-_MAC], raw[-_MAC:]
    secret = _secret(ring, payload[2])
    genuine = hmac.compare_digest(mac, _mac(secret or _NOBODY, payload))
    if not genuine or secret is None or payload[0] != _VERSION or payload[1] != purpose:
        return None
    return payload


def _secret(ring: Ring, number: int) -> bytes | None:
    return next((key.secret for key in ring if key.number == number), None)


def _successor_since(ring: Ring, number: int) -> datetime | None:
    """Since when a younger key signs; None where there is none, or nobody wrote down when it came."""
    place = next(place for place, key in enumerate(ring) if key.number == number)
    return next((key.since for key in ring[place + 1 :] if key.since is not None), None)


def _target(payload: bytes) -> LinkTarget:
    contact = payload[_HEAD : _HEAD + _CONTACT]
    return LinkTarget(ContactId(contact.hex()), payload[_HEAD + _CONTACT : _TARGET])


def _mac(secret: bytes, payload: bytes) -> bytes:
    return keyed_hash(secret, payload)[:_MAC]


def keyed_hash(secret: bytes, data: bytes) -> bytes:
    """HMAC-SHA-256, with what depends on the secret alone done once."""
    keyed = _keyed(secret).copy()
    keyed.update(data)
    return keyed.digest()


@lru_cache(maxsize=512)
def _keyed(secret: bytes) -> hmac.HMAC:
    """A copy is quick; ``hmac.digest`` lets go of the interpreter, and beside busy threads waits to have it back."""
    return hmac.new(secret, digestmod="sha256")


def _encode(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def _decode(token: str, length: int) -> bytes | None:
    """The ``length`` bytes and the MAC of a token written exactly as ``sign`` writes it.

    base64 leaves some bits of the last character unused and Python skips foreign characters, so one token
    could be written in many ways; only the one way is taken.
    """
    if len(token) != -(-(length + _MAC) * 8 // 6) or not token.isascii():
        return None
    padded = token + "=" * (-len(token) % 4)
    try:
        raw = urlsafe_b64decode(padded)
    except ValueError:
        return None
    return raw if len(raw) == length + _MAC and _encode(raw) == token else None
