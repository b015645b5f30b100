"""A person is forgotten on both data bases: no row and no byte of a table's file is left."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import event, select, text

from sender import contacts, ledger
from sender.address import parse
from sender.cli.people import BasePeople
from sender.errors import Unreachable
from sender.ledger import Closing, Opened, Wanted
from sender.links import LinkTarget
from sender.model import Answer, Consent, Contact, ContactId, Outcome, Provenance, SourceKind
from sender.steps import erasure
from sender.steps.dossier import gather
from sender.steps.house import House
from sender.store.schema import metadata
from tests.databases import NOW, new_house

ADDRESS, NAME = parse("maelle@querouail.example"), "Quérouail"


@pytest.fixture
def house(store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    with new_house(store_url, tmp_path, monkeypatch) as opened:
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


def give_a_letter(house: House, contact: ContactId) -> None:
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


def test_a_letter_that_waits_is_withdrawn_with_its_person(house: House) -> None:
    """Else a run would claim it for ever, since nobody is there to get it."""
    give_a_letter(house, enter(house))

    erasure.erase(house, erasure.foresee(house, ADDRESS))

    with house.store.read() as connection:
        assert ledger.sums(connection, 1).withdrawn == 1


def test_what_the_relay_says_of_who_was_erased_meanwhile_is_not_kept(house: House) -> None:
    """The letter was on the wire; what became of it is noted, in codes."""
    give_a_letter(house, enter(house))
    run = ledger.start(house.store, house.state, 1, NOW)
    with house.store.write() as connection:
        claims = ledger.claim(connection, 1, run.id, 10, NOW)
        opened = ledger.open_attempts(connection, house.state, [Wanted(one, "<1@x.example>") for one in claims], NOW)

    erasure.erase(house, erasure.foresee(house, ADDRESS))
    said = Answer(Outcome.REFUSED, code=550, text=f"no such person: Maëlle {NAME}")
    with house.store.write() as connection:
        ledger.close_attempts(connection, [Closing(one, said) for one in opened if isinstance(one, Opened)], NOW)

    with house.store.read() as connection:
        attempts = metadata.tables["attempts"].c
        kept = connection.execute(select(attempts.outcome, attempts.code, attempts.answer)).all()
    assert kept == [("refused", 550, None)]


def test_a_file_that_stays_stops_the_erasure(house: House, tmp_path: Path) -> None:
    """It does not look done while it is not; mail stops at once, and a second time erases everything."""
    enter(house)
    preview = tmp_path / erasure.PREVIEWS / "letter.txt"
    preview.parent.mkdir()
    preview.write_text(f"An {ADDRESS.spec}", encoding="utf-8")
    foreseen = erasure.foresee(house, ADDRESS)
    preview.unlink()
    preview.mkdir()  # what nobody can unlink

    with pytest.raises(Unreachable, match="SC-615"):
        erasure.erase(house, foreseen)
    with house.store.write() as connection:
        ledger.take_in(connection, house.state)
        stopped = contacts.standing_against(connection, [ADDRESS], hash_of=house.hash_of)
    preview.rmdir()
    erasure.erase(house, foreseen)

    assert [one.entry.reason for one in stopped[ADDRESS]] == ["erased"]
    with house.store.read() as connection:
        assert contacts.by_email(connection, ADDRESS) is None


FORMER = parse("m.querouail@before.example")


def enter_twice(house: House) -> tuple[ContactId, ContactId]:
    """The person was in the base twice; the ids of the contact that is left, and of the other."""
    kept = enter(house)
    with house.store.write() as connection:
        double = Contact(ContactId(""), FORMER, "Maëlle", NAME, country="FR")
        other = contacts.upsert(connection, [double], hash_of=house.hash_of, now=NOW).contacts[0]
        one = contacts.page(connection, [kept])[0]
        record = ledger.journal.append
        contacts.merge_doubles(connection, one, other, hash_of=house.hash_of, record=record, now=NOW)
    return kept, other.id


def test_who_asks_under_a_former_address_is_erased_under_all(house: House, tmp_path: Path) -> None:
    """The hash of each stays, on the list and in the file apart; of the former address no byte is left either."""
    enter_twice(house)
    assert gather(house, FORMER).rows["aliases"]

    erasure.erase(house, erasure.foresee(house, FORMER))

    hashes = [house.hash_of(FORMER), house.hash_of(ADDRESS)]
    with house.store.read() as connection:
        assert contacts.erased(connection, hashes) == set(hashes)
        assert contacts.by_email(connection, ADDRESS) is None
        assert ledger.journal.verify(connection, house.state.head()) is None
    written = (house.state.folder / "objections").read_text()
    assert all(each.hex() in written for each in hashes)
    assert not any(word in bytes_of_tables(house, tmp_path) for word in (b"before.example", NAME.encode()))


def test_a_link_in_an_old_mail_leads_to_the_contact_that_is_left(house: House) -> None:
    """It shows the address that the mail went to, and stops the person under both."""
    kept, gone = enter_twice(house)
    people, old = BasePeople(house), LinkTarget(gone, house.hash_of(FORMER))

    found, stranger = people.find(old), people.find(LinkTarget(gone, b"h" * 32))
    people.object(old, NOW)

    assert (found.email if found else None, stranger) == (FORMER, None)
    with house.store.read() as connection:
        assert [stop.reason for stop in contacts.stops_of(connection, kept)] == ["objected"]
        assert contacts.is_suppressed(connection, house.hash_of(FORMER))


def test_a_link_in_an_old_mail_counts_when_it_is_read_from_the_file_later(house: House) -> None:
    """The base was out of reach when the person objected."""
    kept, gone = enter_twice(house)
    house.state.record_objection(gone, b"an earlier normal form".ljust(32), NOW)

    with house.store.write() as connection:
        ledger.take_in(connection, house.state)
        assert [stop.reason for stop in contacts.stops_of(connection, kept)] == ["objected"]


def test_several_words_of_one_person_are_all_heard(house: House) -> None:
    """By a link of a normal form that is no more: the objection counts, and the restriction after it."""
    kept = enter(house)
    for reason in ("objected", "restricted"):
        house.state.record_objection(kept, b"an earlier normal form".ljust(32), NOW, reason)

    with house.store.write() as connection:
        ledger.take_in(connection, house.state)
        assert {stop.reason for stop in contacts.stops_of(connection, kept)} == {"objected", "restricted"}


def test_an_older_base_hears_which_addresses_are_one_person(house: House) -> None:
    """It came back from before two contacts were merged: what is said of either stands against both, in any order."""
    enter(house)
    with house.store.write() as connection:
        doubles = [Contact(ContactId(""), each) for each in (FORMER, parse("third@before.example"))]
        contacts.upsert(connection, doubles, hash_of=house.hash_of, now=NOW)
    hashes = [house.hash_of(each) for each in (FORMER, ADDRESS, parse("third@before.example"))]
    house.state.record_objection(ledger.NOBODY, hashes[0], NOW)
    house.state.record_same(ledger.NOBODY, hashes[0], hashes[1], NOW)
    house.state.record_same(ledger.NOBODY, hashes[1], hashes[2], NOW)
    house.state.record_objection(ledger.NOBODY, hashes[2], NOW, "restricted")

    with house.store.write() as connection:
        assert ledger.take_in(connection, house.state) == 4
        found = [contacts.lookup(connection, [each])[each].reason for each in hashes]
        boris = contacts.by_email(connection, parse("boris@martin.example"))
        assert boris is not None
        assert found == ["objected", "objected", "objected"]
        assert contacts.stops_of(connection, boris.id) == []
