"""The example letter, byte for byte; only date, message id and boundaries may differ."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sender.letters import Composer, Links, Templates, synthetic_contacts
from sender.model import (
    Address,
    Audience,
    Campaign,
    LegalBasis,
    LegalIdentity,
    Message,
    Offer,
    Processing,
    Provenance,
    Schedule,
    Sender,
)

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "golden" / "spring.eml"
WILD = ((r"(?m)^Date: .*", "Date: *"), (r"(?m)^Message-ID: .*", "Message-ID: *"), (r"=_(\d)_[0-9a-f]{24}", r"=_\1_*"))


def spring() -> Campaign:
    folder = ROOT / "templates" / "spring"
    legal = LegalIdentity("SAS", "50 000 €", "123456782", "Paris", "12 rue de la Paix, 75002 Paris, France")
    return Campaign(
        name="spring-2026",
        path=ROOT / "campaigns" / "spring.yaml",
        language="fr",
        sender=Sender(
            "Éluard Conseil", Address("conseil", "eluard.example", "conseil@eluard.example"), None, "FR", legal
        ),
        offer=Offer("Audit de conformité RGPD des fichiers de prospection", ("legal",), None),
        audience=Audience(ROOT / "campaigns" / "spring-contacts.csv", {}, Provenance()),
        basis=LegalBasis.LEGITIMATE_INTEREST,
        processing=Processing("PROSP-01", None),
        message=Message(
            "{{ contact.company }} : vos fichiers de prospection sont-ils conformes ?",
            folder / "mail.html",
            folder / "mail.txt",
        ),
        schedule=Schedule(ZoneInfo("Europe/Paris"), None, None),
    )


def tamed(content: bytes) -> str:
    text = content.decode().replace("\r\n", "\n")
    for pattern, wild in WILD:
        text = re.sub(pattern, wild, text)
    return text


def test_the_example_letter_is_the_golden_one() -> None:
    """What templates/spring makes for the first invented recipient is tests/golden/spring.eml."""
    campaign = spring()
    templates = Templates.load(campaign)
    links = Links("https://courrier.eluard.example/u/TOKEN", "mailto:stop@eluard.example?subject=TOKEN")
    rendering = templates.render(synthetic_contacts(campaign)[0], links)
    now = datetime(2026, 4, 2, 7, tzinfo=UTC)
    letter = Composer(campaign, templates).compose(rendering, message_id="<golden@eluard.example>", date=now)
    assert tamed(letter.content) == GOLDEN.read_text(encoding="utf-8")
