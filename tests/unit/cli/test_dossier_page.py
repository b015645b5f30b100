"""The archive about a person: no table and no column is forgotten."""

from __future__ import annotations

import json

import pytest

from sender.cli.dossier_json import as_json
from sender.cli.dossier_page import INTERNAL, SHOWN, language_of, page
from sender.cli.words import LANGUAGES, catalogue
from sender.model import Address, Contact, ContactId
from sender.steps.dossier import Dossier, Mail
from sender.steps.holdings import HOLDINGS, Subject
from sender.store.schema import metadata
from tests.databases import NOW

TOLD_BY_MAIL = {"letters", "attempts", "campaigns", "verdict_sets"}
TOLD_BY_ENTRY = {"journal", "journal_payloads"}
ADDRESS = Address("anne", "cabinet.example", "anne@cabinet.example")


def about(contact: Contact | None, **rows: list[dict[str, object]]) -> Dossier:
    every = {holding.table.name: rows.get(holding.table.name, []) for holding in HOLDINGS}
    attempt = dict.fromkeys(("enhanced", "answer")) | {
        "subject": "Vos <fichiers>",
        "opened_at": NOW,
        "outcome": "accepted",
        "code": 250,
    }
    mail = Mail("spring", "Éluard Conseil", "legitimate_interest", "accepted", (), (attempt,))
    return Dossier(Subject(ADDRESS, contact, (), (), ()), False, NOW, every, (mail,))


def test_every_table_is_on_the_page() -> None:
    """But for those that are told mail by mail or entry by entry; the JSON has them all by its making."""
    assert sorted([*SHOWN, *TOLD_BY_MAIL, *TOLD_BY_ENTRY]) == sorted(holding.table.name for holding in HOLDINGS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_column_has_a_label(language: str) -> None:
    columns = {column.name for table in SHOWN for column in metadata.tables[table].c} - INTERNAL

    assert [name for name in sorted(columns) if f"column.{name}" not in catalogue(language)] == []


def test_what_is_shown_is_text_and_never_markup() -> None:
    contact = Contact(ContactId("1" * 32), ADDRESS)
    shown = page(
        [about(contact, contacts=[{"first_name": "<script>alert(1)</script>"}])], "fr", None, "dossier.by_answer"
    )

    assert "<script" not in shown
    assert "Vos &lt;fichiers&gt;" in shown


def test_the_json_holds_every_table_and_bytes_as_digits() -> None:
    data = json.loads(as_json([about(None, suppressions=[{"hash": b"\x01", "since": NOW}])], "en"))

    assert data["held"].keys() == {holding.table.name for holding in HOLDINGS}
    assert data["held"]["suppressions"] == [{"hash": "01", "since": NOW.isoformat()}]
    assert data["mails"][0]["attempts"][0]["subject"] == "Vos <fichiers>"


@pytest.mark.parametrize(
    ("language", "country", "spoken"),
    [("fr-BE", None, "fr"), ("de", "FR", "en"), (None, "FR", "fr"), (None, "DE", "en"), (None, None, "settings")],
)
def test_a_person_is_answered_in_their_language(language: str | None, country: str | None, spoken: str) -> None:
    contact = Contact(ContactId("1" * 32), ADDRESS, language=language, country=country)

    assert language_of(about(contact), "settings") == spoken
