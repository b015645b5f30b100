"""The hash of a body that is cut where values go: what stays the same is brought into its form once.

SHA-256 runs from front to back, so that what stands before the first value is hashed once for all letters, and its
state copied; behind it only what is put in has still to be brought into relaxed form.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from sender.dkim.canonical import ended, relaxed_body, relaxed_lines

__all__ = ["BodyMould", "body_hash"]


def body_hash(body: bytes) -> bytes:
    """The 32 bytes of ``bh=`` the plain way."""
    return sha256(relaxed_body(body)).digest()


class BodyMould:
    """``fixed``: the pieces that are the same in all bodies, one more than there are gaps; all of whole lines."""

    def __init__(self, fixed: Sequence[bytes]) -> None:
        first, *rest = map(relaxed_lines, fixed)
        self._fixed = (first, *rest)
        self._last = ended(rest[-1]) if rest else b""
        self._begun = sha256(first)

    def hash(self, between: Sequence[bytes]) -> bytes:
        """The hash of the body with whole lines in its gaps."""
        if not self._last:  # the empty lines at the end reach into what was put in
            return self._hash_to_the_end(between)
        pieces: list[bytes] = []
        for lines, fixed in zip(between, (*self._fixed[1:-1], self._last), strict=True):
            pieces += (relaxed_lines(lines), fixed)
        state = self._begun.copy()
        state.update(b"".join(pieces))
        return state.digest()

    def _hash_to_the_end(self, between: Sequence[bytes]) -> bytes:
        pieces = [self._fixed[0]]
        for lines, fixed in zip(between, self._fixed[1:], strict=True):
            pieces += (relaxed_lines(lines), fixed)
        return sha256(ended(b"".join(pieces))).digest()
