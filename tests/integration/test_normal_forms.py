"""The rules of the normal form got better: what was hashed under the old ones is still found."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update

from sender import contacts
from sender.address import earlier_forms, parse
from sender.contacts import suppress
from sender.keys import Keys
from sender.links import LinkKey
from sender.model import Contact, ContactId
from sender.store import Store, found, schema
from tests.databases import NOW

hash_of = Keys((LinkKey(1, b"l" * 32),), b"s" * 32).suppression_hash
WRITTEN, OTHERWISE = parse("jean.dupont@wanadoo.fr"), parse("Jean.Dupont@orange.fr")


def before() -> bytes:
    """The hash that version 1 made."""
    return hash_of(earlier_forms(WRITTEN)[0])


def enter(store: Store, reason: str = "objected") -> None:
    with store.write() as connection:
        suppress(connection, before(), reason, NOW, normalisation=1, origin="then")


def come_in(store: Store, email: str) -> contacts.Upserted:
    with store.write() as connection:
        return contacts.upsert(
            connection, [Contact(ContactId(""), parse(email))], hash_of=hash_of, now=NOW + timedelta(days=9)
        )


def against(store: Store, hashed: bytes) -> list[tuple[str, str | None]]:
    with store.read() as connection:
        entry = contacts.lookup(connection, [hashed]).get(hashed)
        return [(entry.reason, entry.origin)] if entry and entry.since == NOW else []


def test_the_versions_hash_apart() -> None:
    """So that a hash says of which rules it is."""
    assert len({before(), hash_of(WRITTEN)}) == 2
    assert hash_of(WRITTEN) == hash_of(OTHERWISE)


def test_who_objected_under_the_old_form_is_held_when_coming_in(store: Store) -> None:
    """The row is there under the form of today, with its reason, its origin and its date."""
    enter(store)
    assert against(store, hash_of(WRITTEN)) == []

    come_in(store, WRITTEN.spec)

    assert against(store, hash_of(WRITTEN)) == [("objected", "then")]


def test_who_was_erased_under_the_old_form_is_not_stored(store: Store) -> None:
    enter(store, "erased")

    assert come_in(store, WRITTEN.spec).erased == (hash_of(WRITTEN),)


def test_nobody_else_is_found(store: Store) -> None:
    """Another spelling was another hash then: only the written one can be found."""
    enter(store)
    come_in(store, "marie@orange.fr")

    assert against(store, hash_of(parse("marie@orange.fr"))) == []


@pytest.fixture
def older(store: Store) -> Store:
    """A base that version 1 wrote: two contacts, which are two spellings of one mailbox."""
    with store.write() as connection:
        found(connection, base_id="b", key_check="", practice=False, now=NOW)
        connection.execute(update(schema.base).values(normalisation=1))
        for number, address in enumerate((WRITTEN, OTHERWISE)):
            (first,) = earlier_forms(address)
            connection.execute(
                insert(schema.contacts).values(
                    id=f"{number:032x}",
                    email_key=first.key,
                    email=address.spec,
                    source_kind="form",
                    address_hash=hash_of(first),
                    created_at=NOW,
                    updated_at=NOW,
                )
            )
    return store


def test_a_base_is_brought_to_the_forms_of_today(older: Store) -> None:
    """Who objected under one spelling is held under both; the second contact waits under its old key to be merged."""
    enter(older)
    with older.write() as connection:
        assert contacts.renew_forms(connection, hash_of=hash_of) == 2
        assert contacts.renew_forms(connection, hash_of=hash_of) == 0
        table = schema.contacts
        rows = connection.execute(select(table.c.email_key, table.c.address_hash).order_by(table.c.id)).all()

    assert {row.address_hash for row in rows} == {hash_of(WRITTEN)}
    assert {row.email_key for row in rows} == {"jean.dupont@wanadoo.fr", "jean.dupont@orange.fr"}
    assert against(older, hash_of(WRITTEN)) == [("objected", "then")]


def test_an_old_link_stops_the_contact_under_todays_hash(older: Store) -> None:
    """It names the contact and the hash of that day."""
    with older.write() as connection:
        contacts.renew_forms(connection, hash_of=hash_of)
        contacts.object_to_mail(
            connection, ContactId(f"{0:032x}"), b"o" * 32, record=lambda *_: None, now=NOW + timedelta(days=1)
        )
        assert {*contacts.lookup(connection, [b"o" * 32, hash_of(WRITTEN)])} == {b"o" * 32, hash_of(WRITTEN)}


def test_an_erased_person_of_a_restored_base_stays_held(older: Store) -> None:
    """The row that the backup brought back keeps its old hash until it is erased again; the base opens all the same."""
    enter(older, "erased")
    with older.write() as connection:
        contacts.renew_forms(connection, hash_of=hash_of)
        first = (
            connection.execute(select(schema.contacts.c.address_hash).order_by(schema.contacts.c.id)).scalars().first()
        )

    assert first == before()
    assert against(older, before()) == [("erased", "then")]
