"""Where contacts come from, as the data base itself keeps it."""

from __future__ import annotations

import hmac
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select, update

from sender import contacts
from sender.address import parse
from sender.errors import SenderError
from sender.model import Address, Contact, ContactId, Notice, Provenance, SourceKind
from sender.store import Store, schema
from tests.databases import NOW

FAIR = Provenance(
    SourceKind.TRADE_SHOW, "Salon 2026", date(2026, 3, 12), Notice(True, "2026-01", date(2026, 3, 12), True)
)
BOUGHT = Provenance(SourceKind.PURCHASED, "F-17", date(2026, 4, 1))
CARD = Provenance(SourceKind.BUSINESS_CARD, None, date(2026, 4, 2))


def hash_of(address: Address) -> bytes:
    return hmac.digest(b"key", address.key.encode(), "sha256")


def contact(email: str = "a@a.example", provenance: Provenance = FAIR) -> Contact:
    return Contact(ContactId(""), parse(email), provenance=provenance)


def put(store: Store, *people: Contact, days: int = 0, import_id: int | None = None) -> contacts.Upserted:
    with store.write() as connection:
        return contacts.upsert(connection, people, hash_of=hash_of, now=NOW + timedelta(days=days), import_id=import_id)


def history_of(store: Store, one: Contact) -> list[Provenance]:
    with store.read() as connection:
        return [origin.provenance for origin in contacts.origins(connection, one.id)]


def test_every_word_is_kept_and_the_newest_holds(store: Store) -> None:
    """A second source adds to the history; saying the same again does not."""
    for day, said in enumerate((FAIR, FAIR, BOUGHT, FAIR)):
        (known,) = put(store, contact(provenance=said), days=day).contacts

    assert history_of(store, known) == [FAIR, BOUGHT, FAIR]
    assert known.provenance == FAIR


def test_who_imported_which_file_when_stands_with_the_word(store: Store, tmp_path: Path) -> None:
    """Two weeks later somebody asks where an address came from."""
    path = tmp_path / "salon.csv"
    path.write_text("E-mail\na@a.example\n")
    with store.write() as connection:
        one = contacts.imports.begin(connection, contacts.imports.FileRead.at(path, FAIR), NOW)
    (known,) = put(store, contact(), import_id=one.id).contacts
    with store.read() as connection:
        (origin,) = contacts.origins(connection, known.id)

    assert (origin.file_name, origin.path, origin.imported_at) == ("salon.csv", str(path), NOW)
    assert origin.imported_by == contacts.imports.whoever_runs()


@pytest.mark.parametrize(
    "harm",
    [delete(schema.provenances), update(schema.provenances).values(source_kind="direct")],
    ids=["delete", "change"],
)
def test_the_data_base_lets_nobody_touch_the_history(store: Store, harm: object) -> None:
    """Neither deleted nor rewritten, whoever writes."""
    (known,) = put(store, contact()).contacts
    with pytest.raises(SenderError), store.write() as connection:
        connection.execute(harm)  # type: ignore[call-overload]

    assert history_of(store, known) == [FAIR]


def test_a_way_in_that_forgets_the_history_cannot_exist(store: Store) -> None:
    """Rows written past the one function that enters contacts have their word, too."""
    (known,) = put(store, contact()).contacts
    with store.write() as connection:
        connection.execute(update(schema.contacts).values(source_record="F-99", updated_at=NOW))

    assert [said.record for said in history_of(store, known)] == ["Salon 2026", "F-99"]


def test_the_history_goes_with_the_person(store: Store) -> None:
    """Erasure leaves nothing behind that names a contact's source."""
    (known,) = put(store, contact()).contacts
    with store.write() as connection:
        connection.execute(delete(schema.contacts).where(schema.contacts.c.id == known.id))

    with store.read() as connection:
        assert connection.execute(select(func.count()).select_from(schema.provenances)).scalar_one() == 0


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=st.lists(st.tuples(st.integers(0, 2), st.sampled_from([FAIR, BOUGHT, CARD, Provenance()])), max_size=12))
def test_no_order_of_imports_loses_a_word(tmp_path: Path, said: list[tuple[int, Provenance]]) -> None:
    """The history is the words in their order, repetitions aside; a file that says nothing adds nothing."""
    opened = Store.open("sqlite://" + f"/{tmp_path}/{len(list(tmp_path.iterdir()))}.db", create=True)
    expected: dict[str, list[Provenance]] = {}
    known: dict[str, Contact] = {}
    for day, (number, provenance) in enumerate(said):
        name = f"p{number}@a.example"
        (known[name],) = put(opened, contact(name, provenance), days=day).contacts
        words = expected.setdefault(name, [])
        if not words or provenance not in {words[-1], Provenance()}:
            words.append(provenance)

    assert {name: history_of(opened, replace(one)) for name, one in known.items()} == expected
    opened.close()
