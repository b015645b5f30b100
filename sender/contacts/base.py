"""The base of contacts: rows of a file in, contacts with ids out.

An id is drawn at random on the day an address first enters and stays with the address's key. What a file says wins
over what is stored, where the file says anything, but for what the person had corrected; consents, sales, choices and
suppressions are never touched by one.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, bindparam, func, select

from sender.contacts.aliases import as_of_today
from sender.contacts.choices import choices_of, refused_under
from sender.contacts.consents import latest_consents, latest_sales
from sender.contacts.corrections import with_corrections
from sender.contacts.flat import columns_of, contact_of
from sender.contacts.meeting import HashOf, domain_as_address, meet
from sender.model import Address, Choices, CompanyForm, Contact, ContactId, Provenance
from sender.store import schema
from sender.store.kept import Kept, among, enter_rows
from sender.store.statements import BATCH, insert_into, slices

__all__ = [
    "HashOf",
    "Upserted",
    "by_email",
    "by_id",
    "by_key",
    "by_keys",
    "count",
    "differences",
    "domain_as_address",
    "merge",
    "page",
    "upsert",
    "walk",
]

_FOR_THE_BASE = {"functions", "address_hash", "domain_hash", "import_id", "created_at", "updated_at"}
_COLUMNS = [column for column in schema.contacts.c if column.name not in _FOR_THE_BASE]


@dataclass(frozen=True, slots=True)
class Upserted:
    """Contacts with ids, in the order given, and the hashes of erased people, of whom nothing is kept.

    ``changed``: the names of the fields that differ from what was stored. ``suppressed``: who may not be mailed.
    """

    contacts: tuple[Contact, ...]
    erased: tuple[bytes, ...] = ()
    new: frozenset[ContactId] = frozenset()
    changed: Mapping[ContactId, tuple[str, ...]] = field(default_factory=dict)
    suppressed: frozenset[ContactId] = frozenset()

    @property
    def strangers(self) -> frozenset[ContactId]:
        """New, and nothing stands against them: whoever asks what is known of them need not ask the base."""
        return self.new - self.suppressed


# --- in


def upsert(
    connection: Connection, contacts: Sequence[Contact], *, hash_of: HashOf, now: datetime, import_id: int | None = None
) -> Upserted:
    """Bring contacts (of distinct addresses) into the base. Inside the caller's write transaction.

    Whoever comes under a former address is the contact of today, and keeps today's address.
    """
    result = Upserted(())
    for some in slices(as_of_today(connection, contacts)):
        hashes = _Hashes(hash_of)
        against = meet(connection, [contact.email for contact in some], hash_of=hashes.__getitem__)
        gone = {address.key for address, each in against.items() if any(one.entry.reason == "erased" for one in each)}
        entered = _Batch(connection, hashes, now, import_id).upsert([c for c in some if c.email.key not in gone])
        stopped = {address.key for address in against}
        result = _added(
            result,
            replace(
                entered,
                erased=tuple(hashes[contact.email] for contact in some if contact.email.key in gone),
                suppressed=frozenset(c.id for c in entered.contacts if c.email.key in stopped),
            ),
        )
    return result


def _added(one: Upserted, other: Upserted) -> Upserted:
    return Upserted(
        one.contacts + other.contacts,
        one.erased + other.erased,
        one.new | other.new,
        {**one.changed, **other.changed},
        one.suppressed | other.suppressed,
    )


class _Hashes(dict[Address, bytes]):
    """Each is asked for twice: to find what stands against an address, and to be written beside it."""

    def __init__(self, hash_of: HashOf) -> None:
        self._hash_of = hash_of

    def __missing__(self, address: Address) -> bytes:
        return self.setdefault(address, self._hash_of(address))


def new_ids(count: int, now: datetime) -> list[ContactId]:
    """Each of 32 hex digits: the second, then chance.

    Those who come in together stand together in every index that has them: of a million in any order each would be a
    page to read and one to write.
    """
    second, chance = f"{int(now.timestamp()):08x}", secrets.token_hex(12 * count)
    return [ContactId(second + chance[start : start + 24]) for start in range(0, 24 * count, 24)]


@dataclass(frozen=True, slots=True)
class _Batch:
    connection: Connection
    hashes: _Hashes
    now: datetime
    import_id: int | None

    def upsert(self, contacts: Sequence[Contact]) -> Upserted:
        stored = by_keys(self.connection, [contact.email.key for contact in contacts])
        fresh = self._entered([contact for contact in contacts if contact.email.key not in stored])
        if len(stored) + len(fresh) < len(contacts):  # another machine was first with some
            stored |= by_keys(self.connection, [c.email.key for c in contacts if c.email.key not in fresh])
        merged = tuple(fresh.get(c.email.key) or merge(stored[c.email.key], c) for c in contacts)
        changed = {
            new.id: what
            for new in merged
            if (before := stored.get(new.email.key)) and (what := differences(before, new))
        }
        self._update([new for new in merged if new.id in changed])
        return Upserted(merged, new=frozenset(one.id for one in fresh.values()), changed=changed)

    def _entered(self, contacts: Sequence[Contact]) -> dict[str, Contact]:
        """Those who are new, by key, as the base has them from now on: it may have known what they refuse."""
        if not contacts:
            return {}
        refused = refused_under(self.connection, [self.hashes[contact.email] for contact in contacts])
        ids = new_ids(len(contacts), self.now)
        fresh = {c.email.key: replace(c, id=one) for c, one in zip(contacts, ids, strict=True)}
        if self._insert([*fresh.values()]) < len(fresh):
            kept = {each.id for each in by_keys(self.connection, [*fresh]).values()}
            fresh = {key: contact for key, contact in fresh.items() if contact.id in kept}
        for key, contact in fresh.items():
            if topics := refused.get(self.hashes[contact.email]):
                fresh[key] = replace(contact, choices=Choices(refused=topics))
        return fresh

    def _insert(self, contacts: Sequence[Contact]) -> int:
        """How many were new."""
        return enter_rows(
            self.connection,
            insert_into(self.connection, schema.contacts).on_conflict_do_nothing(index_elements=["email_key"]),
            [
                columns_of(contact)
                | {
                    "address_hash": self.hashes[contact.email],
                    "domain_hash": self.hashes[domain_as_address(contact.email.domain)],
                }
                for contact in contacts
            ],
            {"import_id": self.import_id, "created_at": self.now, "updated_at": self.now},
        )

    def _update(self, contacts: Sequence[Contact]) -> None:
        """Not the key and not the hash: they are the contact."""
        if not contacts:
            return
        rows = [
            {f"new_{name}": value for name, value in columns_of(contact).items()}
            | {"new_updated_at": self.now, "new_import_id": self.import_id}
            for contact in contacts
        ]
        names = {name.removeprefix("new_") for name in rows[0]} - {"id", "email_key"}
        self.connection.execute(
            schema.contacts.update()
            .where(schema.contacts.c.id == bindparam("new_id"))
            .values({name: bindparam(f"new_{name}") for name in sorted(names)}),
            [{key: value for key, value in row.items() if key != "new_email_key"} for row in rows],
        )


def differences(before: Contact, after: Contact) -> tuple[str, ...]:
    """The names of the fields that differ; consents, sales and choices are not a file's to change."""
    if before == after:
        return ()
    return tuple(name for name in _FIELDS if getattr(before, name) != getattr(after, name))


