"""Two contacts that are one person become one, on both data bases: nothing is lost, nobody is mailed twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, delete, select, update

from sender import contacts, ledger
from sender.address import parse
from sender.errors import Fault, UsageError
from sender.functions import match
from sender.ledger import Closing, Opened, State, Wanted, journal
from sender.model import Consent, Contact, ContactId, Provenance, Selection, SourceKind
from sender.store import Store
from sender.store.formerly import formerly
from sender.store.schema import aliases, letters
from sender.store.schema import contacts as contacts_table
from tests.databases import NOW
from tests.integration.test_provenance import hash_of
from tests.unit.ledger.scene import ACCEPTED, SEND

OLD, NEW = parse("maelle@old.example"), parse("maelle@new.example")
LATER = NOW + timedelta(days=1)


def enter(store: Store, *people: Contact) -> list[Contact]:
    with store.write() as connection:
        return list(contacts.upsert(connection, people, hash_of=hash_of, now=NOW).contacts)


def two(store: Store) -> tuple[Contact, Contact]:
    """KEEP knows a title, GONE a name, a country and where it comes from."""
    fair = Provenance(SourceKind.TRADE_SHOW, "fair", date(2026, 3, 12))
    kept, gone = enter(
        store,
        Contact(ContactId(""), NEW, title="Juriste", topics=("paie",)),
        Contact(ContactId(""), OLD, first_name="Maëlle", title="DRH", country="FR", topics=("rgpd",), provenance=fair),
    )
    return kept, gone


def unite(store: Store, kept: Contact, gone: Contact) -> tuple[str, ...]:
    with store.write() as connection:
        ledger.leave_to(connection, kept.id, gone.id)
        return contacts.merge_doubles(connection, kept, gone, hash_of=hash_of, record=journal.append, now=LATER)


def reasons(connection: Connection, contact: ContactId) -> list[str]:
    return [stop.reason for stop in contacts.stops_of(connection, contact) if stop.in_force]


def say(store: Store, email: str, reason: str) -> None:
    with store.write() as connection:
        contacts.suppress(connection, hash_of(parse(email)), reason, LATER)


# --- fields and histories


def test_the_kept_contact_has_its_fields_and_the_others_where_it_has_none(store: Store) -> None:
    """Topics of both; the address and the id are the kept one's."""
    kept, gone = two(store)

    changed = unite(store, kept, gone)

    with store.read() as connection:
        one = contacts.by_email(connection, NEW)
        words = contacts.origins(connection, kept.id)
        assert one is not None
        assert (one.id, one.email.spec, one.title, one.first_name, one.country) == (
            kept.id,
            NEW.spec,
            "Juriste",
            "Maëlle",
            "FR",
        )
        assert set(one.topics) == {"paie", "rgpd"}
        assert {"first_name", "country", "topics"} <= set(changed)
        assert "fair" in {word.provenance.record for word in words}
        assert contacts.count(connection) == 1
        assert journal.verify(connection) is None


def test_consents_of_both_are_one_history(store: Store) -> None:
    """The newest word of the two holds: who took back what the other had given has taken it back."""
    kept, gone = two(store)
    given = Consent(date(2026, 4, 2), "v1", "form", proof="double_opt_in")
    with store.write() as connection:
        contacts.grant(connection, kept.id, given, record=journal.append, now=NOW)
        contacts.grant(connection, gone.id, given, record=journal.append, now=NOW)
        contacts.withdraw(connection, gone.id, on=LATER.date(), record=journal.append, now=LATER)

    unite(store, kept, gone)

    with store.read() as connection:
        words = contacts.all_consents(connection, kept.id)
        holds = contacts.latest_consents(connection, [kept.id])[kept.id]
        assert len(words) == 3
        assert holds.withdrawn_on == LATER.date()


def test_a_contact_is_not_merged_with_itself(store: Store) -> None:
    """Also where it is named by a former address."""
    kept, gone = two(store)
    unite(store, kept, gone)

    with store.read() as connection:
        again = contacts.by_email(connection, OLD)
    assert again is not None
    with pytest.raises(UsageError, match="both are the same contact"):
        unite(store, again, again)


# --- one person under several addresses


