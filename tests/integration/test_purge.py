"""Who has been kept long enough leaves the base, and nobody else does; on both data bases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, func, insert, select

from sender import contacts, ledger
from sender.address import parse
from sender.cli import wiring
from sender.model import Consent, Contact, ContactId, Notice, Provenance, Sale, SourceKind
from sender.settings import load
from sender.steps import purge as steps
from sender.steps.house import House
from sender.steps.purge import Purge
from sender.store import schema
from tests.integration.test_erasure import bytes_of_tables

TODAY = datetime(2026, 11, 26, 12, tzinfo=UTC)
OLD = date(2023, 11, 25)  # three years and a day ago
EDGE = date(2023, 11, 26)  # today is the last day


@pytest.fixture
def house(store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    monkeypatch.setenv("SENDER_DATABASE", store_url)
    (tmp_path / "sender.toml").touch()
    with wiring.opened(load(tmp_path), practice=False, create=True) as opened:
        yield replace(opened, now=lambda: TODAY)


def enter(house: House, name: str, collected: date | None, **more: object) -> ContactId:
    provenance = Provenance(SourceKind.TRADE_SHOW, "Salon", collected, Notice(True, "1", collected, True))
    fields = {"country": "FR", "provenance": provenance, **more}
    one = Contact(ContactId(""), parse(f"{name}@client.example"), **fields)  # type: ignore[arg-type]
    with house.store.write() as connection:
        return contacts.upsert(connection, [one], hash_of=house.hash_of, now=TODAY).contacts[0].id


def left(house: House) -> set[str]:
    with house.store.read() as connection:
        return {one.email.local for one in contacts.walk(connection)}


def test_the_term_runs_from_the_last_word_of_the_person(house: House) -> None:
    """Collection, an inbound contact, a consent that stands, a sale; to the day."""
    enter(house, "old", OLD)
    enter(house, "edge", EDGE)
    enter(house, "wrote", OLD, last_inbound_on=date(2025, 1, 1))
    consented, withdrew, bought = (enter(house, name, OLD) for name in ("consented", "withdrew", "bought"))
    record = ledger.journal.append
    with house.store.write() as connection:
        for contact in (consented, withdrew):
            contacts.grant(connection, contact, Consent(date(2025, 1, 1), "1"), record=record, now=TODAY)
        contacts.withdraw(connection, withdrew, on=date(2025, 2, 1), record=record, now=TODAY)
        contacts.sold(connection, bought, Sale(date(2025, 1, 1)), record=record, now=TODAY)

    found = steps.foresee(house, Purge())

    assert (found.looked_at, found.due) == (6, 2)
    assert left(house) == {"old", "edge", "wrote", "consented", "withdrew", "bought"}
    assert steps.purge(house, Purge()) == 2
    assert left(house) == {"edge", "wrote", "consented", "bought"}


def test_an_undated_contact_is_as_old_as_its_place_in_the_base(house: House) -> None:
    """A missing date keeps nobody for ever, and deletes nobody at once."""
    enter(house, "undated", None, provenance=Provenance())

    assert steps.purge(house, Purge()) == 0
    later = replace(house, now=lambda: TODAY + timedelta(days=1097))
    assert steps.purge(later, Purge()) == 1


def test_who_objected_stays_on_the_list_and_who_did_not_leaves_no_hash(house: House) -> None:
    """An objection outlives the details; without one nothing has a reason to stay."""
    enter(house, "objected", OLD)
    enter(house, "silent", OLD)
    with house.store.write() as connection:
        contacts.suppress(connection, house.hash_of(parse("objected@client.example")), "objected", TODAY)

    assert steps.purge(house, Purge()) == 2

    with house.store.read() as connection:
        hashes = set(connection.execute(select(schema.suppressions.c.hash)).scalars())
        assert ledger.journal.verify(connection, house.state.head()) is None
    assert hashes == {house.hash_of(parse("objected@client.example"))}
    database = bytes_of_tables(house, house.project)
    assert b"silent" not in database
    assert b"client.example" not in database


def test_a_restriction_or_an_open_request_keeps(house: House) -> None:
    """What somebody asks about, or wants kept for a claim, must not vanish."""
    enter(house, "restricted", OLD)
    asked = enter(house, "asked", OLD)
    address = parse("restricted@client.example")
    with house.store.write() as connection:
        contacts.suppress(connection, house.hash_of(address), "restricted", TODAY)
        row = {"contact_id": asked, "address_hash": b"0" * 32, "kind": "access", "received_on": TODAY.date()}
        connection.execute(schema.requests.insert().values(**row, due_on=TODAY.date(), recorded_at=TODAY))

    assert steps.purge(house, Purge()) == 0
    assert left(house) == {"restricted", "asked"}


def test_people_are_asked_once_and_have_their_days_to_answer(house: House) -> None:
    """Then they go, unless a word came from them. Who objected is not asked."""
    enter(house, "old", OLD)
    enter(house, "soon", date(2023, 12, 20))
    enter(house, "fresh", date(2026, 1, 1))
    enter(house, "objected", OLD)
    with house.store.write() as connection:
        contacts.suppress(connection, house.hash_of(parse("objected@client.example")), "objected", TODAY)
    how = Purge(ask_first=True)

    people, page = steps.to_ask(house, how)
    steps.remember_asked(house, how, people)

    assert page.count("@client.example") == len(people) == 2
    assert "fresh" not in page
    assert "objected" not in page
    assert steps.to_ask(house, how)[0] == []
    assert steps.purge(house, how) == 1  # who objected
    assert steps.purge(replace(house, now=lambda: TODAY + timedelta(days=30)), how) == 0
    enter(house, "soon", None, provenance=Provenance(), last_inbound_on=TODAY.date())
    assert steps.purge(replace(house, now=lambda: TODAY + timedelta(days=31)), how) == 1
    assert left(house) == {"soon", "fresh"}


def test_the_journal_counts_and_names_nobody(house: House) -> None:
    """One entry a batch."""
    for number in range(3):
        enter(house, f"old{number}", OLD)
    steps.purge(house, Purge())

    with house.store.read() as connection:
        entries = [word for _, word in ledger.journal.entries(connection, "purged")]
        named = select(func.count()).select_from(schema.journal).where(schema.journal.c.contact_id.is_not(None))
        assert connection.execute(named).scalar_one() == 0
    assert entries == [{"contacts": 3, "since": {"collected": 3}}]


def test_many_leave_together_and_leave_what_one_would(house: House) -> None:
    """Former addresses, letters, attempts, requests and entries of the proof are blanked; a neighbour's stand."""
    record, spec = ledger.journal.append, "{}@client.example".format
    old, young = enter(house, "old", OLD), enter(house, "young", TODAY.date())
    others = [enter(house, f"old{number}", OLD) for number in range(5)]
    with house.store.write() as connection:
        stored = contacts.by_id(connection, old)
        assert stored is not None
        after = contacts.corrected(stored, {"email": spec("corrected"), "last_name": "Quérouail"})
        contacts.rectify(connection, stored, after, hash_of=house.hash_of, record=record, now=TODAY)
        sent_to(connection, [old, young, *others])
        asked = contacts.receive(
            connection,
            None,
            house.hash_of(after.email),
            "access",
            received_on=OLD,
            channel="mail",
            record=record,
            now=TODAY,
        )
        contacts.extend(connection, asked.id, "files of Quérouail", today=OLD, record=record, now=TODAY)
        contacts.answered(
            connection, None, house.hash_of(after.email), "access", "exported", today=OLD, record=record, now=TODAY
        )
        contacts.suppress(connection, house.hash_of(parse(spec("old3"))), "objected", TODAY)
    preview = house.project / "previews" / "1.html"
    preview.parent.mkdir()
    preview.write_text(f"to {spec('old')}")

    assert steps.purge(house, Purge()) == 6

    with house.store.read() as connection:
        rows = connection.execute(select(schema.letters.c.contact_id, schema.letters.c.title)).all()
        subjects = connection.execute(select(schema.attempts.c.contact_id, schema.attempts.c.subject)).all()
        reasons = connection.execute(select(schema.requests.c.extension_reason)).scalars().all()
        said = " ".join(connection.execute(select(schema.journal_payloads.c.payload)).scalars())
        hashes = connection.execute(select(schema.suppressions.c.hash)).scalars().all()
        assert ledger.journal.verify(connection, house.state.head()) is None
    assert dict(map(tuple, rows)) == {young: "Juriste"} | dict.fromkeys([old, *others])
    assert dict(map(tuple, subjects)) == {young: "Offre"} | dict.fromkeys([old, *others])
    assert reasons == [None]
    assert house.hash_of(parse(spec("old3"))) in hashes
    assert left(house) == {"young"}
    assert not preview.exists()
    assert "corrected@" not in said


