"""The base of contacts on a real data base."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, select

from sender import contacts, ledger
from sender.address import parse
from sender.contacts import Upserted, base
from sender.model import (
    Address,
    CompanyForm,
    Consent,
    Contact,
    ContactId,
    History,
    Notice,
    Provenance,
    Sale,
    SourceKind,
)
from sender.store import Store, found, schema
from tests.databases import NOW

FAIR = Provenance(
    SourceKind.TRADE_SHOW, "Salon 2026", date(2026, 3, 12), Notice(True, "2026-01", date(2026, 3, 12), True)
)


def hashes_with(key: bytes) -> Callable[[Address], bytes]:
    return lambda address: hmac.digest(key, address.key.encode(), "sha256")


hash_of = hashes_with(b"real")
practice_hash = hashes_with(b"practice")


@pytest.fixture
def practice(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(f"sqlite:///{tmp_path}/practice.db", create=True, now=NOW)
    with opened.write() as connection:
        found(connection, base_id="practice", key_check="", practice=True, now=NOW)
    yield opened
    opened.close()


@dataclass
class Entries:
    """A journal that only remembers which kinds it was told."""

    kinds: list[str] = field(default_factory=list)

    def __call__(
        self,
        connection: Connection,
        kind: str,
        payload: Mapping[str, str | int | bool | None],
        contact: ContactId | None,
        at: datetime,
    ) -> None:
        assert not any("@" in str(value) for value in payload.values())
        self.kinds.append(kind)


def contact(email: str = "a@a.example", **fields: object) -> Contact:
    return replace(Contact(ContactId(""), parse(email), provenance=FAIR), **fields)  # type: ignore[arg-type]


def put(store: Store, *people: Contact, now: datetime = NOW) -> Upserted:
    with store.write() as connection:
        return contacts.upsert(connection, people, hash_of=hash_of, now=now)


def test_a_contact_comes_back_as_it_went_in(store: Store) -> None:
    """Every field survives the base."""
    whole = contact(
        "Éloïse@a.example", first_name="Éloïse", last_name="N’Guyen", company="Cœur & Cie", legal_form="SARL",
        form=CompanyForm.LEGAL_PERSON, title="DPO", country="FR", language="fr", last_inbound_on=date(2026, 3, 20),
        published_for_this=True, more={"effectif": "12", "ville": "Évreux"},
    )  # fmt: skip
    (entered,) = put(store, whole).contacts
    with store.read() as connection:
        assert contacts.by_email(connection, whole.email) == contacts.by_id(connection, entered.id) == entered
    assert replace(entered, id=ContactId("")) == whole
    assert len(entered.id) == 32


def test_an_id_stays_with_its_address(store: Store) -> None:
    """The same address in another file, in other case, with another name, is the same contact."""
    (first,) = put(store, contact(first_name="Ana")).contacts
    (second,) = put(store, contact("A@A.example", first_name="Anaïs"), now=NOW + timedelta(days=1)).contacts
    assert (second.id, second.first_name) == (first.id, "Anaïs")
    with store.read() as connection:
        assert contacts.count(connection) == 1


def test_a_new_contact_is_told_as_the_base_has_it(store: Store) -> None:
    """It is not read again after it came in, and need not be."""
    people = [contact(), contact("b@b.example", title="DPO", topics=("rgpd",), more={"ville": "Évreux"})]
    entered = put(store, *people)
    with store.read() as connection:
        assert contacts.page(connection, [one.id for one in entered.contacts]) == list(entered.contacts)
    assert entered.new == {one.id for one in entered.contacts}


def test_whoever_was_first_with_an_address_keeps_it(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A row that another machine has entered since we looked is the contact, with its id and what only it says."""
    (first,) = put(store, contact(title="DPO")).contacts
    look, not_yet = base.by_keys, [{}]
    monkeypatch.setattr(base, "by_keys", lambda *asked: not_yet.pop() if not_yet else look(*asked))
    entered = put(store, contact(company="Roy"), contact("b@b.example"))
    assert entered.contacts[0] == replace(first, company="Roy")
    assert entered.new == {entered.contacts[1].id}
    assert entered.changed == {first.id: ("company",)}


def test_of_strangers_nothing_is_known(store: Store) -> None:
    """Whom an import calls a stranger has no history; whoever was suppressed, alone or with the domain, is none."""
    suppressed = [parse("b@b.example"), contacts.domain_as_address("c.example")]
    with store.write() as connection:
        for address in suppressed:
            contacts.suppress(connection, hash_of(address), "excluded", NOW)
    entered = put(store, contact(), contact("b@b.example"), contact("c@c.example"))
    with store.read() as connection:
        known = ledger.history(connection, None, [one.id for one in entered.contacts], NOW.date())
    assert {one for one, history in known.items() if history == History()} == entered.strangers
    assert entered.strangers == {entered.contacts[0].id}
    assert not put(store, contact()).strangers


