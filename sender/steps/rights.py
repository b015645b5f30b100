"""What people may ask of what is held about them, carried out in one base and entered in the register."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from sender import contacts, ledger
from sender.model import Contact, ContactId
from sender.steps.holdings import Subject
from sender.steps.house import House
from sender.store.schema import journal, journal_payloads

__all__ = ["AFTER_A_MOVE", "CORRECTABLE", "correctable", "may_get_a_letter", "shown"]

AFTER_A_MOVE = timedelta(days=7)
"""So long no letter about a person's data goes to a new address: the one of before may still say that it stays."""

CORRECTABLE = ("first_name", "last_name", "title", "company", "legal_form", "country", "language")
"""What people may correct by themselves; an address is confirmed from its own mailbox."""


def correctable(contact: Contact) -> dict[str, str]:
    return {name: getattr(contact, name) or "" for name in CORRECTABLE}


def may_get_a_letter(connection: Connection, house: House, contact: Contact, at: datetime) -> bool:
    """Not who was erased and came back with a backup, nor an address that somebody moved to a few days ago.

    Whoever holds a forwarded mail may have had it moved to a mailbox of their own.
    """
    against = contacts.standing_against(connection, [contact.email], hash_of=house.hash_of)
    erased = any(one.entry.reason == "erased" for one in against.get(contact.email, ()))
    return not erased and not _moved_since(connection, contact.id, at - AFTER_A_MOVE)


def _moved_since(connection: Connection, contact: ContactId, since: datetime) -> bool:
    wanted = select(journal_payloads.c.payload).join(journal, journal.c.seq == journal_payloads.c.seq)
    lately = (journal.c.contact_id == contact) & (journal.c.kind == "rectified") & (journal.c.at > since)
    return any("email.after" in json.loads(said) for said in connection.execute(wanted.where(lately)).scalars())


def shown(house: House, who: Subject, *, channel: str) -> None:
    """The person saw what is held: entered and closed, once a day however often it is looked at."""
    # Meets: GDPR art. 12(3), 15
    now, own, record = house.now(), house.hash_of(who.address), ledger.journal.append
    contact = who.contact.id if who.contact else None
    with house.store.write() as connection:
        theirs = [one for one in contacts.requests_of(connection, own, who.ids) if one.kind == "access"]
        if all(one.closed_at for one in theirs) and any(one.received_on == house.today for one in theirs):
            return
        asked = (connection, contact, own, "access", "exported")
        contacts.answered(*asked, today=house.today, record=record, now=now, channel=channel)
        head = ledger.journal.head(connection)
    house.keep_head(head)
