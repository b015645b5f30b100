"""The base as the public pages see it: one person, found by a link, and that person's objection."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from sender import contacts, ledger
from sender.links import LinkTarget
from sender.steps.house import House
from sender.web import Person


@dataclass(frozen=True, slots=True)
class BasePeople:
    """Fills ``web.People``. Every method raises while the base is out of reach."""

    house: House

    def find(self, target: LinkTarget) -> Person | None:
        """The contact, under the address that the link was sent to: its own of today, or one that it had."""
        with self.house.store.read() as connection:
            contact = contacts.by_id(connection, target.contact)
            if contact is None:
                return None
            known = (contact.email, *contacts.former_addresses(connection, [contact.id]))
            sent_to = next((one for one in known if self.house.hash_of(one) == target.address_hash), None)
            if sent_to is None:
                return None
            sender = ledger.last_sender(connection, contact.id)
        return Person(sender or "", sent_to, contact.language)

    def object(self, target: LinkTarget, at: datetime) -> None:
        """Suppress and journal, once however often it is asked for."""
        house, record = self.house, ledger.journal.append
        with house.store.write() as connection:
            contacts.object_to_mail(connection, target.contact, target.address_hash, record=record, now=at)
            head = ledger.journal.head(connection)
        house.keep_head(head)

    def ping(self) -> None:
        with self.house.store.read() as connection:
            connection.execute(text("SELECT 1"))
