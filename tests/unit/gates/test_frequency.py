"""The gate ``frequency``: what it lets through and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest

from sender.gates import CONTACT_GATES
from sender.model import Choices, History
from tests.unit.gates.given import codes, contact_facts, rules

GATE = next(gate for gate in CONTACT_GATES if gate.name == "frequency")


def history(**known: Any) -> dict[str, Any]:
    return {"history": History(**known)}


def wish(most: int) -> dict[str, Any]:
    return {"contact": {"choices": Choices(most)}}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, "below"),
        (history(mails_last_12_months=12), "-cap_reached"),
        ({**history(mails_last_12_months=3), "rules": rules(most=3)}, "-law_reached"),
        ({**history(mails_last_12_months=2), "rules": rules(most=3)}, "below"),
        ({**history(mails_last_12_months=1), **wish(1)}, "-wish_reached"),
        ({**history(mails_last_12_months=1), **wish(2)}, "below"),
        ({**history(mails_last_12_months=12), **wish(20)}, "-cap_reached"),
        ({**history(mails_last_12_months=3), "rules": rules(most=3), **wish(4)}, "-law_reached"),
    ],
)
def test_frequency(changes: dict[str, Any], code: str) -> None:
    """The gate answers these facts with this code; a code that refuses begins with ``-``."""
    assert codes(GATE, contact_facts(**changes)) == [code]


@pytest.mark.parametrize(
    ("law", "own", "wish_of_the_person", "limit", "rule"),
    [
        (None, 12, None, 12, "the sender's own cap"),
        (3, 12, None, 3, "a rule"),
        (3, 12, 2, 2, "GDPR art. 21(2)"),
        (3, 2, 6, 2, "the sender's own cap"),
        (3, 12, 6, 3, "a rule"),
    ],
)
def test_the_lowest_of_three_wins(
    law: int | None, own: int, wish_of_the_person: int | None, limit: int, rule: str
) -> None:
    """The law's number, the sender's cap, the person's wish: the pass names the lowest, and whose it is."""
    contact = {"choices": Choices(wish_of_the_person)}
    verdict = GATE.judge(contact_facts(rules=rules(most=law), frequency_cap=own, contact=contact))

    assert (verdict.findings[0].facts, verdict.findings[0].rule) == ({"limit": limit}, rule)