@pytest.mark.parametrize("reason", ["objected", "complained", "restricted", "excluded"])
@pytest.mark.parametrize("email", [OLD.spec, NEW.spec])
def test_what_is_said_of_one_address_is_said_of_all(store: Store, reason: str, email: str) -> None:
    """Before the merging and after it, and the hash of either is on the list."""
    kept, gone = two(store)
    say(store, email, reason)
    unite(store, kept, gone)
    other_kept, other_gone = enter(
        store, Contact(ContactId(""), parse("a@x.example")), Contact(ContactId(""), parse("b@x.example"))
    )
    unite(store, other_kept, other_gone)
    say(store, "b@x.example", reason)

    with store.read() as connection:
        hashes = [hash_of(parse(spec)) for spec in (OLD.spec, NEW.spec, "a@x.example", "b@x.example")]
        assert reasons(connection, kept.id) == reasons(connection, other_kept.id) == [reason]
        assert set(contacts.lookup(connection, hashes)) == set(hashes)


def test_a_bounce_belongs_to_its_address(store: Store) -> None:
    """That the old address is dead is why there are two: the new one lives."""
    kept, gone = two(store)
    say(store, OLD.spec, "bounced")

    unite(store, kept, gone)

    with store.read() as connection:
        assert reasons(connection, kept.id) == []


def test_a_merge_of_a_merge_leads_to_the_last(store: Store) -> None:
    """Whoever is met under the first address is the third contact, and an objection reaches all three."""
    kept, gone = two(store)
    unite(store, kept, gone)
    (third,) = enter(store, Contact(ContactId(""), parse("m@third.example")))
    unite(store, third, kept)
    say(store, OLD.spec, "objected")

    with store.read() as connection:
        found = [contacts.by_email(connection, one) for one in (OLD, NEW)]
        by_id = [contacts.by_id(connection, one.id) for one in (kept, gone)]
        assert [one and one.id for one in (*found, *by_id)] == [third.id] * 4
        assert reasons(connection, third.id) == ["objected"]
        assert set(contacts.lookup(connection, [hash_of(NEW)])) == {hash_of(NEW)}


def test_a_file_with_the_former_address_brings_nobody_in(store: Store) -> None:
    """Its row is the contact's, which keeps the address of today."""
    kept, gone = two(store)
    unite(store, kept, gone)

    with store.write() as connection:
        row = Contact(ContactId(""), OLD, company="Quérouail Études")
        entered = contacts.upsert(connection, [row], hash_of=hash_of, now=LATER)

    with store.read() as connection:
        assert [one.id for one in entered.contacts] == [kept.id]
        assert (entered.contacts[0].email.spec, entered.contacts[0].company) == (NEW.spec, "Quérouail Études")
        assert entered.new == frozenset()
        assert contacts.count(connection) == 1
        assert contacts.keys_of_today(connection) == {OLD.key: NEW.key}


def test_a_corrected_address_and_back_again(store: Store) -> None:
    """An objection typed for either address stops the person under the one of today."""
    (one,) = enter(store, Contact(ContactId(""), OLD))
    for email in (NEW, OLD, NEW):
        with store.write() as connection:
            before = contacts.by_id(connection, one.id)
            assert before is not None
            after = replace(before, email=email)
            contacts.rectify(connection, before, after, hash_of=hash_of, record=journal.append, now=LATER)
    with store.write() as connection:
        who = contacts.object_to_mail(connection, OLD, hash_of(OLD), record=journal.append, now=LATER)

    with store.read() as connection:
        assert who == one.id
        assert reasons(connection, one.id) == ["objected"]


def test_an_address_of_several_ids_loses_none(store: Store) -> None:
    """Corrected there and back, then merged: who had a campaign under the old id does not get it again."""
    (gone,) = enter(store, Contact(ContactId(""), OLD))
    for email in (parse("typo@old.example"), OLD):
        with store.write() as connection:
            before = contacts.by_id(connection, gone.id)
            assert before is not None
            after = replace(before, email=email)
            contacts.rectify(connection, before, after, hash_of=hash_of, record=journal.append, now=NOW)
    (kept,) = enter(store, Contact(ContactId(""), NEW))
    number = campaign(store, "spring", kept, gone)
    settle(store, number, gone, "accepted")

    unite(store, kept, gone)

    with store.read() as connection:
        history = ledger.history(connection, number, [kept.id], NOW.date())[kept.id]
        assert formerly(connection, [kept.id]).keys() == {gone.id}
        assert contacts.former_addresses(connection, [kept.id]) == (OLD, parse("typo@old.example"))
    assert state_of(store, number, kept) == "withdrawn"
    assert history.already is not None


