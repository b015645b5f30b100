"""What people may ask of what is held about them, carried out in one base and entered in the register."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection

from sender import contacts, ledger
from sender.contacts import Request
from sender.errors import UsageError
from sender.model import Address, Contact, ContactId
from sender.steps.holdings import Subject
from sender.steps.house import House

__all__ = [
    "CORRECTABLE",
    "correct",
    "correctable",
    "lift_restriction",
    "may_get_a_letter",
    "moved_by_link",
    "received",
    "restrict",
    "shown",
    "stop",
    "understood",
]

CORRECTABLE = ("first_name", "last_name", "title", "company", "legal_form", "country", "language")
"""What people may correct by themselves; an address is confirmed from its own mailbox."""

_LONGEST = 254

# --- the letter


def may_get_a_letter(connection: Connection, house: House, contact: Contact) -> bool:
    """Not who was erased and came back with a backup, nor an address to which a link had the mails moved."""
    against = contacts.standing_against(connection, [contact.email], hash_of=house.hash_of)
    erased = any(one.entry.reason == "erased" for one in against.get(contact.email, ()))
    return not erased and not moved_by_link(connection, contact)


def moved_by_link(connection: Connection, contact: Contact) -> bool:
    """Whether today's address came from the holder of a link, who need not be the person: mails are forwarded.

    The address of before is told and may keep itself for some days; that it was silent proves nothing.
    """
    moves = [said for _, said in contacts.corrections(connection, [contact.id]) if "email.after" in said]
    return bool(moves) and "request" in moves[-1]


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


# --- what is done


def received(house: House, who: Subject, kind: str, *, channel: str) -> Request:
    """Entered and open, before it is carried out: what fails stands there with its day. One open request is enough."""
    # Meets: GDPR art. 12(3)
    own, record = house.hash_of(who.address), ledger.journal.append
    contact = who.contact.id if who.contact else next(iter(who.ids), None)
    with house.store.write() as connection:
        theirs = contacts.requests_of(connection, own, who.ids)
        if waiting := next((one for one in theirs if one.kind == kind and one.closed_at is None), None):
            return waiting
        on = house.today
        asked = (connection, contact, own, kind)
        new = contacts.receive(*asked, received_on=on, channel=channel, record=record, now=house.now())
        head = ledger.journal.head(connection)
    house.keep_head(head)
    return new


def stop(house: House, address: Address, *, channel: str) -> ContactId | None:
    """No more mail to an address; whose it is, where the base knows."""
    # Meets: GDPR art. 21(2), 21(3)
    now, hashed, record = house.now(), house.hash_of(address), ledger.journal.append
    house.state.record_objection(ledger.NOBODY, hashed, now)  # first: it holds though the base may fail
    with house.store.write() as connection:
        contact = contacts.object_to_mail(connection, address, hashed, record=record, now=now)
        asked = (connection, contact, hashed, "objection", "stopped")
        contacts.answered(*asked, today=house.today, record=record, now=now, channel=channel)
        head = ledger.journal.head(connection)
    house.keep_head(head)
    return contact


def restrict(house: House, address: Address, *, channel: str) -> ContactId | None:
    """Keep the data and do not use them, until the restriction is lifted; whose they are, where the base knows."""
    # Meets: GDPR art. 18(1)
    now, hashed, record = house.now(), house.hash_of(address), ledger.journal.append
    house.state.record_objection(ledger.NOBODY, hashed, now, "restricted")
    with house.store.write() as connection:
        ledger.take_in(connection, house.state)
        known = contacts.by_email(connection, address)
        contact = known.id if known else None
        record(connection, "restricted", {"address_hash": hashed.hex()}, contact, now)
        asked = (connection, contact, hashed, "restriction", "restricted")
        contacts.answered(*asked, today=house.today, record=record, now=now, channel=channel)
        head = ledger.journal.head(connection)
    house.keep_head(head)
    return contact


def lift_restriction(house: House, address: Address) -> tuple[ContactId | None, bool]:
    """Under whatever address it was asked for; whose data they are, and whether there was a restriction."""
    # Meets: GDPR art. 18(3)
    now, record = house.now(), ledger.journal.append
    with house.store.write() as connection:
        ledger.take_in(connection, house.state)
        known = contacts.by_email(connection, address)
        names = contacts.addresses_of(connection, known) if known else ()
        lifted = [
            contacts.lift(connection, one, "restricted", by="operator", record=record, now=now)
            for one in sorted({house.hash_of(each) for each in (address, *names)})
        ]
        head = ledger.journal.head(connection)
    house.keep_head(head)
    return known.id if known else None, any(lifted)


# --- corrections


def correctable(contact: Contact) -> dict[str, str]:
    """What stands there now, by the names of ``CORRECTABLE``."""
    return {name: getattr(contact, name) or "" for name in CORRECTABLE}


def understood(contact: Contact, name: str, text: str) -> bool:
    """Whether the text can stand in the field; an empty one takes it away."""
    if len(text) > _LONGEST or not text.isprintable():
        return False
    try:
        contacts.corrected(contact, {name: text})
    except UsageError:
        return False
    return True


def correct(
    house: House, address: Address, said: Mapping[str, str], *, channel: str
) -> tuple[Contact, Contact, tuple[str, ...]] | None:
    """The contact before and after, and the columns that changed; None where the base does not know the address.

    Raises UsageError for what is not understood, and for an address that is not free.
    """
    # Meets: GDPR art. 16
    record, now = ledger.journal.append, house.now()
    with house.store.write() as connection:
        stored = contacts.by_email(connection, address)
        if stored is None:
            return None
        after = contacts.corrected(stored, said)
        changed = contacts.rectify(connection, stored, after, hash_of=house.hash_of, record=record, now=now)
        if stored.email.key != after.email.key:
            house.state.record_same(stored.id, house.hash_of(stored.email), house.hash_of(after.email), now)
        asked = (connection, stored.id, house.hash_of(address), "rectification", "rectified")
        contacts.answered(*asked, today=house.today, record=record, now=now, channel=channel)
        head = ledger.journal.head(connection)
    house.keep_head(head)
    return stored, after, changed