_NOT_A_FILES = {"id", "consent", "sale", "choices", "corrected"}
_FIELDS = tuple(each.name for each in fields(Contact) if each.name not in _NOT_A_FILES)
_NOTHING_CHOSEN = Choices()


def merge(stored: Contact, new: Contact) -> Contact:
    """``stored`` with everything that ``new`` says. Provenance is one statement: it changes whole or not at all.

    A language that the person chose stays, and what they had corrected.
    """
    says_form = new.legal_form is not None or new.form is not CompanyForm.UNKNOWN
    merged = replace(
        stored,
        email=new.email,
        first_name=new.first_name or stored.first_name,
        last_name=new.last_name or stored.last_name,
        company=new.company or stored.company,
        legal_form=new.legal_form if says_form else stored.legal_form,
        form=new.form if says_form else stored.form,
        title=new.title or stored.title,
        country=new.country or stored.country,
        language=stored.choices.language or new.language or stored.language,
        provenance=stored.provenance if new.provenance == Provenance() else new.provenance,
        last_inbound_on=_later(stored.last_inbound_on, new.last_inbound_on),
        published_for_this=new.published_for_this or stored.published_for_this,
        more={**stored.more, **new.more},
        company_number=new.company_number or stored.company_number,
        topics=tuple(dict.fromkeys((*stored.topics, *new.topics))),
    )
    kept = stored.corrected.intersection(_FIELDS) - {"email"}  # an address of before was taken for today's already
    return replace(merged, **{name: getattr(stored, name) for name in kept}) if kept else merged