def sent_to(connection: Connection, people: list[ContactId]) -> None:
    """A letter with its attempt for each."""
    row = {"id": 1, "name": "spring", "path": "spring.yaml", "created_at": TODAY}
    connection.execute(insert(schema.campaigns).values(**row))
    connection.execute(insert(schema.verdict_sets).values(digest="d", verdicts="[]"))
    run = {"id": "r", "campaign_id": 1, "host": "h", "state": "ended", "started_at": TODAY, "lease_until": TODAY}
    connection.execute(insert(schema.runs).values(**run))
    letter = {"campaign_id": 1, "state": "accepted", "reading": 1, "verdicts": "d", "title": "Juriste"}
    connection.execute(insert(schema.letters), [letter | {"contact_id": one} for one in people])
    attempt = {"campaign_id": 1, "number": 1, "run_id": "r", "fence": 1, "opened_at": TODAY, "outcome": "accepted"}
    tries = [attempt | {"contact_id": one, "message_id": one, "subject": "Offre"} for one in people]
    connection.execute(insert(schema.attempts), tries)


def test_a_purge_that_breaks_off_goes_on_where_it_stood(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was committed stays deleted, the rest is due the next time, and the proof is whole in between."""
    for number in range(5):
        enter(house, f"old{number}", OLD)
    monkeypatch.setattr(steps, "_BATCH", 2)
    append = ledger.journal.append
    with monkeypatch.context() as broken:
        written: list[object] = []

        def third_fails(*given: Any) -> object:
            written.append(given)
            if len(written) == 3:
                raise KeyboardInterrupt
            return append(*given)

        broken.setattr(ledger.journal, "append", third_fails)
        with pytest.raises(KeyboardInterrupt):
            steps.purge(house, Purge())

    assert len(left(house)) == 1
    assert steps.purge(house, Purge()) == 1
    with house.store.read() as connection:
        assert ledger.journal.verify(connection, house.state.head()) is None
        counts = [word["contacts"] for _, word in ledger.journal.entries(connection, "purged")]
    assert counts == [2, 2, 1]
