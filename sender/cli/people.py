"""The objections file and the base as the public pages see them: one person, found by a link, and what they said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from sender import contacts, ledger
from sender.links import LinkTarget
from sender.model import Address, Contact
from sender.steps.house import House
from sender.web import Person, Said, Wish


@dataclass(frozen=True, slots=True)
class ObjectionsFile:
    """Fills ``web.Objections``."""

    state: ledger.State

    def keep(self, said: Sequence[Said]) -> None:
        lines = [ledger.Objection(one.target.contact, one.target.address_hash, one.at, "objected") for one in said]
        self.state.record_objections(lines)

    def demand_room(self) -> None:
        self.state.demand_room()


def contact_behind(connection: Connection, house: House, target: LinkTarget) -> tuple[Contact, Address] | None:
    """The contact whom a link names, and the address that it was sent to; None where it never had that one."""
    contact = contacts.by_id(connection, target.contact)
    if contact is None:
        return None
    known = contacts.addresses_of(connection, contact)
    sent_to = next((one for one in known if house.hash_of(one) == target.address_hash), None)
    return None if sent_to is None else (contact, sent_to)


@dataclass(frozen=True, slots=True)
class BasePeople:
    """Fills ``web.People``. Every method raises while the base is out of reach."""

    house: House

    def find(self, target: LinkTarget) -> Person | None:
        """The contact, under the address that the link was sent to: its own of today, or one that it had."""
        with self.house.store.read() as connection:
            behind = contact_behind(connection, self.house, target)
            if behind is None:
                return None
            contact, sent_to = behind
            sender = ledger.last_sender(connection, contact.id)
        found = contact.provenance
        return Person(sender or "", sent_to, contact.language, found.kind, found.collected_on)

    def take_in(self) -> None:
        self.house.take_in()

    def object(self, target: LinkTarget, at: datetime) -> None:
        """Suppress and journal, once however often it is asked for."""
        house, record = self.house, ledger.journal.append
        with house.store.write() as connection:
            contacts.object_to_mail(connection, target.contact, target.address_hash, record=record, now=at)
            head = ledger.journal.head(connection)
        house.keep_head(head)

    def undo(self, target: LinkTarget, objected_at: datetime, at: datetime, wording: str) -> bool:
        """The file is taken in first: the objection that is taken back may not have come to the base yet."""
        house, record = self.house, ledger.journal.append
        with house.store.write() as connection:
            ledger.take_in(connection, house.state)
            lifted = contacts.take_back(
                connection,
                target.contact,
                target.address_hash,
                objected_at=objected_at,
                wording=wording,
                record=record,
                now=at,
            )
            head = ledger.journal.head(connection)
        house.keep_head(head)
        return lifted

    def tell_why(self, target: LinkTarget, reason: str, at: datetime) -> None:
        """Journalled for a contact of the base; of anybody else nothing is kept."""
        with self.house.store.write() as connection:
            if contacts.by_id(connection, target.contact) is None:
                return
            head = ledger.journal.append(connection, "objection_reason", {"reason": reason}, target.contact, at)
        self.house.keep_head(head)

    def choose(self, target: LinkTarget, wish: Wish, at: datetime) -> None:
        """A refused topic goes where objections go, first into the file: it holds whether or not the base answers."""
        house, record = self.house, ledger.journal.append
        house.state.record_refusals(target.contact, target.address_hash, wish.refused, at)
        with house.store.write() as connection:
            ledger.take_in(connection, house.state)
            contact = contacts.by_id(connection, target.contact)
            known = contact.id if contact else None
            if known:
                contacts.choose(
                    connection, known, most_per_year=wish.most, language=wish.language, record=record, now=at
                )
            head = ledger.journal.head(connection)
        house.keep_head(head)

    def ping(self) -> None:
        with self.house.store.read() as connection:
            connection.execute(text("SELECT 1"))
