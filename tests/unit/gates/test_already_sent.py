"""The gate ``already_sent``: what it lets through and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest

from sender.gates import CONTACT_GATES
from sender.model import (
    History,
    LetterState,
)
from tests.unit.gates.given import codes, contact_facts

GATE = next(gate for gate in CONTACT_GATES if gate.name == "already_sent")


def history(**known: Any) -> dict[str, Any]:
    return {"history": History(**known)}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, "first"),
        (history(already=LetterState.DEFERRED), "deferred"),
        (history(already=LetterState.HELD), "first"),
        *[(history(already=LetterState(s)), f"-{s}") for s in ("accepted", "refused", "unknown", "sending")],
    ],
)
def test_already_sent(changes: dict[str, Any], code: str) -> None:
    """The gate answers these facts with this code; a code that refuses begins with ``-``."""
    assert codes(GATE, contact_facts(**changes)) == [code]
