"""A person is forgotten on both data bases: no row and no byte of a table's file is left."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import event, text

from sender import contacts, ledger
from sender.address import parse
from sender.cli import wiring
from sender.model import Consent, Contact, ContactId, Provenance, SourceKind
from sender.settings import load
from sender.steps import erasure
from sender.steps.dossier import gather
from sender.steps.house import House
from sender.store.schema import metadata
from tests.databases import NOW, postgresql, store_url

__all__ = ["postgresql", "store_url"]

ADDRESS, NAME = parse("maelle@querouail.example"), "Quérouail"


@pytest.fixture
def house(store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    monkeypatch.setenv("SENDER_DATABASE", store_url)
    with wiring.opened(load(tmp_path), practice=False, create=True) as opened:
        if opened.store.dialect == "sqlite":
            event.listen(opened.store.engine, "connect", leave_remains)
            opened.store.engine.dispose()
        yield opened


def leave_remains(connection: sqlite3.Connection, _record: object) -> None:
    """Some builds of SQLite overwrite what is deleted by themselves; the others are to be clean too."""
    connection.execute("PRAGMA secure_delete = OFF")


def enter(house: House) -> ContactId:
    """One person with a consent, an answer of the register and a correction, beside another one who stays."""
    record = ledger.journal.append
    fair = Provenance(SourceKind.TRADE_SHOW, "salon", date(2026, 3, 12))
    people = [
        Contact(ContactId(""), ADDRESS, "Maëlle", NAME, f"{NAME} SAS", country="FR", provenance=fair),
        Contact(ContactId(""), parse("boris@martin.example"), "Boris", "Martin", country="FR", provenance=fair),
    ]
    with house.store.write() as connection:
        entered = contacts.upsert(connection, people, hash_of=house.hash_of, now=NOW).contacts
        first = contacts.by_email(connection, ADDRESS)
        assert first is not None
        consent = Consent(date(2026, 3, 12), "v1", "page", proof="double_opt_in")
        contacts.grant(connection, first.id, consent, record=record, now=NOW)
        after = contacts.corrected(first, {"title": f"Juriste chez {NAME}"})
        contacts.rectify(connection, first, after, hash_of=house.hash_of, record=record, now=NOW)
    return entered[0].id


def bytes_of_tables(house: House, folder: Path) -> bytes:
    """The files of the tables as they lie on the disk."""
    if house.store.dialect == "sqlite":
        return b"".join(path.read_bytes() for path in folder.glob("sender.db*"))
    with house.store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("CHECKPOINT"))
        home = Path(connection.execute(text("SHOW data_directory")).scalar_one())
        names = [
            connection.execute(text(f"SELECT pg_relation_filepath('{name}')")).scalar() for name in metadata.tables
        ]
    return b"".join((home / name).read_bytes() for name in names if name)


def test_no_row_and_no_byte_is_left(house: House, tmp_path: Path) -> None:
    """And the journal is whole; the other person's rows stand."""
    contact = enter(house)
    assert house.store.scrub()
    before = bytes_of_tables(house, tmp_path)
    held = {table for table, rows in gather(house, ADDRESS).rows.items() if rows}

    foreseen = erasure.foresee(house, ADDRESS)
    clean = erasure.erase(house, foreseen)
    after = bytes_of_tables(house, tmp_path)
    left = {table for table, rows in gather(house, ADDRESS).rows.items() if rows}
    with house.store.read() as connection:
        flaw = ledger.journal.verify(connection, house.state.head())
        stays, gone = contacts.count(connection), contacts.by_id(connection, contact)

    assert foreseen.rows.keys() >= {"contacts", "consents", "provenances", "journal_payloads"}
    assert {"contacts", "consents", "provenances", "journal"} <= held
    assert left == {"suppressions", "requests", "journal", "journal_payloads"}
    assert clean
    assert all(word in before for word in (NAME.encode(), b"maelle@"))
    assert not any(word in after for word in (NAME.encode(), b"maelle@", b"querouail"))
    assert (flaw, stays, gone) == (None, 1, None)
    assert b"boris@martin.example" in after


def test_a_letter_that_waits_is_withdrawn_with_its_person(house: House) -> None:
    """Else a run would claim it for ever, since nobody is there to get it."""
    contact = enter(house)
    with house.store.write() as connection:
        connection.execute(
            metadata.tables["campaigns"].insert().values(name="spring", path="spring.yaml", created_at=NOW)
        )
        connection.execute(metadata.tables["verdict_sets"].insert().values(digest="d", verdicts="[]"))
        connection.execute(
            metadata.tables["letters"]
            .insert()
            .values(campaign_id=1, contact_id=contact, state="waiting", reading=1, verdicts="d")
        )

    erasure.erase(house, erasure.foresee(house, ADDRESS))

    with house.store.read() as connection:
        assert ledger.sums(connection, 1).withdrawn == 1
