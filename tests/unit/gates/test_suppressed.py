"""The gate ``suppressed``: what it lets through and what it refuses."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from sender.gates import CONTACT_GATES
from sender.model import (
    History,
    Suppression,
)
from tests.unit.gates.given import codes, contact_facts

GATE = next(gate for gate in CONTACT_GATES if gate.name == "suppressed")


def history(**known: Any) -> dict[str, Any]:
    return {"history": History(**known)}


def kept(reason: str) -> dict[str, Any]:
    return history(suppression=Suppression(reason, datetime(2026, 1, 1, tzinfo=UTC)))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, "clear"),
        *[
            (kept(r), f"-{r}")
            for r in ("objected", "erased", "complained", "restricted", "bounced", "excluded", "domain")
        ],
        (kept("moon"), "-other"),
    ],
)
def test_suppressed(changes: dict[str, Any], code: str) -> None:
    """The gate answers these facts with this code; a code that refuses begins with ``-``."""
    assert codes(GATE, contact_facts(**changes)) == [code]
