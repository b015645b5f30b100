"""DKIM-Signature fields (RFC 6376): relaxed/relaxed, SHA-256, never ``l=``; RSA first, Ed25519 beside it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING

from sender.dkim.canonical import relaxed_field
from sender.dkim.fields import FIELDS
from sender.dkim.keys import SigningKey

if TYPE_CHECKING:
    from hashlib import _Hash

__all__ = ["Identity", "Signer"]

_WIDTH = 76
_NAMED = frozenset(field.name.encode() for field in FIELDS)
_SEALED = tuple(field.name for field in FIELDS if field.sealed)


@dataclass(frozen=True, slots=True)
class Identity:
    """A key and where its public half is published. ``domain`` and ``selector`` in ASCII, as RFC 8616 asks."""

    key: SigningKey
    domain: str
    selector: str


class Signer:
    """Signs with each of its identities; no signature covers another one."""

    def __init__(self, identities: Sequence[Identity]) -> None:
        if not identities:
            raise ValueError("a signer needs a key")
        self._identities = tuple(identities)

    def header(self, same: tuple[bytes, ...], fields: Sequence[bytes], body_hash: bytes, when: datetime) -> bytes:
        """The lines that go before a letter's own.

        ``same``, ``fields``: the letter's header fields as they go over the wire, CRLF included: first those that all
        letters of a campaign share, which are hashed once, then this letter's own. A name must not stand in both.
        """
        begun, names = _begun(same)
        own = [line for line in map(relaxed_field, reversed(fields)) if _name(line) in _NAMED]
        state = begun.copy()
        state.update(b"".join(own))
        named = _names(names + tuple(_name(line) for line in own))
        bh, at = b64encode(body_hash).decode("ascii"), int(when.timestamp())
        signed = []
        for one in self._identities:
            unsigned = _unsigned(one, named, bh, at)
            whole = state.copy()
            whole.update(_relaxed(unsigned))
            signed.append(unsigned + _folded(b64encode(one.key.sign(whole.digest())).decode("ascii")))
        return b"".join(signed)


@lru_cache(8)
def _begun(same: tuple[bytes, ...]) -> tuple[_Hash, tuple[bytes, ...]]:
    """The state of the hash after the fields that all letters share, and their names in order."""
    # Meets: RFC 6376 section 5.4.2 (of fields with one name the lowest is signed first)
    lines = [line for line in map(relaxed_field, reversed(same)) if _name(line) in _NAMED]
    return sha256(b"".join(lines)), tuple(_name(line) for line in lines)


def _name(line: bytes) -> bytes:
    return line[: line.index(b":")]


@lru_cache(64)
def _names(names: tuple[bytes, ...]) -> str:
    """``h=``, folded: what is there, then each sealed field once more."""
    # Meets: RFC 6376 section 8.15 (no field can be added unseen)
    listed = [*(name.decode("ascii") for name in names), *_SEALED]
    lines, line = [], f"h={listed[0]}"
    for name in listed[1:]:
        if len(line) + len(name) + 2 > _WIDTH:
            lines.append(f"{line}:")
            line = name
        else:
            line += f":{name}"
    return "\r\n\t".join([*lines, line])


def _unsigned(one: Identity, names: str, body_hash: str, at: int) -> bytes:
    # Meets: RFC 6376 section 3.5, RFC 8301 section 3.1 (rsa-sha256, never rsa-sha1), C3
    return (
        f"DKIM-Signature: v=1; a={one.key.algorithm}; c=relaxed/relaxed; t={at};\r\n"
        f"\td={one.domain};\r\n\ts={one.selector};\r\n"
        f"\t{names};\r\n\tbh={body_hash};\r\n\tb="
    ).encode("ascii")


def _relaxed(unsigned: bytes) -> bytes:
    """As ``relaxed_field`` has it, whose only blanks here are those of its folds; the last field has no CRLF (§3.7)."""
    return b"dkim-signature:" + unsigned.removeprefix(b"DKIM-Signature: ").replace(b"\r\n\t", b" ")


def _folded(signature: str) -> bytes:
    lines = (signature[at : at + _WIDTH - 2] for at in range(0, len(signature), _WIDTH - 2))
    return ("\r\n\t".join(lines) + "\r\n").encode("ascii")
