"""The gate ``notice``: what it lets through and what it refuses."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from sender.gates import CONTACT_GATES
from sender.law import Permission
from sender.law.calendar import a_month_after
from sender.model import (
    AddressClass,
    LegalBasis,
    Notice,
    SourceKind,
)
from tests.unit.gates.given import COLLECTED, CONSENT, codes, contact_facts, rules

GATE = next(gate for gate in CONTACT_GATES if gate.name == "notice")

IN = rules(permitted=Permission.IN)


GENERIC = AddressClass.GENERIC_ENTITY


def under(consent: Any = CONSENT, **more: Any) -> dict[str, Any]:
    return {"basis": LegalBasis.CONSENT, "contact": {"consent": consent}, "rules": IN, **more}


def told(on: date | None = COLLECTED, *, given: bool = True, offered: bool = True, **more: Any) -> dict[str, Any]:
    return {"provenance": {"notice": Notice(given, "v", on, offered), **more}}


INDIRECT = {"kind": SourceKind.PUBLIC_PAGE}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, "told"),
        ({"address_class": GENERIC, **told(given=False)}, "generic"),
        (told(given=False), "-not_told"),
        (told(None), "-undated"),
        (told(collected_on=None), "-collection_undated"),
        (told(date(2026, 3, 13)), "-too_late"),
        (told(date(2026, 4, 12), **INDIRECT), "told"),
        (told(date(2026, 4, 13), **INDIRECT), "-too_late"),
        (told(date(2026, 11, 24), collected_on=date(2026, 11, 24)), "-in_future"),
        (told(offered=False), "-no_objection"),
        ({**told(offered=False), **under()}, "told"),
        ({**told(offered=False), **under(replace(CONSENT, proof="log_only"))}, "-no_objection"),
        ({**told(given=False, **INDIRECT), "collection_notice": True}, "-not_told"),
        (
            {**told(given=False, **INDIRECT), "collection_notice": True, "today": date(2026, 4, 12)},
            "in_this_mail",
        ),
        ({**told(given=False), "collection_notice": True, "today": COLLECTED}, "-not_told"),
    ],
)
def test_notice(changes: dict[str, Any], code: str) -> None:
    """The gate answers these facts with this code; a code that refuses begins with ``-``."""
    assert codes(GATE, contact_facts(**changes)) == [code]


@pytest.mark.parametrize(
    ("day", "later"),
    [
        (date(2026, 1, 31), date(2026, 2, 28)),
        (date(2026, 12, 5), date(2027, 1, 5)),
        (date(2024, 1, 30), date(2024, 2, 29)),
    ],
)
def test_a_month(day: date, later: date) -> None:
    """A month ends on the same day of the next, or on that month's last."""
    assert a_month_after(day) == later
