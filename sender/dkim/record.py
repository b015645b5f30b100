"""The DNS record of a key: written for a zone file, and read from what the DNS says."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode, b64encode
from dataclasses import dataclass

from sender.dkim.keys import SigningKey
from sender.dkim.signer import Identity

__all__ = ["Record", "quoted", "record_name", "record_text", "tags_in"]

_STRING = 255  # octets of one string of a TXT record, RFC 1035 §3.3
_TAG = re.compile(r"\s*([A-Za-z][A-Za-z0-9_]*)\s*=\s*(.*?)\s*", re.DOTALL)


def record_name(one: Identity) -> str:
    # Meets: RFC 6376 section 3.6.2.1
    return f"{one.selector}._domainkey.{one.domain}"


def record_text(key: SigningKey) -> str:
    """What the record says, in one piece."""
    # Meets: RFC 6376 section 3.6.1, RFC 8463 section 4.2
    return f"v=DKIM1; k={key.kind}; p={b64encode(key.published_forms[0]).decode('ascii')}"


def quoted(text: str) -> str:
    """The text as a zone file has it: strings of 255 octets at most."""
    # Meets: RFC 6376 section 3.6.2.2 (the strings are put together without a blank)
    return " ".join(f'"{text[at : at + _STRING]}"' for at in range(0, len(text), _STRING))


@dataclass(frozen=True, slots=True)
class Record:
    """What a published record says. ``public``: None where it is no base64; empty where the key is revoked."""

    kind: str
    public: bytes | None
    hashes: frozenset[str]
    services: frozenset[str]
    testing: bool

    @classmethod
    def parse(cls, text: str) -> Record | None:
        """None where it is no DKIM record at all."""
        found = tags_in(text)
        if (
            found is None
            or "p" not in found
            or found.get("v", "DKIM1") != "DKIM1"
            or ("v" in found and next(iter(found)) != "v")
        ):
            return None
        return cls(
            kind=found.get("k", "rsa"),
            public=_decoded(found["p"]),
            hashes=_words(found.get("h", "sha256")),
            services=_words(found.get("s", "*")),
            testing="y" in _words(found.get("t", "")),
        )

    def is_of(self, key: SigningKey) -> bool:
        return self.public in key.published_forms


def tags_in(text: str) -> dict[str, str] | None:
    """The tags of a record or of a signature; None where it is no list of them, or one stands twice."""
    # Meets: RFC 6376 section 3.2
    tags = [_TAG.fullmatch(part) for part in text.strip().removesuffix(";").split(";")]
    found = {tag[1]: tag[2] for tag in tags if tag}
    return found if all(tags) and len(found) == len(tags) else None


def _decoded(text: str) -> bytes | None:
    try:
        return b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return None


def _words(text: str) -> frozenset[str]:
    return frozenset(word.strip() for word in text.split(":") if word.strip())