def test_the_data_base_forgets_no_former_address(store: Store) -> None:
    """Only together with the person."""
    kept, gone = two(store)
    unite(store, kept, gone)

    with pytest.raises(Fault), store.write() as connection:
        connection.execute(delete(aliases))
    with store.write() as connection:
        connection.execute(delete(contacts_table).where(contacts_table.c.id == kept.id))
        assert connection.execute(select(aliases.c.id)).first() is None


# --- the ledger


def campaign(store: Store, name: str, *people: Contact) -> int:
    with store.write() as connection:
        found = ledger.identify(connection, name, Path(f"/c/{name}.yaml"), {"offer": name}, NOW)
        reading = ledger.begin_reading(connection, found.id)
        ledger.enrol(connection, found.id, reading, [(one.id, SEND) for one in people])
    return found.id


def settle(store: Store, campaign_id: int, contact: Contact, state: str) -> None:
    mine = (letters.c.campaign_id == campaign_id) & (letters.c.contact_id == contact.id)
    with store.write() as connection:
        connection.execute(update(letters).where(mine).values(state=state))


def state_of(store: Store, campaign_id: int, contact: Contact) -> str:
    mine = (letters.c.campaign_id == campaign_id) & (letters.c.contact_id == contact.id)
    with store.read() as connection:
        return str(connection.execute(select(letters.c.state).where(mine)).scalar_one())


@pytest.mark.parametrize(
    ("former", "left", "known"),
    [("accepted", "withdrawn", "accepted"), ("unknown", "withdrawn", "unknown"), ("refused", "waiting", None)],
)
def test_who_had_a_campaign_as_the_other_does_not_get_it_again(
    store: Store, former: str, left: str, known: str | None
) -> None:
    """Its waiting letter is withdrawn at once, and the gates know; what the other address refused may be sent."""
    kept, gone = two(store)
    number = campaign(store, "spring", kept, gone)
    settle(store, number, gone, former)

    unite(store, kept, gone)

    with store.read() as connection:
        history = ledger.history(connection, number, [kept.id], NOW.date())[kept.id]
    assert state_of(store, number, kept) == left
    assert state_of(store, number, gone) == former
    assert (history.already.value if history.already else None) == known


def test_letters_that_wait_for_the_other_are_withdrawn(store: Store) -> None:
    """There is nobody left under that id."""
    kept, gone = two(store)
    number = campaign(store, "spring", gone)

    unite(store, kept, gone)

    assert state_of(store, number, gone) == "withdrawn"


def test_nobody_is_merged_while_a_letter_is_on_the_wire(store: Store) -> None:
    """Whether the person got it is not known yet; nothing is changed."""
    kept, gone = two(store)
    settle(store, campaign(store, "spring", gone), gone, "sending")

    with pytest.raises(UsageError, match="on the wire"):
        unite(store, kept, gone)
    with store.read() as connection:
        assert contacts.count(connection) == 2


def test_mails_to_either_address_count_as_mails(store: Store, tmp_path: Path) -> None:
    """For the cap on mails a person, and for selections by the last mail."""
    kept, gone = two(store)
    number, state = campaign(store, "spring", gone), State(tmp_path / "state")
    run = ledger.start(store, state, number, NOW)
    with store.write() as connection:
        claims = ledger.claim(connection, number, run.id, 10, NOW)
        opened = ledger.open_attempts(connection, state, [Wanted(one, "<1@x.example>") for one in claims], NOW)
        done = [Closing(one, ACCEPTED) for one in opened if isinstance(one, Opened)]
        ledger.close_attempts(connection, done, NOW)
    ledger.end(store, state, run, NOW)

    unite(store, kept, gone)

    with store.read() as connection:
        assert ledger.history(connection, None, [kept.id], NOW.date())[kept.id].mails_last_12_months == 1
        assert ledger.mails_of(connection, kept.id) == (("spring", "accepted"),)
    lately = Selection(not_mailed_since=timedelta(days=30))
    assert list(contacts.selected(store, lately, matcher=match, now=LATER)) == []
    assert len(list(contacts.selected(store, lately, matcher=match, now=NOW + timedelta(days=31)))) == 1
