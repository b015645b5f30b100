"""People who want their mails at another address, as the public pages see them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from sender import contacts, ledger
from sender.contacts import Pending, pending
from sender.errors import UsageError
from sender.law.addresses import has_no_reader
from sender.links import LinkTarget
from sender.model import Address, Contact, ContactId
from sender.steps.house import House
from sender.web import Moved, Moving
from sender.web.pages import LANGUAGES

NEW, OLD, KEPT = "address", "address_old", "address_kept"
"""Kinds: the new address confirms the move, the one of before may keep itself; that it did is remembered as long."""


@dataclass(frozen=True, slots=True)
class Moves:
    """The part of ``web.Newcomers`` that is about people whom the base knows already."""

    house: House

    def ask(self, target: LinkTarget, address: Address, language: str, client: str | None, at: datetime) -> None:
        """Both letters become due, or nothing does: the caller is not told which."""
        house = self.house
        with house.store.write() as connection:
            ledger.take_in(connection, house.state)
            contact = contacts.by_id(connection, target.contact)
            if contact is None or not self._may_move(connection, contact, target, address, at):
                return
            new = Pending(NEW, address, house.hash_of(address), at, {"language": language}, client, contact.id)
            spoken = contact.language if contact.language in LANGUAGES else language
            told = {"language": spoken, "request": new.id}
            old = Pending(OLD, contact.email, house.hash_of(contact.email), at, told, client, contact.id)
            if pending.asked(connection, new) and not pending.asked(connection, old):
                pending.drop(connection, new.id)  # nobody is moved without a word to the address of today

    def look(self, target: LinkTarget, at: datetime) -> Moving | None:
        with self.house.store.read() as connection:
            for kind in (NEW, OLD):
                found = pending.look_up(connection, target.contact, kind, target.address_hash, at)
                if found is not None:
                    return Moving(found.email, found.said["language"], kind == NEW)
        return None

    def settle(self, target: LinkTarget, at: datetime) -> Moved:
        """The new address moves; the old one keeps itself, also afterwards."""
        house = self.house
        with house.store.write() as connection:
            ledger.take_in(connection, house.state)
            result = Moved.GONE
            if found := pending.take_out(connection, target.contact, NEW, target.address_hash, at):
                result = self._to(connection, found, Moved.YES, at)
            elif found := pending.take_out(connection, target.contact, OLD, target.address_hash, at):
                result = self._keep(connection, found, at)
            head = ledger.journal.head(connection)
        house.keep_head(head)
        return result

    def _may_move(
        self, connection: Connection, contact: Contact, target: LinkTarget, address: Address, at: datetime
    ) -> bool:
        """The link is of today's address, which has not just kept itself; the new one is free, read, not stopped."""
        todays = self.house.hash_of(contact.email) == target.address_hash
        holder = contacts.by_key(connection, address.key)
        free = address.key != contact.email.key and (holder is None or holder.id == contact.id)
        kept = pending.stands(connection, contact.id, KEPT, at)
        return (
            todays
            and free
            and not has_no_reader(address)
            and not kept
            and not contacts.standing_against(connection, [address], hash_of=self.house.hash_of)
        )

    def _keep(self, connection: Connection, found: Pending, at: datetime) -> Moved:
        """The address of before stays or is back. For as long as this is remembered no link moves the contact again."""
        pending.drop(connection, ContactId(found.said["request"]))
        result = self._to(connection, found, Moved.KEPT, at)
        pending.remember(connection, replace(found, kind=KEPT, asked_at=at, id=pending.new_id()))
        return result

    def _to(self, connection: Connection, found: Pending, done: Moved, at: datetime) -> Moved:
        # Meets: GDPR art. 5(1)(d), 16
        house, record = self.house, ledger.journal.append
        contact = contacts.by_id(connection, ContactId(found.contact or ""))
        if contact is None:
            return Moved.NOT_POSSIBLE
        if contact.email.key == found.email.key:
            return done
        before, after = house.hash_of(contact.email), replace(contact, email=found.email)
        try:
            request = found.id if done is Moved.YES else None
            contacts.rectify(connection, contact, after, hash_of=house.hash_of, record=record, now=at, request=request)
        except UsageError:  # somebody else has it by now, or it was erased
            return Moved.NOT_POSSIBLE
        if done is Moved.YES:
            house.state.record_same(contact.id, before, house.hash_of(found.email), at)
        asked = (connection, contact.id, house.hash_of(found.email), "rectification")
        contacts.receive(*asked, received_on=house.today, channel="page", record=record, now=at)
        contacts.answered(*asked, "rectified", today=house.today, record=record, now=at)
        return done
