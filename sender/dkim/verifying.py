"""Whether a signature of ours still holds on a mail that came back: what a receiver would find, with our own keys."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from enum import Enum
from hashlib import sha256

from cryptography.exceptions import InvalidSignature

from sender.dkim.body import body_hash
from sender.dkim.canonical import relaxed_field
from sender.dkim.record import tags_in
from sender.dkim.signer import Identity

__all__ = ["Broken", "broken"]

_FIELD = re.compile(rb"[^\r\n]*\r\n(?:[ \t][^\r\n]*\r\n)*")
_SIGNATURE = re.compile(rb"(;[ \t\r\n]*b[ \t\r\n]*=|^[^:]*:[ \t\r\n]*b[ \t\r\n]*=)[^;]*", re.IGNORECASE)
_LINE_END = re.compile(rb"\r?\n")


class Broken(Enum):
    """What a receiver would say of the signature. ``BODY``, ``FIELDS``: changed on the way."""

    MISSING = "missing"
    BODY = "body"
    FIELDS = "fields"


def broken(one: Identity, mail: bytes) -> Broken | None:
    """What is wrong with this identity's signature of a mail as a mailbox has it; None where it holds."""
    # Meets: RFC 6376 section 6.1.3
    head, _, body = _LINE_END.sub(b"\r\n", mail).partition(b"\r\n\r\n")
    fields = _FIELD.findall(head + b"\r\n")
    signature = next((field for field in fields if _is_of(one, field)), None)
    if signature is None:
        return Broken.MISSING
    tags = _tags(signature)
    if tags.get("bh", "") != b64encode(body_hash(body)).decode("ascii"):
        return Broken.BODY
    signed = [
        *_named(tags.get("h", ""), fields),
        relaxed_field(_SIGNATURE.sub(rb"\1", signature)).removesuffix(b"\r\n"),
    ]
    try:
        one.key.demand_signed(sha256(b"".join(signed)).digest(), b64decode(tags.get("b", ""), validate=True))
    except (InvalidSignature, binascii.Error):
        return Broken.FIELDS
    return None


def _is_of(one: Identity, field: bytes) -> bool:
    if not field.lower().startswith(b"dkim-signature:"):
        return False
    tags = _tags(field)
    ours = (one.domain.lower(), one.selector.lower(), one.key.algorithm)
    return (tags.get("d", "").lower(), tags.get("s", "").lower(), tags.get("a", "")) == ours


def _tags(field: bytes) -> Mapping[str, str]:
    """Without the blanks of folding, which stand in no tag that we write."""
    found = tags_in(field.partition(b":")[2].decode("ascii", "replace"))
    return {name: "".join(value.split()) for name, value in (found or {}).items()}


def _named(listed: str, fields: Sequence[bytes]) -> list[bytes]:
    """The signed fields in order; of those with one name the lowest first, and one that is not there is nothing."""
    # Meets: RFC 6376 section 5.4.2
    standing = [relaxed_field(field) for field in reversed(fields)]
    found = []
    for name in listed.lower().encode("ascii", "replace").split(b":"):
        at = next((place for place, line in enumerate(standing) if line.startswith(name + b":")), None)
        if at is not None:
            found.append(standing.pop(at))
    return found