def test_what_a_file_does_not_say_stays(store: Store) -> None:
    """Empty cells erase nothing, the later contact from the person holds, other columns add up."""
    put(store, contact(company="Roy", title="DPO", country="FR", last_inbound_on=date(2026, 3, 20), more={"a": "1"}))
    bare = Contact(ContactId(""), parse("a@a.example"), last_inbound_on=date(2025, 1, 1), more={"b": "2"})
    (merged,) = put(store, bare).contacts
    assert (merged.company, merged.title, merged.country, merged.provenance) == ("Roy", "DPO", "FR", FAIR)
    assert (merged.last_inbound_on, merged.more) == (date(2026, 3, 20), {"a": "1", "b": "2"})


def test_provenance_changes_whole(store: Store) -> None:
    """The notice of one collection is never put beside the date of another."""
    put(store, contact())
    bought = Provenance(SourceKind.PURCHASED, "F-17", date(2026, 4, 1))
    (merged,) = put(store, contact(provenance=bought)).contacts
    assert merged.provenance == bought


def test_the_order_given_is_kept_over_batches(store: Store) -> None:
    """Contacts come back one for one, new and known ones mixed, more than one batch of them."""
    put(store, *(contact(f"p{n}@a.example") for n in range(0, 2500, 3)))
    people = [contact(f"p{n}@a.example", first_name=str(n)) for n in range(2500)]
    entered = put(store, *people).contacts
    assert [c.first_name for c in entered] == [str(n) for n in range(2500)]
    with store.read() as connection:
        assert contacts.page(connection, [c.id for c in reversed(entered)]) == list(reversed(entered))
        assert {c.id for c in contacts.walk(connection, size=700)} == {c.id for c in entered}


def test_an_import_undoes_neither_objection_nor_consent(store: Store) -> None:
    """Whatever a file says, the objection and the withdrawn consent are as before."""
    journal = Entries()
    (known,) = put(store, contact()).contacts
    with store.write() as connection:
        contacts.grant(connection, known.id, Consent(date(2026, 1, 5), "v1", proof="signed"), record=journal, now=NOW)
        assert contacts.withdraw(connection, known.id, on=date(2026, 2, 1), record=journal, now=NOW)
        assert (
            contacts.object_to_mail(connection, known.email, hash_of(known.email), record=journal, now=NOW) == known.id
        )
    (again,) = put(store, contact(title="DPO")).contacts
    assert again.consent == Consent(date(2026, 1, 5), "v1", proof="signed", withdrawn_on=date(2026, 2, 1))
    with store.read() as connection:
        assert contacts.lookup(connection, [hash_of(known.email)])[hash_of(known.email)].reason == "objected"
        assert len(contacts.all_consents(connection, known.id)) == 2
    assert journal.kinds == ["consent_granted", "consent_withdrawn", "objection"]


def test_nothing_is_withdrawn_twice_or_without_consent(store: Store) -> None:
    """The journal hears of a withdrawal once."""
    journal = Entries()
    (known,) = put(store, contact()).contacts
    with store.write() as connection:
        assert not contacts.withdraw(connection, known.id, on=date(2026, 2, 1), record=journal, now=NOW)
        contacts.grant(connection, known.id, Consent(date(2026, 1, 5)), record=journal, now=NOW)
        assert contacts.withdraw(connection, known.id, on=date(2026, 2, 1), record=journal, now=NOW)
        assert not contacts.withdraw(connection, known.id, on=date(2026, 2, 2), record=journal, now=NOW)
    assert journal.kinds == ["consent_granted", "consent_withdrawn"]


def test_the_newest_sale_counts(store: Store) -> None:
    """A contact has its latest sale."""
    (known,) = put(store, contact()).contacts
    with store.write() as connection:
        for sale in (Sale(date(2025, 1, 1), True, True), Sale(date(2026, 1, 1), True, False)):
            contacts.sold(connection, known.id, sale, record=Entries(), now=NOW)
    with store.read() as connection:
        found = contacts.by_id(connection, known.id)
    assert found is not None
    assert found.sale == Sale(date(2026, 1, 1), True, False)


def test_an_erased_person_who_comes_back_is_not_stored(store: Store) -> None:
    """Only the hash is told; no row, no name, no address enters the base."""
    gone, stays = contact("gone@a.example", first_name="Zoé"), contact("b@a.example")
    with store.write() as connection:
        contacts.suppress(connection, hash_of(gone.email), "erased", NOW)
    result = put(store, gone, stays)
    assert [c.email.spec for c in result.contacts] == ["b@a.example"]
    assert result.erased == (hash_of(gone.email),)
    with store.read() as connection:
        assert connection.execute(select(schema.contacts.c.email)).scalars().all() == ["b@a.example"]


