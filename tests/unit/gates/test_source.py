"""The gate ``source``: what it lets through and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest

from sender.gates import CONTACT_GATES
from sender.model import (
    SourceKind,
)
from tests.unit.gates.given import codes, contact_facts

GATE = next(gate for gate in CONTACT_GATES if gate.name == "source")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, "known"),
        *[({"provenance": {"kind": SourceKind(k)}}, f"-{k}") for k in ("scraped", "guessed", "unknown")],
        ({"provenance": {"kind": SourceKind.PURCHASED, "record": " "}}, "-no_record"),
        ({"provenance": {"kind": SourceKind.PARTNER}}, "known"),
        ({"provenance": {"record": None}}, "known"),
    ],
)
def test_source(changes: dict[str, Any], code: str) -> None:
    """The gate answers these facts with this code; a code that refuses begins with ``-``."""
    assert codes(GATE, contact_facts(**changes)) == [code]
