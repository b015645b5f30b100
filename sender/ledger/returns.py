"""What came back for letters that a relay had taken: bounces, complaints, and proof that an unknown one was taken.

A letter stays ``accepted``: that is what the relay said. What became of it later is written beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from sqlalchemy import Connection, func, select, update

from sender.ledger.doubles import theirs
from sender.model import ContactId
from sender.store.schema import aliases, attempts, contacts, letters, mailboxes, returns
from sender.store.statements import insert_into

__all__ = [
    "SentLetter",
    "address_of",
    "mailbox_read",
    "mailboxes_read",
    "newest_letter",
    "note_return",
    "sent_letters",
    "settle_taken",
    "soft_bounces",
]

_BATCH = 500  # Message-IDs asked about in one statement, which reads all attempts


@dataclass(frozen=True, slots=True)
class SentLetter:
    """The letter that a Message-ID names."""

    campaign_id: int
    contact: ContactId
    number: int
    opened_at: datetime


def sent_letters(connection: Connection, message_ids: Iterable[str]) -> dict[str, SentLetter]:
    """Letters that were on the wire, by Message-ID; of several attempts the newest. Others name nothing of ours."""
    found: dict[str, SentLetter] = {}
    remaining: Iterator[str] = iter(dict.fromkeys(message_ids))
    letter = (attempts.c.campaign_id, attempts.c.contact_id, attempts.c.number, attempts.c.opened_at)
    while some := list(islice(remaining, _BATCH)):
        named = select(attempts.c.message_id, *letter).where(attempts.c.message_id.in_(some))
        for name, campaign, contact, number, at in connection.execute(named.order_by(attempts.c.number)):
            found[name] = SentLetter(campaign, ContactId(contact), number, at)
    return found


def address_of(connection: Connection, letter: SentLetter) -> bytes | None:
    """The hash of the address that it went to: of a double's that was merged since, or the one before a correction."""
    before = (aliases.c.contact_id == letter.contact) & aliases.c.former_id.is_(None)
    for wanted in (
        select(aliases.c.address_hash).where(aliases.c.former_id == letter.contact),
        select(aliases.c.address_hash)
        .where(before, aliases.c.recorded_at > letter.opened_at)
        .order_by(aliases.c.recorded_at)
        .limit(1),
        select(contacts.c.address_hash).where(contacts.c.id == letter.contact),
    ):
        if (found := connection.execute(wanted).scalar()) is not None:
            return bytes(found)
    return None


def note_return(connection: Connection, letter: SentLetter, kind: str, status: str | None, now: datetime) -> bool:
    """Write it down, once for each kind; False where it stood there already."""
    row = insert_into(connection, returns).values(
        campaign_id=letter.campaign_id,
        contact_id=letter.contact,
        number=letter.number,
        kind=kind,
        status=status,
        recorded_at=now,
    )
    new = connection.execute(row.on_conflict_do_nothing().returning(returns.c.kind))  # PostgreSQL counts no rows here
    return new.first() is not None


def newest_letter(connection: Connection, contact: ContactId) -> SentLetter | None:
    """The last one that a relay took, or may have taken: what is said by hand of a person is about that."""
    taken = attempts.c.outcome.in_(("accepted", "unknown"))
    letter = select(attempts.c.campaign_id, attempts.c.contact_id, attempts.c.number, attempts.c.opened_at)
    theirs_ = letter.where(theirs(attempts.c.contact_id, contact), taken).order_by(attempts.c.opened_at.desc())
    row = connection.execute(theirs_.limit(1)).first()
    return SentLetter(row[0], ContactId(row[1]), row[2], row[3]) if row else None


def soft_bounces(connection: Connection, contact: ContactId) -> int:
    """In how many campaigns a mail did not reach the contact, for a reason that may pass."""
    counted = select(func.count(returns.c.campaign_id.distinct())).where(returns.c.kind == "soft")
    return int(connection.execute(counted.where(theirs(returns.c.contact_id, contact))).scalar_one())


def settle_taken(connection: Connection, letter: SentLetter, now: datetime) -> bool:
    """A report that names an unknown letter proves that the relay took it. Says whether it was unknown."""
    mine = (letters.c.campaign_id == letter.campaign_id) & (letters.c.contact_id == letter.contact)
    unknown = mine & (letters.c.state == "unknown") & (letters.c.tries == letter.number)
    settled = update(letters).where(unknown).values(state="accepted", claimed_by=None, next_try=None)
    if connection.execute(settled).rowcount != 1:
        return False
    attempt = (
        (attempts.c.campaign_id == letter.campaign_id)
        & (attempts.c.contact_id == letter.contact)
        & (attempts.c.number == letter.number)
        & (attempts.c.outcome == "unknown")
    )
    words = {"outcome": "accepted", "settled_by": "report", "closed_at": now}
    connection.execute(update(attempts).where(attempt).values(words))
    return True


# --- mailboxes


def mailbox_read(connection: Connection, name: str, now: datetime) -> None:
    """The mailbox was read to its end."""
    row = insert_into(connection, mailboxes).values(name=name, read_at=now)
    connection.execute(row.on_conflict_do_update(index_elements=["name"], set_={"read_at": row.excluded.read_at}))


def mailboxes_read(connection: Connection, names: Iterable[str]) -> datetime | None:
    """When all of them had last been read to their ends; None where one never was, or where there is none."""
    wanted = list(names)
    known = select(mailboxes.c.read_at).where(mailboxes.c.name.in_(wanted))
    times = connection.execute(known).scalars().all()
    return min(times) if wanted and len(times) == len(set(wanted)) else None
