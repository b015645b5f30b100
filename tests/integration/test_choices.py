"""What people chose, on both data bases: the stricter word holds, and nothing but the person changes it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import delete, update

from sender import contacts
from sender.address import parse
from sender.errors import Fault
from sender.ledger import journal
from sender.model import Choices, Consent, Contact, ContactId
from sender.steps.wishes import Wishes
from sender.store import Store
from sender.store.schema import topic_refusals
from tests.databases import NOW
from tests.integration.test_provenance import hash_of

CLAIRE, OTHER = parse("claire@entreprise.example"), parse("c.moreau@entreprise.example")
LATER = NOW + timedelta(days=1)


def enter(store: Store, *people: Contact) -> tuple[Contact, ...]:
    with store.write() as connection:
        return contacts.upsert(connection, people, hash_of=hash_of, now=NOW).contacts


def claire(store: Store, **fields: object) -> Contact:
    (contact,) = enter(store, replace(Contact(ContactId(""), CLAIRE), **fields))  # type: ignore[arg-type]
    return contact


def choose(store: Store, contact: Contact, **chosen: object) -> None:
    with store.write() as connection:
        contacts.choose(connection, contact.id, record=journal.append, now=NOW, **chosen)  # type: ignore[arg-type]


def refuse(store: Store, contact: Contact, *topics: str) -> None:
    with store.write() as connection:
        own = hash_of(contact.email)
        contacts.refuse_topics(connection, contact.id, own, topics, record=journal.append, now=NOW)


def chosen(store: Store, contact: Contact) -> Choices:
    with store.read() as connection:
        (found,) = contacts.page(connection, [contact.id])
    return found.choices


def test_a_cap_is_only_lowered(store: Store) -> None:
    """Whoever holds a forwarded mail may lessen mails; raising it again takes more than a link."""
    contact = claire(store)
    for most in (4, 12, 2):
        choose(store, contact, most_per_year=most)
    assert chosen(store, contact).most_per_year == 2

    choose(store, contact, most_per_year=6, may_raise=True)
    assert chosen(store, contact).most_per_year == 6


def test_a_file_changes_no_choice(store: Store) -> None:
    """Language, cap and refused topics stand when the contact is imported again with other words."""
    contact = claire(store, language="fr", topics=("paie",))
    choose(store, contact, most_per_year=4, language="en")
    refuse(store, contact, "paie")

    (again,) = enter(store, Contact(ContactId(""), CLAIRE, language="fr", topics=("paie", "rgpd")))

    assert (again.language, again.choices) == ("en", Choices(4, "en", ("paie",)))
    assert chosen(store, contact) == Choices(4, "en", ("paie",))


def test_a_refused_topic_outlives_the_contact(store: Store) -> None:
    """Purged, and met again in a file years later: the no is still known."""
    contact = claire(store)
    refuse(store, contact, "paie")
    with store.write() as connection:
        connection.exec_driver_sql(f"DELETE FROM contacts WHERE id = '{contact.id}'")

    assert claire(store).id != contact.id
    (again,) = enter(store, Contact(ContactId(""), CLAIRE))
    with store.read() as connection:
        under = contacts.refused_under(connection, [hash_of(CLAIRE)])

    assert again.choices.refused == ("paie",)
    assert under == {hash_of(CLAIRE): ("paie",)}


@pytest.mark.parametrize("change", ["delete", "earlier", "another topic"])
def test_the_rows_of_refusals_hold(store: Store, change: str) -> None:
    """The data base itself lets no refusal be forgotten or weakened."""
    refuse(store, claire(store), "paie")
    statement = {
        "delete": delete(topic_refusals),
        "earlier": update(topic_refusals).values(since=NOW - timedelta(days=1)),
        "another topic": update(topic_refusals).values(topic="rgpd", renewed_at=LATER),
    }[change]

    with pytest.raises(Fault), store.write() as connection:
        connection.execute(statement)


@pytest.mark.parametrize(
    ("consent", "refused"),
    [
        (Consent(date(2026, 4, 3), "v1", proof="double_opt_in", scope="topic:paie"), ()),
        (Consent(date(2026, 4, 3), "v1", proof="log_only", scope="topic:paie"), ("paie",)),
        (Consent(date(2026, 4, 3), "v1", proof="double_opt_in", scope="topic:rgpd"), ("paie",)),
        (Consent(date(2026, 4, 1), "v1", proof="double_opt_in", scope="topic:paie"), ("paie",)),
        (Consent(date(2026, 4, 3), "v1", proof="double_opt_in"), ("paie",)),
    ],
    ids=["later", "unproven", "another topic", "earlier", "to mail only"],
)
def test_what_ends_a_refusal(store: Store, consent: Consent, refused: tuple[str, ...]) -> None:
    """A proved consent to that very topic, given afterwards; a refusal after it counts again."""
    contact = claire(store)
    refuse(store, contact, "paie")
    with store.write() as connection:
        contacts.grant(connection, contact.id, consent, record=journal.append, now=LATER)
    assert chosen(store, contact).refused == refused

    with store.write() as connection:
        own, after = hash_of(CLAIRE), LATER + timedelta(days=9)
        contacts.refuse_topics(connection, contact.id, own, ("paie",), record=journal.append, now=after)
    assert chosen(store, contact).refused == ("paie",)


def test_a_withdrawn_consent_to_a_topic_is_a_no(store: Store) -> None:
    """Whoever takes back what they gave for a topic gets no campaign about it on another ground."""
    contact = claire(store)
    given = Consent(date(2026, 4, 3), "v1", proof="signed", scope="topic:paie")
    with store.write() as connection:
        contacts.grant(connection, contact.id, given, record=journal.append, now=NOW)
        contacts.withdraw(
            connection, contact.id, on=date(2026, 4, 5), record=journal.append, now=LATER, scope="topic:paie"
        )

    assert chosen(store, contact).refused == ("paie",)


def test_doubles_keep_the_stricter_of_both(store: Store) -> None:
    """The lower cap, the refusals of both addresses, a language where only one chose one."""
    kept, gone = enter(store, Contact(ContactId(""), CLAIRE, language="fr"), Contact(ContactId(""), OTHER))
    choose(store, kept, most_per_year=6)
    choose(store, gone, most_per_year=2, language="en")
    refuse(store, gone, "paie")
    with store.write() as connection:
        pair = contacts.page(connection, [kept.id, gone.id])
        contacts.merge_doubles(connection, *pair, hash_of=hash_of, record=journal.append, now=LATER)

    assert chosen(store, kept) == Choices(2, "en", ("paie",))


def test_a_corrected_address_takes_refusals_along_and_a_corrected_language_is_the_choice(store: Store) -> None:
    contact = claire(store)
    choose(store, contact, language="en")
    refuse(store, contact, "paie")
    with store.write() as connection:
        (stored,) = contacts.page(connection, [contact.id])
        changed = contacts.corrected(stored, {"email": OTHER.spec, "language": "fr"})
        contacts.rectify(connection, stored, changed, hash_of=hash_of, record=journal.append, now=LATER)

    assert chosen(store, contact) == Choices(None, "fr", ("paie",))


def test_wishes_said_while_a_campaign_runs_are_heard(store: Store) -> None:
    """Asked again when a letter is opened: a topic refused since, and a cap of none left."""
    contact = claire(store)
    wishes = Wishes(("paie",), date(2026, 4, 2))
    with store.read() as connection:
        assert wishes.against(connection, [contact.id]) == {}
    choose(store, contact, most_per_year=1)
    refuse(store, contact, "paie")
    with store.read() as connection:
        (verdict,) = wishes.against(connection, [contact.id]).values()

    assert (verdict.gate, verdict.passed, verdict.findings[0].facts) == ("topics", False, {"topic": "paie"})
