"""Signing keys: RSA and Ed25519, as PEM in a file that only its owner can read, or from a key store's command."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from sender.errors import Place, SenderError, SettingsError

__all__ = [
    "ADVISED_BITS",
    "LEAST_BITS",
    "Kind",
    "SigningKey",
    "make_key",
    "parse_key",
    "read_key_file",
    "write_key_file",
]

# Meets: RFC 8301 section 3.2 (at least 1024 bits, better 2048)
LEAST_BITS, ADVISED_BITS = 1024, 2048
_LARGEST_FILE = 64 * 1024
_PADDING, _DIGEST = PKCS1v15(), Prehashed(hashes.SHA256())
_UNSIGNED = "While signing is set no letter leaves unsigned, so nothing is sent."

Kind = Literal["rsa", "ed25519"]


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key; it never shows in a ``repr``. ``bits``: of an RSA key; 256 for Ed25519."""

    kind: Kind
    bits: int
    published_forms: tuple[bytes, ...] = field(repr=False)
    """What a DNS record may hold; the first is ours. RSA: SubjectPublicKeyInfo, or the RSAPublicKey of RFC 6376."""
    sign: Callable[[bytes], bytes] = field(repr=False)
    """The signature of a SHA-256 digest."""
    demand_signed: Callable[[bytes, bytes], None] = field(repr=False)
    """Takes a digest and a signature, and raises InvalidSignature unless the one is of the other."""
    pem: Callable[[], bytes] = field(repr=False)

    @property
    def algorithm(self) -> str:
        return f"{self.kind}-sha256"

    @property
    def weak(self) -> bool:
        return self.kind == "rsa" and self.bits < ADVISED_BITS

    @classmethod
    def of(cls, private: RSAPrivateKey | Ed25519PrivateKey) -> SigningKey:
        def pem() -> bytes:
            return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

        if isinstance(private, Ed25519PrivateKey):
            # Meets: RFC 8463 section 3 (PureEdDSA over the SHA-256 digest), 4.2 (the bare key in the record)
            bare = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
            public = private.public_key()
            return cls(
                "ed25519", 256, (bare,), private.sign, lambda digest, signature: public.verify(signature, digest), pem
            )
        forms = (PublicFormat.SubjectPublicKeyInfo, PublicFormat.PKCS1)
        published = tuple(private.public_key().public_bytes(Encoding.DER, form) for form in forms)
        whole = private.public_key()
        return cls(
            "rsa",
            private.key_size,
            published,
            lambda digest: private.sign(digest, _PADDING, _DIGEST),
            lambda digest, signature: whole.verify(signature, digest, _PADDING, _DIGEST),
            pem,
        )


def make_key(kind: Kind, bits: int = ADVISED_BITS) -> SigningKey:
    """A new key. ``bits``: of RSA, 2048 or more."""
    return SigningKey.of(generate_private_key(65537, bits) if kind == "rsa" else Ed25519PrivateKey.generate())


def read_key_file(path: Path, kind: Kind) -> SigningKey:
    """The key in a PEM file of which nobody but its owner may read. Raises SettingsError."""
    place = Place(str(path))
    try:
        with path.open("rb") as file:
            private = not stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077
            content = file.read(_LARGEST_FILE)
    except OSError as problem:
        raise SettingsError.of(
            "SC-671",
            f"the signing key cannot be read: {problem.strerror or 'no reason given'}",
            why=_UNSIGNED,
            todo="Correct the setting or the file's owner, or make one with: send-campaign dkim keygen",
            place=place,
        ) from problem
    if not private:
        raise SettingsError.of(
            "SC-672",
            "others may read the signing key",
            why="Whoever has it can sign mail in your name.",
            todo=f"Run: chmod go= {path}",
            place=place,
        )
    return parse_key(content, kind, place)


def parse_key(pem: bytes, kind: Kind, place: Place) -> SigningKey:
    """The key in a PEM text. Raises SettingsError; nothing of the text is shown, and no exception is chained."""
    try:
        private = load_pem_private_key(pem, None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        private = None
    if not isinstance(private, RSAPrivateKey | Ed25519PrivateKey):
        raise _unusable("this is no RSA or Ed25519 key in PEM form without a passphrase", place)
    key = SigningKey.of(private)
    if key.kind != kind:
        raise _unusable(f"the key is {_NAMES[key.kind]} where {_NAMES[kind]} is set", place)
    if key.kind == "rsa" and key.bits < LEAST_BITS:
        raise SettingsError.of(
            "SC-674",
            f"the signing key has {key.bits} bits",
            why=f"Receivers take a signature with less than {LEAST_BITS} for none (RFC 8301).",
            todo="Make one of 2048 bits: send-campaign dkim keygen",
            place=place,
        )
    return key


_NAMES = {"rsa": "RSA", "ed25519": "Ed25519"}


def _unusable(what: str, place: Place) -> SenderError:
    return SettingsError.of("SC-673", what, why=_UNSIGNED, todo="Make one with: send-campaign dkim keygen", place=place)


def write_key_file(path: Path, key: SigningKey) -> None:
    """A new file that only its owner can read, on the disk when this returns; never over another one."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(key.pem())
            file.flush()
            os.fsync(descriptor)
    except OSError as problem:
        raise SettingsError.of(
            "SC-676",
            f"the key cannot be written: {problem.strerror or 'no reason given'}",
            why="A key that is overwritten cannot be had back; letters on their way could not be verified.",
            todo="Name a new file, in a folder of your own.",
            place=Place(str(path)),
        ) from problem
