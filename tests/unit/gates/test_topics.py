"""The gate ``topics``: a person's no to a subject refuses the campaigns about it, and no others."""

from __future__ import annotations

import pytest

from sender.gates import CONTACT_GATES
from sender.model import Choices
from tests.unit.gates.given import codes, contact_facts

GATE = next(gate for gate in CONTACT_GATES if gate.name == "topics")


@pytest.mark.parametrize(
    ("about", "refused", "code"),
    [
        ((), (), "open"),
        ((), ("paie",), "open"),
        (("rgpd",), ("paie",), "open"),
        (("paie",), ("paie",), "-refused"),
        (("rgpd", "paie"), ("paie",), "-refused"),
    ],
)
def test_topics(about: tuple[str, ...], refused: tuple[str, ...], code: str) -> None:
    """One refused topic among those of the campaign is enough."""
    facts = contact_facts(topics=about, contact={"choices": Choices(refused=refused)})

    assert codes(GATE, facts) == [code]
