"""The file of the opt-in page: people can only agree to words that they are shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from sender.errors import SettingsError
from sender.web import offer_from
from tests.integration.test_web_joining import OFFER

KNOWN = {language: {"rgpd": "Données", "paie": "Paie"} for language in ("fr", "en")}


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("[notice]", "[notices]", "notices"),
        ('en = "I agree to receive', '#"', "mail"),
        ('["rgpd", "paie"]', '["unheard"]', "unheard"),
        ("[mail]", "[mail", "cannot be read"),
    ],
)
def test_a_file_that_says_too_little_is_refused(tmp_path: Path, old: str, new: str, named: str) -> None:
    """The complaint names what is missing, and where to read on."""
    assert old in OFFER
    file = tmp_path / "opt-in.toml"
    file.write_text(OFFER.replace(old, new), encoding="utf-8")
    with pytest.raises(SettingsError) as refused:
        offer_from(file, KNOWN)
    (complaint,) = refused.value.complaints

    assert complaint.code == "SC-640"
    assert named in complaint.why
    assert "let-people-opt-in.md" in complaint.todo


def test_every_change_of_the_words_is_another_version(tmp_path: Path) -> None:
    """The version and the form's digest follow the text; tracking and topics have versions of their own."""
    file = tmp_path / "opt-in.toml"
    file.write_text(OFFER, encoding="utf-8")
    before = offer_from(file, KNOWN)
    file.write_text(OFFER.replace("à tout moment", "par le lien de chaque message"), encoding="utf-8")
    after = offer_from(file, KNOWN)
    scopes = ("mail", "tracking", "topic:rgpd", "topic:paie")

    assert len({before.version(scope, language) for scope in scopes for language in ("fr", "en")}) == 8
    assert before.version("mail", "fr") != after.version("mail", "fr")
    assert before.version("tracking", "fr") == after.version("tracking", "fr")
    assert before.digest("fr") != after.digest("fr")
    assert before.digest("en") == after.digest("en")
