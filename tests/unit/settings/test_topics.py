"""The setting ``topics``: names for people, in one language or in each."""

from __future__ import annotations

import pytest

from sender.settings.complaints import SettingFault
from sender.settings.topics import parse_topics


def test_names_by_language() -> None:
    """A table or a line of text; the order is kept, and a language without a name gets another one's."""
    topics = parse_topics({"RGPD": {"fr": "Données", "en": "Data"}, "paie": "Paie", "droit  social": {"fr": "Social"}})

    assert list(topics.shown("en").items()) == [("rgpd", "Data"), ("paie", "Paie"), ("droit social", "Social")]
    assert topics.shown("fr")["rgpd"] == "Données"
    assert parse_topics("rgpd=Données, paie=Paie").shown("fr") == {"rgpd": "Données", "paie": "Paie"}


@pytest.mark.parametrize("wrong", ["rgpd", "=Paie", "a=b, A=c", {"paie": {}}, {"paie": "\x00"}, {"paie": "x" * 81}])
def test_what_cannot_be_shown_is_refused(wrong: object) -> None:
    with pytest.raises(SettingFault):
        parse_topics(wrong)
