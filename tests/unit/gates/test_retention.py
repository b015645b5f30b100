"""The gate ``retention``: what it lets through and what it refuses."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from sender.gates import CONTACT_GATES
from tests.unit.gates.given import codes, contact_facts

GATE = next(gate for gate in CONTACT_GATES if gate.name == "retention")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, "recent"),
        ({"provenance": {"collected_on": date(2023, 11, 24)}}, "recent"),
        ({"provenance": {"collected_on": date(2023, 11, 22)}}, "-too_old"),
        ({"provenance": {"collected_on": None}}, "-collection_undated"),
        ({"provenance": {"collected_on": date(2026, 11, 24)}}, "-in_future"),
    ],
)
def test_retention(changes: dict[str, Any], code: str) -> None:
    """The gate answers these facts with this code; a code that refuses begins with ``-``."""
    assert codes(GATE, contact_facts(**changes)) == [code]
