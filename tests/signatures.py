"""What another program says of the signatures of a message."""

from __future__ import annotations

from collections.abc import Mapping

import dkim


def verdicts_of(message: bytes, records: Mapping[str, str]) -> list[bool]:
    """Of each signature, the upper one first. ``records``: what the DNS would say, by name."""

    def published(name: bytes, timeout: int = 0) -> bytes:
        return records[name.decode().removesuffix(".")].encode()

    def verdict(index: int) -> bool:
        try:
            return bool(dkim.DKIM(message).verify(index, dnsfunc=published))
        except dkim.ValidationError:
            return False

    return [verdict(index) for index in range(message.count(b"DKIM-Signature:"))]
