"""Consent as history, and what a new one lifts; against a real base and a real objections file."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from sender import contacts, ledger
from sender.address import parse
from sender.contacts import Lifting, suppress
from sender.keys import Keys
from sender.ledger import State, journal
from sender.links import LinkKey
from sender.model import Consent, Contact, ContactId, Sale
from sender.store import Store
from tests.databases import NOW

hash_of = Keys((LinkKey(1, b"l" * 32),), b"s" * 32).suppression_hash
ANNE = parse("anne@cabinet.example")
HOUR = timedelta(hours=1)


@pytest.fixture
def state(tmp_path: Path) -> State:
    return State(tmp_path / "state")


@pytest.fixture
def anne(store: Store) -> ContactId:
    with store.write() as connection:
        (contact,) = contacts.upsert(connection, [Contact(ContactId(""), ANNE)], hash_of=hash_of, now=NOW).contacts
    return contact.id


def opt_in(at: datetime, **changes: object) -> Consent:
    given = Consent(at.date(), "v1", "form", proof="double_opt_in", details={"at": at.isoformat()})
    return replace(given, **changes)  # type: ignore[arg-type]


def grant(store: Store, who: ContactId, consent: Consent, now: datetime, state: State | None = None) -> Lifting:
    with store.write() as connection:
        if state:
            ledger.take_in(connection, state)
        contacts.grant(connection, who, consent, record=journal.append, now=now)
        return contacts.lift_by_consent(connection, who, consent, record=journal.append, now=now)


def say(store: Store, reason: str, at: datetime) -> None:
    with store.write() as connection:
        suppress(connection, hash_of(ANNE), reason, at)


def held(store: Store, state: State | None = None) -> bool:
    with store.write() as connection:
        if state:
            ledger.take_in(connection, state)
        return contacts.is_suppressed(connection, hash_of(ANNE))


# --- lifting


@pytest.mark.parametrize("reason", ["objected", "excluded", "bounced"])
def test_a_new_consent_lifts_and_a_new_objection_counts_again(store: Store, anne: ContactId, reason: str) -> None:
    """The row keeps the days of all three."""
    say(store, reason, NOW)
    lifting = grant(store, anne, opt_in(NOW + HOUR), NOW + 2 * HOUR)
    assert (lifting, held(store)) == (Lifting((reason,), ()), False)

    say(store, "objected", NOW + 3 * HOUR)
    assert held(store)
    with store.read() as connection:
        stop = next(stop for stop in contacts.stops_of(connection, anne) if stop.reason == reason)
        assert (stop.since, stop.lifted_at) == (NOW, NOW + HOUR)
        assert stop.renewed_at == (NOW + 3 * HOUR if reason == "objected" else None)
        assert [one.kind for one in journal.about(connection, anne)] == ["consent_granted", "suppression_lifted"]


@pytest.mark.parametrize(
    ("reason", "consent"),
    [
        ("complained", opt_in(NOW + HOUR)),
        ("erased", opt_in(NOW + HOUR)),
        ("domain", opt_in(NOW + HOUR)),
        ("restricted", opt_in(NOW + HOUR)),
        ("bounced", opt_in(NOW + HOUR, proof="signed")),
        ("objected", opt_in(NOW - HOUR)),
        ("objected", opt_in(NOW)),
        ("objected", opt_in(NOW + HOUR, proof="log_only")),
        ("objected", opt_in(NOW + HOUR, by="third_party")),
        ("objected", opt_in(NOW + HOUR, wording_version=" ")),
        ("objected", opt_in(NOW + HOUR, scope="tracking")),
        ("objected", opt_in(NOW + HOUR, scope="topic:law")),
        ("objected", opt_in(NOW, details={})),
        ("excluded", opt_in(NOW - HOUR)),
    ],
)
def test_what_no_consent_or_not_this_one_lifts(store: Store, anne: ContactId, reason: str, consent: Consent) -> None:
    """Too old, without proof or words, for something else; or of the same day without a time."""
    say(store, reason, NOW)

    assert grant(store, anne, consent, NOW + 2 * HOUR) == Lifting((), (reason,))
    assert held(store)


def test_a_day_without_time_lifts_what_was_said_the_day_before(store: Store, anne: ContactId) -> None:
    """A signed paper has a date only; on no place of the earth was it signed before the objection."""
    say(store, "objected", NOW)
    paper = Consent(NOW.date() + timedelta(days=2), "v1", proof="signed", details={"reference": "binder 3"})

    assert grant(store, anne, paper, NOW + timedelta(days=3)).ended == ("objected",)


# --- the objections file


def test_an_old_line_does_not_undo_a_lifting_and_a_new_one_does(store: Store, anne: ContactId, state: State) -> None:
    """Though the file be read again from its first line."""
    state.record_objection(anne, hash_of(ANNE), NOW)
    assert grant(store, anne, opt_in(NOW + HOUR), NOW + 2 * HOUR, state).ended == ("objected",)
    with store.write() as connection:
        connection.exec_driver_sql("DELETE FROM intakes")
    assert not held(store, state)

    state.record_objection(anne, hash_of(ANNE), NOW + 3 * HOUR)
    assert held(store, state)


def test_an_objection_that_the_base_had_not_heard_of_is_not_lifted_by_an_older_consent(
    store: Store, anne: ContactId, state: State
) -> None:
    """The consent is written down late: between it and now the person objected on the page."""
    say(store, "objected", NOW)
    state.record_objection(anne, hash_of(ANNE), NOW + 2 * HOUR)

    assert grant(store, anne, opt_in(NOW + HOUR), NOW + 3 * HOUR, state).ended == ()
    assert held(store, state)


def test_an_objection_that_comes_in_late_from_another_machine_counts(
    store: Store, anne: ContactId, state: State, tmp_path: Path
) -> None:
    """It was said after the consent was given, though before it was written down."""
    say(store, "objected", NOW)
    other = State(tmp_path / "other")
    other.record_objection(anne, hash_of(ANNE), NOW + 2 * HOUR)
    assert grant(store, anne, opt_in(NOW + HOUR), NOW + 3 * HOUR, state).ended == ("objected",)

    assert held(store, other)


def test_a_base_that_lost_the_lifting_stays_closed(tmp_path: Path) -> None:
    """An older copy is put back: it knows the objection by the file and nothing of the consent."""
    state = State(tmp_path / "state")
    older, newer = (Store.open(str(tmp_path / f"{name}.db"), create=True) for name in ("older", "newer"))
    for opened in (older, newer):
        with opened.write() as connection:
            contacts.upsert(connection, [Contact(ContactId(""), ANNE)], hash_of=hash_of, now=NOW)
    with newer.read() as connection:
        anne = contacts.by_email(connection, ANNE)
        assert anne is not None
    state.record_objection(anne.id, hash_of(ANNE), NOW)
    grant(newer, anne.id, opt_in(NOW + HOUR), NOW + 2 * HOUR, state)

    assert (held(newer, state), held(older, state)) == (False, True)
    older.close()
    newer.close()


# --- history


def test_of_each_scope_the_newest_word_holds(store: Store, anne: ContactId) -> None:
    """A withdrawal of one leaves the others; nothing is overwritten."""
    for number, scope in enumerate(("mail", "tracking", "topic:law")):
        grant(store, anne, opt_in(NOW, scope=scope), NOW + number * HOUR)
    with store.write() as connection:
        say_no = {"on": date(2026, 5, 1), "record": journal.append, "now": NOW + 5 * HOUR}
        assert contacts.withdraw(connection, anne, scope="tracking", **say_no)  # type: ignore[arg-type]
        assert not contacts.withdraw(connection, anne, scope="tracking", **say_no)  # type: ignore[arg-type]
        assert not contacts.withdraw(connection, anne, scope="topic:tax", **say_no)  # type: ignore[arg-type]
        standing = contacts.standing_consents(connection, anne)
        stored = contacts.by_id(connection, anne)

    assert {scope: one.withdrawn_on for scope, one in standing.items()} == {
        "mail": None,
        "tracking": date(2026, 5, 1),
        "topic:law": None,
    }
    assert stored is not None
    assert stored.consent is not None
    assert (stored.consent.withdrawn_on, stored.consent.tracking) == (None, False)
    with store.read() as connection:
        assert [one.scope for one in contacts.all_consents(connection, anne)] == [
            "mail",
            "tracking",
            "topic:law",
            "tracking",
        ]


def test_tracking_is_consented_to_beside_mail(store: Store, anne: ContactId) -> None:
    """As a scope of its own with its own proof, or in the words on mail; taken back by itself in both cases."""

    def tracking() -> bool:
        with store.read() as connection:
            consent = contacts.latest_consents(connection, [anne])[anne]
            return consent.tracking

    grant(store, anne, opt_in(NOW), NOW)
    assert not tracking()
    grant(store, anne, opt_in(NOW, scope="tracking", proof="log_only"), NOW + HOUR)
    assert not tracking()
    grant(store, anne, opt_in(NOW, tracking=True), NOW + 2 * HOUR)
    assert tracking()
    with store.write() as connection:
        contacts.withdraw(connection, anne, on=NOW.date(), record=journal.append, now=NOW + 3 * HOUR, scope="tracking")
    assert not tracking()
    grant(store, anne, opt_in(NOW, scope="tracking"), NOW + 4 * HOUR)
    assert tracking()


def test_consent_to_something_else_is_none_to_mail(store: Store, anne: ContactId) -> None:
    grant(store, anne, opt_in(NOW, scope="topic:law"), NOW)
    with store.read() as connection:
        assert contacts.latest_consents(connection, [anne]) == {}


def test_what_proves_it_comes_back_as_it_went_in(store: Store, anne: ContactId) -> None:
    """Words shown, time, address of the request, paper; the sale with its reference."""
    with store.write() as connection:
        digest = contacts.keep_wording(connection, "v1", "I agree.", NOW)
        assert contacts.keep_wording(connection, "v1", "I agree.", NOW) == digest
        with pytest.raises(contacts.OtherWordingError):
            contacts.keep_wording(connection, "v1", "I do not.", NOW)
        assert contacts.wording_text(connection, "v1") == "I agree."
        given = opt_in(NOW, wording=digest, details={"at": NOW.isoformat(), "ip": "203.0.113.7"})
        contacts.grant(connection, anne, given, record=journal.append, now=NOW)
        sale = Sale(date(2026, 1, 5), own_similar=True, refusal_offered=True, reference="INV-1")
        contacts.sold(connection, anne, sale, record=journal.append, now=NOW)
        assert contacts.all_consents(connection, anne) == [given]
        assert contacts.history(connection, anne)[0].recorded_at == NOW
        assert contacts.latest_sales(connection, [anne]) == {anne: sale}
        assert journal.verify(connection) is None


def test_the_history_of_a_double_is_told_in_its_order(store: Store, anne: ContactId) -> None:
    """A withdrawal that was newer stays newer, whichever of the two it was given to."""
    with store.write() as connection:
        (other,) = contacts.upsert(
            connection, [Contact(ContactId(""), parse("a.leroy@cabinet.example"))], hash_of=hash_of, now=NOW
        ).contacts
    grant(store, other.id, opt_in(NOW), NOW)
    grant(store, anne, opt_in(NOW), NOW + HOUR)
    with store.write() as connection:
        contacts.withdraw(connection, anne, on=NOW.date(), record=journal.append, now=NOW + 2 * HOUR)
        assert contacts.copy_history(connection, other.id, anne) == 1
        consent = contacts.latest_consents(connection, [anne])[anne]

    assert consent.withdrawn_on == NOW.date()


@pytest.mark.parametrize(
    ("scope", "fine"), [("mail", True), ("tracking", True), ("topic:tax law", True), ("topic:", False), ("all", False)]
)
def test_scopes(scope: str, fine: bool) -> None:
    assert contacts.valid_scope(scope) is fine


def test_times_are_of_one_zone() -> None:
    """A consent that says no time counts from the earliest moment at which its day began anywhere."""
    from sender.contacts.lifting import given_at

    assert given_at(Consent(date(2026, 5, 2))) == datetime(2026, 5, 1, 10, tzinfo=UTC)
