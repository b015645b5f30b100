"""Seals bytes to one age key, so that only who holds it opens them; pyrage lives here.

Recipients are written as age writes them: ``age1...``, or the public half of an SSH key. What was sealed can be opened
with the program ``age`` too.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyrage

from sender.errors import InputError, Place, UsageError

__all__ = ["COMPLAINTS", "is_sealed", "opened", "recipient", "seal"]

COMPLAINTS = {
    "SC-185": "This is not an age key that can be sealed to",
    "SC-186": "The file is sealed to another key",
    "SC-187": "The age key cannot be read",
}

_BEGINS = b"age-encryption.org/v1"


def recipient(text: str) -> Any:
    """The key to seal to. Checked before anything is written."""
    written = text.strip()
    kind = pyrage.ssh.Recipient if written.startswith("ssh-") else pyrage.x25519.Recipient
    try:
        return kind.from_str(written)
    except pyrage.RecipientError:
        raise UsageError.of(
            "SC-185",
            "this is not an age key that can be sealed to",
            why="What is written unsealed could be read by others; nothing was done.",
            todo="Give the public key, age1... (made by: age-keygen), or a line ssh-ed25519 ...",
        ) from None


def seal(content: bytes, to: Any) -> bytes:
    sealed: bytes = pyrage.encrypt(content, [to])
    return sealed


def is_sealed(content: bytes) -> bool:
    return content.startswith(_BEGINS)


def opened(content: bytes, key: Path, *, place: str) -> bytes:
    """What was sealed in ``place``; ``key`` is the file that age-keygen wrote."""
    try:
        lines = key.read_text(encoding="utf-8").splitlines()
        secret = next(line.strip() for line in lines if line.startswith("AGE-SECRET-KEY-"))
        identity = pyrage.x25519.Identity.from_str(secret)
    except (OSError, UnicodeDecodeError, StopIteration, pyrage.IdentityError):
        raise InputError.of(
            "SC-187",
            "there is no age key in this file",
            why="Without it what was sealed stays shut.",
            todo="Name the file that age-keygen wrote (it holds AGE-SECRET-KEY-1...).",
            place=Place(str(key)),
        ) from None  # the text of the error might hold a part of the key
    try:
        content_: bytes = pyrage.decrypt(content, [identity])
    except pyrage.DecryptError:
        raise InputError.of(
            "SC-186",
            "the file is sealed to another key, or it is damaged",
            why="Nothing of it can be read; nothing was done.",
            todo="Name the key that it was sealed to.",
            place=Place(place),
        ) from None
    return content_
