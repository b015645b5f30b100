"""One thing that was found, or that could not be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

__all__ = ["Level", "Remark", "visible"]

SHOWN = 80  # of a text that a stranger wrote


class Level(StrEnum):
    """How much a remark matters."""

    PASSED = "passed"
    WARNING = "warning"
    FAILED = "failed"
    UNKNOWN = "unknown"  # could not be learned; no pass


@dataclass(frozen=True, slots=True)
class Remark:
    """``where``: a name in the DNS, or ``file:line:column``. ``facts``: what its sentence names; no personal data."""

    level: Level
    check: str
    code: str
    where: str
    facts: Mapping[str, str | int] = field(default_factory=dict)


def visible(text: str) -> str:
    """A text of the DNS as a terminal may show it: printable ASCII, not too long."""
    plain = "".join(letter if letter.isascii() and letter.isprintable() else "?" for letter in text)
    return plain if len(plain) <= SHOWN else f"{plain[:SHOWN]}..."
