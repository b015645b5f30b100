"""What each table holds about a person, how it is found, and what erasure leaves of it.

The one list that export, erasure and docs/explanation/privacy.md follow; a test holds it against the schema, so that
a new table cannot be forgotten.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Connection, Select, Table, and_, or_, select

from sender import contacts
from sender.address import parse
from sender.model import Address, Contact, ContactId
from sender.steps.house import House
from sender.store import schema
from sender.store.formerly import formerly

__all__ = [
    "ABOUT_NOBODY",
    "HOLDINGS",
    "Crowd",
    "Fate",
    "Holding",
    "Subject",
    "Whose",
    "crowd",
    "rows_about",
    "subject",
]


class Whose(Protocol):
    """Whom rows may be about. ``ids``: every contact id they ever had here.

    ``hashes``: of their addresses, the earlier normal forms and the domains; ``listed``: their entries on hashed lists.
    """

    @property
    def ids(self) -> tuple[ContactId, ...]: ...
    @property
    def hashes(self) -> tuple[bytes, ...]: ...
    @property
    def listed(self) -> tuple[bytes, ...]: ...


@dataclass(frozen=True, slots=True)
class Subject:
    """The person whom the data is about. ``former``: corrected addresses; a spreadsheet may still have them."""

    address: Address
    contact: Contact | None
    ids: tuple[ContactId, ...]
    hashes: tuple[bytes, ...]
    listed: tuple[bytes, ...]
    former: tuple[Address, ...] = ()

    @property
    def addresses(self) -> tuple[Address, ...]:
        return (self.address, *self.former)


@dataclass(frozen=True, slots=True)
class Crowd:
    """Many people at once, for what is deleted and blanked. What is kept of them is not looked for (``listed``)."""

    people: tuple[Contact, ...]
    addresses: tuple[Address, ...]
    ids: tuple[ContactId, ...]
    hashes: tuple[bytes, ...]
    listed: tuple[bytes, ...] = ()


class Fate(StrEnum):
    """What erasure does with the rows about a person."""

    DELETED = "deleted"
    BLANKED = "blanked"  # the columns that may name somebody
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class Holding:
    """``theirs``: the condition under which a row is about the person. ``why``: what the rows are kept for."""

    table: Table
    theirs: Callable[[Whose], ColumnElement[bool]]
    fate: Fate
    why: str
    blanked: tuple[str, ...] = ()


def _by_id(table: Table) -> Callable[[Whose], ColumnElement[bool]]:
    return lambda who: table.c.contact_id.in_(who.ids)


def _own_row(who: Whose) -> ColumnElement[bool]:
    return schema.contacts.c.id.in_(who.ids)


def _by_hash(who: Whose) -> ColumnElement[bool]:
    return schema.suppressions.c.hash.in_(who.hashes)


def _refused_topics(who: Whose) -> ColumnElement[bool]:
    return schema.topic_refusals.c.hash.in_(who.hashes)


def _on_hashed_lists(who: Whose) -> ColumnElement[bool]:
    return schema.exclusion_digests.c.hash.in_(who.listed)


def _requests(who: Whose) -> ColumnElement[bool]:
    return or_(schema.requests.c.contact_id.in_(who.ids), schema.requests.c.address_hash.in_(who.hashes))


def _journal_payloads(who: Whose) -> ColumnElement[bool]:
    theirs = select(schema.journal.c.seq).where(schema.journal.c.contact_id.in_(who.ids))
    return schema.journal_payloads.c.seq.in_(theirs)


def _imports(who: Whose) -> ColumnElement[bool]:
    now = select(schema.contacts.c.import_id).where(schema.contacts.c.id.in_(who.ids))
    ever = select(schema.provenances.c.import_id).where(schema.provenances.c.contact_id.in_(who.ids))
    return or_(schema.imports.c.id.in_(now), schema.imports.c.id.in_(ever))


def _pending(who: Whose) -> ColumnElement[bool]:
    return or_(schema.pending.c.contact_id.in_(who.ids), schema.pending.c.address_hash.in_(who.hashes))


def _documents(who: Whose) -> ColumnElement[bool]:
    """The notices that the person was given, and the words that they consented to.

    A notice is known by its file, ``2026-01.md``, whatever version its text says of itself; a text that changed under
    its version is the person's too, since nobody knows any more which of them they read.
    """
    table, ids = schema.documents, who.ids
    told = (
        select(schema.provenances.c.notice_version).where(schema.provenances.c.contact_id.in_(ids)),
        select(schema.contacts.c.notice_version).where(schema.contacts.c.id.in_(ids)),
    )
    version_or_file = [or_(table.c.version.in_(each), table.c.name.in_(_as_files(each))) for each in told]
    agreed = select(schema.consents.c.wording_version).where(schema.consents.c.contact_id.in_(ids))
    return or_(
        and_(table.c.kind == "notice", or_(*version_or_file)),
        and_(table.c.kind == "wording", table.c.version.in_(agreed)),
    )


def _as_files(versions: Select[str]) -> Select[str]:
    (version,) = versions.selected_columns
    return versions.with_only_columns(version + ".md")


def _letters(who: Whose) -> ColumnElement[bool]:
    """By the primary key, campaign by campaign: letters of one contact have no index of their own."""
    letters = schema.letters.c
    return letters.campaign_id.in_(select(schema.campaigns.c.id)) & letters.contact_id.in_(who.ids)


def _campaigns(who: Whose) -> ColumnElement[bool]:
    return schema.campaigns.c.id.in_(select(schema.letters.c.campaign_id).where(_letters(who)))


def _verdicts(who: Whose) -> ColumnElement[bool]:
    theirs = select(schema.letters.c.verdicts).where(_letters(who))
    return schema.verdict_sets.c.digest.in_(theirs)


# Meets: GDPR art. 15, 17, 20
HOLDINGS: tuple[Holding, ...] = (
    Holding(schema.contacts, _own_row, Fate.DELETED, "who may be written to"),
    Holding(schema.aliases, _by_id(schema.aliases), Fate.DELETED, "addresses that mean the same person"),
    Holding(schema.provenances, _by_id(schema.provenances), Fate.DELETED, "where the data comes from"),
    Holding(schema.consents, _by_id(schema.consents), Fate.DELETED, "the proof of a consent"),
    Holding(schema.sales, _by_id(schema.sales), Fate.DELETED, "the sale that carries a soft opt-in"),
    Holding(schema.choices, _by_id(schema.choices), Fate.DELETED, "how many mails they want, and in which language"),
    Holding(schema.topic_refusals, _refused_topics, Fate.KEPT, "so that nobody who refused a topic hears of it again"),
    Holding(schema.suppressions, _by_hash, Fate.KEPT, "so that nobody who said stop is written to again"),
    Holding(schema.exclusion_digests, _on_hashed_lists, Fate.KEPT, "so that nobody on an exclusion list is written to"),
    Holding(schema.requests, _requests, Fate.BLANKED, "what was asked and when it was done", ("extension_reason",)),
    Holding(schema.pending, _pending, Fate.DELETED, "what was asked for on a page and is not yet confirmed"),
    Holding(schema.exports, _by_id(schema.exports), Fate.DELETED, "files about the person, deleted with their entry"),
    Holding(schema.letters, _letters, Fate.BLANKED, "that nobody is mailed twice", ("title",)),
    Holding(schema.attempts, _by_id(schema.attempts), Fate.BLANKED, "what was sent and when", ("answer", "subject")),
    Holding(schema.returns, _by_id(schema.returns), Fate.KEPT, "what came back for a mail: codes, no words"),
    Holding(schema.journal, _by_id(schema.journal), Fate.KEPT, "the chain of the proof; names nobody"),
    Holding(schema.journal_payloads, _journal_payloads, Fate.DELETED, "what the entries of the proof say"),
    Holding(schema.imports, _imports, Fate.KEPT, "which file was read when; counts, no row's content"),
    Holding(schema.documents, _documents, Fate.KEPT, "the texts of notices and consents, the same for everybody"),
    Holding(schema.campaigns, _campaigns, Fate.KEPT, "what was sent, the same for everybody"),
    Holding(schema.verdict_sets, _verdicts, Fate.KEPT, "the reasons of decisions, shared by all they fit"),
)

ABOUT_NOBODY: Mapping[str, str] = {
    "exclusion_lists": "which exclusion lists were read",
    "base": "which data base this is",
    "runs": "when the program sent, on which machine",
    "pauses": "which domains and campaigns are paused, by the domain's keyed hash",
    "troubles": "how many mails a domain refused, by its keyed hash",
    "lanes": "how fast mails may leave, in part by a domain's keyed hash",
    "days": "how many mails left each day from a domain of ours",
    "mailboxes": "when the mailboxes were read",
    "intakes": "how far the objections file was read",
}
"""The other tables, each with what it holds."""


def subject(connection: Connection, house: House, address: Address) -> Subject:
    """Everything under which an address may stand in a base; the contact is None where the base does not know it."""
    contact = contacts.by_email(connection, address)
    own = house.hash_of(address)
    asked = {one.contact for one in contacts.requests_of(connection, own) if one.contact}
    ids = {contact.id} | asked if contact else asked
    ids |= formerly(connection, ids).keys()
    former = [each for each in _known_as(connection, ids) if each.key != address.key]
    hashes, listed = frozenset[bytes](), frozenset[bytes]()
    for each in (address, *former):
        forms, entries = contacts.hashes_of(each, hash_of=house.hash_of)
        hashes, listed = hashes | forms, listed | entries
    hashes |= _stored_hashes(connection, ids)
    return Subject(address, contact, tuple(sorted(ids)), tuple(sorted(hashes)), tuple(sorted(listed)), tuple(former))


def crowd(connection: Connection, house: House, people: Sequence[Contact]) -> Crowd:
    """The same of many contacts, with as many questions to the base as of one."""
    own = {house.hash_of(one.email) for one in people}
    asked = select(schema.requests.c.contact_id).where(schema.requests.c.address_hash.in_(own))
    ids = {one.id for one in people} | {ContactId(one) for one in connection.execute(asked).scalars() if one}
    ids |= formerly(connection, ids).keys()
    addresses = {one.email for one in people} | {*_known_as(connection, ids)}
    hashes = contacts.forms_of([*addresses], hash_of=house.hash_of) | _stored_hashes(connection, ids)
    return Crowd(tuple(people), tuple(addresses), tuple(sorted(ids)), tuple(sorted(hashes)))


def _stored_hashes(connection: Connection, ids: Collection[ContactId]) -> frozenset[bytes]:
    stored = schema.contacts.c
    return frozenset(connection.execute(select(stored.address_hash).where(stored.id.in_(ids))).scalars())


def _known_as(connection: Connection, ids: Collection[ContactId]) -> list[Address]:
    """All their addresses: those the base knows, and what the journal says of corrections before it did."""
    told = contacts.corrections(connection, ids)
    said = {each.get(f"email.{when}") for _, each in told for when in ("before", "after")}
    found = {parse(text).key: parse(text) for text in said if text}
    found |= {one.key: one for one in contacts.former_addresses(connection, ids)}
    found |= {one.email.key: one.email for one in contacts.page(connection, sorted(ids))}
    return [address for _, address in sorted(found.items())]


def rows_about(connection: Connection, who: Whose) -> dict[str, list[dict[str, Any]]]:
    """Every row about the person, by table."""
    return {
        holding.table.name: [
            dict(row)
            for row in connection.execute(
                select(holding.table).where(holding.theirs(who)).order_by(*holding.table.primary_key)
            ).mappings()
        ]
        for holding in HOLDINGS
    }