def _later(one: date | None, other: date | None) -> date | None:
    return max((day for day in (one, other) if day), default=None)


# --- out


def by_email(connection: Connection, email: Address) -> Contact | None:
    return by_key(connection, email.key)


def by_key(connection: Connection, key: str) -> Contact | None:
    """Under its address of today, or one that it had."""
    return _first(connection, schema.contacts.c.email_key == key, schema.aliases.c.email_key == key)


def by_id(connection: Connection, contact: ContactId) -> Contact | None:
    """Under its id, or that of a double which was merged into it."""
    return _first(connection, schema.contacts.c.id == contact, schema.aliases.c.former_id == contact)


def _first(connection: Connection, today: ColumnElement[bool], formerly: ColumnElement[bool]) -> Contact | None:
    own = next(_load(connection, _contacts().where(today)), None)
    return own or next(_load(connection, _contacts().join(schema.aliases).where(formerly)), None)


def by_keys(connection: Connection, keys: Sequence[str]) -> dict[str, Contact]:
    """The contacts with these address keys, by key, ready to be merged with; keys that are not known are left out."""
    found: dict[str, Contact] = {}
    for some in slices(keys):
        stored = list(_load(connection, _contacts().where(schema.contacts.c.email_key.in_(some))))
        found |= {contact.email.key: contact for contact in with_corrections(connection, stored)}
    return found


def page(connection: Connection, ids: Sequence[ContactId]) -> list[Contact]:
    """The contacts with these ids, in the order given; ids that are gone are left out."""
    found: dict[ContactId, Contact] = {}
    for some in slices(ids):
        found |= {c.id: c for c in _whole(connection, _NAMED.named(connection, {"b_ids": some}))}
    return [found[contact] for contact in ids if contact in found]


def walk(connection: Connection, *, after: ContactId | None = None, size: int = BATCH) -> Iterator[Contact]:
    """All contacts by id, read page by page; contacts that come in meanwhile may be missed."""
    while True:
        wanted = _contacts().where(schema.contacts.c.id > (after or "")).order_by(schema.contacts.c.id).limit(size)
        some = list(_load(connection, wanted))
        yield from some
        if len(some) < size:
            return
        after = some[-1].id


def count(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(schema.contacts)).scalar_one()


def _contacts() -> Select[Any]:
    return select(*_COLUMNS)


_NAMED = Kept(_contacts().where(among(schema.contacts.c.id, "b_ids")))


def _load(connection: Connection, wanted: Select[Any]) -> Iterator[Contact]:
    return _whole(connection, connection.execute(wanted).mappings().all())


def _whole(connection: Connection, rows: Sequence[Mapping[Any, Any]]) -> Iterator[Contact]:
    """With what the other tables hold of them."""
    ids = [ContactId(row["id"]) for row in rows]
    consents, sales = latest_consents(connection, ids), latest_sales(connection, ids)
    chosen = choices_of(connection, ids)
    return (
        contact_of(row, consents.get(row["id"]), sales.get(row["id"]), chosen.get(row["id"], _NOTHING_CHOSEN))
        for row in rows
    )