def test_an_objection_is_kept_once_and_holds_without_contact(store: Store) -> None:
    """Who is not in the base can object too; the first date stays, the journal hears it once."""
    journal, stranger = Entries(), parse("x@a.example")
    with store.write() as connection:
        for day in range(2):
            at = NOW + timedelta(days=day)
            found = contacts.object_to_mail(connection, stranger, hash_of(stranger), record=journal, now=at)
            assert found is None
        assert contacts.is_suppressed(connection, hash_of(stranger))
        assert contacts.lookup(connection, [hash_of(stranger)])[hash_of(stranger)].since == NOW
    assert journal.kinds == ["objection"]


def test_of_several_reasons_the_weightiest_is_told(store: Store) -> None:
    """Erased before objected before bounced, whatever came first."""
    address_hash = hash_of(parse("x@a.example"))
    with store.write() as connection:
        for reason in ("bounced", "objected", "erased"):
            contacts.suppress(connection, address_hash, reason, NOW)
        assert contacts.lookup(connection, [address_hash])[address_hash].reason == "erased"
        with pytest.raises(ValueError, match="unknown reason"):
            contacts.suppress(connection, address_hash, "tired", NOW)


# --- practice


def test_the_practice_base_has_the_real_people_and_objections(store: Store, practice: Store) -> None:
    """Contacts, consents, sales and suppressions are there under the practice key, and copying twice adds nothing."""
    known, objector = put(store, contact(first_name="Ana"), contact("b@a.example")).contacts
    with store.write() as connection:
        contacts.grant(connection, known.id, Consent(date(2026, 1, 5), "v1"), record=Entries(), now=NOW)
        contacts.sold(connection, known.id, Sale(date(2026, 1, 1)), record=Entries(), now=NOW)
        contacts.object_to_mail(connection, objector.id, hash_of(objector.email), record=Entries(), now=NOW)
    for _ in range(2):
        copied = contacts.copy_people(store, practice, real_hash=hash_of, practice_hash=practice_hash, now=NOW)
        assert copied == 2
    with practice.read() as connection:
        copy = contacts.by_email(connection, known.email)
        assert copy is not None
        assert (copy.first_name, copy.consent, copy.sale) == (
            "Ana",
            Consent(date(2026, 1, 5), "v1"),
            Sale(date(2026, 1, 1)),
        )
        assert len(contacts.all_consents(connection, copy.id)) == 1
        assert contacts.is_suppressed(connection, practice_hash(objector.email))
        assert not contacts.is_suppressed(connection, practice_hash(known.email))


def test_the_erased_are_known_in_practice_by_their_address_alone(store: Store, practice: Store) -> None:
    """A practice file that names an erased person meets the real suppression; so does a suppressed domain."""
    gone, elsewhere, free = parse("gone@a.example"), parse("x@blocked.example"), parse("free@a.example")
    with store.write() as connection:
        contacts.suppress(connection, hash_of(gone), "erased", NOW)
        contacts.suppress(connection, hash_of(contacts.domain_as_address("blocked.example")), "domain", NOW)
    with store.read() as real, practice.write() as target:
        carried = contacts.carry_over(
            target, real, [gone, elsewhere, free], real_hash=hash_of, practice_hash=practice_hash
        )
        assert carried == 2
        assert contacts.erased(target, [practice_hash(gone), practice_hash(free)]) == {practice_hash(gone)}
        blocked = practice_hash(contacts.domain_as_address("blocked.example"))
        assert contacts.lookup(target, [blocked])[blocked].reason == "domain"


def test_practice_knows_who_was_merged(store: Store, practice: Store) -> None:
    """A practice file with the former address means the contact that is left, also where practice had both."""
    kept, gone = put(store, contact(), contact("b@a.example")).contacts
    contacts.copy_people(store, practice, real_hash=hash_of, practice_hash=practice_hash, now=NOW)
    with store.write() as connection:
        contacts.merge_doubles(connection, kept, gone, hash_of=hash_of, record=lambda *_said: None, now=NOW)
    for _ in range(2):
        contacts.copy_people(store, practice, real_hash=hash_of, practice_hash=practice_hash, now=NOW)
    with practice.read() as connection:
        found = contacts.by_email(connection, gone.email)
        assert (found and found.email, contacts.count(connection)) == (kept.email, 1)


def test_nothing_flows_back(store: Store, practice: Store) -> None:
    """What happens in practice leaves the real base as it is."""
    put(store, contact())
    contacts.copy_people(store, practice, real_hash=hash_of, practice_hash=practice_hash, now=NOW)
    with practice.write() as connection:
        contacts.upsert(connection, [contact("new@a.example")], hash_of=practice_hash, now=NOW)
        contacts.suppress(connection, practice_hash(parse("a@a.example")), "objected", NOW)
    contacts.copy_people(store, practice, real_hash=hash_of, practice_hash=practice_hash, now=NOW)
    with store.read() as connection:
        assert contacts.count(connection) == 1
        assert connection.execute(select(schema.suppressions)).all() == []
