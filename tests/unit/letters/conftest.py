"""A small campaign on disk, and the example campaign."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from sender.letters import Links
from sender.model import (
    Address,
    Audience,
    Campaign,
    Contact,
    ContactId,
    LegalBasis,
    LegalIdentity,
    Message,
    Offer,
    Processing,
    Provenance,
    Schedule,
    Sender,
)

ROOT = Path(__file__).parents[3]
URL = "https://courrier.eluard.example/u/AQEBkq0"
MAILTO = "mailto:stop@eluard.example?subject=AQEBkq0"

MakeCampaign = Callable[..., Campaign]


def address(spec: str) -> Address:
    local, _, domain = spec.rpartition("@")
    return Address(local, domain, spec.casefold())


def eluard(message: Message, path: Path, language: str = "fr") -> Campaign:
    """The campaign of the documentation with another message."""
    legal = LegalIdentity("SAS", "50 000 €", "123456782", "Paris", "12 rue de la Paix, 75002 Paris, France")
    sender = Sender("Éluard Conseil", address("conseil@eluard.example"), None, "FR", legal)
    what = "Audit de conformité RGPD des fichiers de prospection"
    return Campaign(
        name="spring-2026",
        path=path,
        language=language,
        sender=sender,
        offer=Offer(what, ("legal", "data_protection"), "Ces fonctions répondent de la conformité."),
        audience=Audience(path.parent / "contacts.csv", {}, Provenance()),
        basis=LegalBasis.LEGITIMATE_INTEREST,
        processing=Processing("PROSP-01", None),
        message=message,
        schedule=Schedule(ZoneInfo("Europe/Paris"), None, None),
    )


@pytest.fixture
def links() -> Links:
    return Links(URL, MAILTO)


@pytest.fixture
def contact() -> Contact:
    return Contact(
        id=ContactId("0" * 31 + "1"),
        email=address("anne.martin@cabinet-martin.example"),
        first_name="Anne",
        last_name="Martin",
        company="Cabinet Martin",
        title="Directrice juridique",
    )


@pytest.fixture
def make(tmp_path: Path) -> MakeCampaign:
    """A campaign whose templates are given as text; more files by name."""

    def build(
        html: str = "<p>{{ unsubscribe_url }}</p>",
        text: str | None = None,
        subject: str = "Objet",
        files: Mapping[str, str | bytes] | None = None,
        attachments: tuple[str, ...] = (),
        headers: Mapping[str, str] | None = None,
    ) -> Campaign:
        folder = tmp_path / "templates" / "case"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "mail.html").write_text(html, encoding="utf-8")
        if text is not None:
            (folder / "mail.txt").write_text(text, encoding="utf-8")
        for name, content in (files or {}).items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        message = Message(
            subject,
            folder / "mail.html",
            folder / "mail.txt" if text is not None else None,
            tuple(folder / name for name in attachments),
            dict(headers or {}),
        )
        return eluard(message, tmp_path / "campaign.yaml")

    return build


@pytest.fixture
def spring() -> Campaign:
    """The example mail of the repository."""
    folder = ROOT / "templates" / "spring"
    subject = "{{ contact.company }} : vos fichiers de prospection sont-ils conformes ?"
    return eluard(Message(subject, folder / "mail.html", folder / "mail.txt"), ROOT / "campaigns" / "spring.yaml")


@pytest.fixture
def without_text(spring: Campaign) -> Campaign:
    """The example mail whose text part is derived."""
    return replace(spring, message=replace(spring.message, text=None))
