"""What somebody asked for on a public page and has yet to confirm from their mailbox.

A row holds the address, because no link may; it goes when it is confirmed, when its time is over, and with the person.
Only so many rows stand for one address at a time, and each row is one letter: nobody is flooded through a form.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from sender.address import stored
from sender.law.addresses import is_firm_domain
from sender.model import Address, ContactId
from sender.store.schema import pending

__all__ = [
    "DATA",
    "GOOD_FOR",
    "GOOD_FOR_DATA",
    "Pending",
    "ask_again_later",
    "asked",
    "drop",
    "drop_expired",
    "due",
    "look_up",
    "new_id",
    "remember",
    "send_nothing",
    "stands",
    "take_out",
    "taken_up",
]

GOOD_FOR = timedelta(days=7)
GOOD_FOR_DATA = timedelta(hours=24)
DATA = "data"
"""The kind of those whose letter leads to the person's own data."""

_MOST = 3  # letters of one kind to one address in that time
_MOST_AT_FIRM = 20  # the same in a day, to all addresses of one firm's domain: many of them may be one mailbox
_DAY = timedelta(days=1)
_TYPED = frozenset({"opt_in", "address"})  # kinds whose address anybody may have typed into a form
_PATIENCE = timedelta(minutes=5)  # before the relay is asked again; doubled each time


def new_id() -> ContactId:
    return ContactId(secrets.token_hex(16))


@dataclass(frozen=True, slots=True)
class Pending:
    """``kind``: ``opt_in``, ``address``, ``address_old``, ``data``. ``said``: what the form said. ``network``: whence.

    ``id`` is random: it stands in the link, and leads to nothing but this row.
    """

    kind: str
    email: Address
    address_hash: bytes
    asked_at: datetime
    said: Mapping[str, Any] = field(default_factory=dict)
    network: str | None = None
    contact: ContactId | None = None
    id: ContactId = field(default_factory=new_id)

    @property
    def good_until(self) -> datetime:
        return self.asked_at + (GOOD_FOR_DATA if self.kind == DATA else GOOD_FOR)


# --- in


def asked(connection: Connection, request: Pending) -> bool:
    """Enter it, with its letter due at once; False where as many stand for this address, or its firm, as may."""
    drop_expired(connection, request.asked_at)
    standing = _standing_at(connection, request)
    mine = _mailbox(request.email.key)
    if sum(_mailbox(key) == mine for key, _ in standing) >= _MOST:
        return False
    if request.kind in _TYPED and is_firm_domain(request.email.domain):
        today = sum(at > request.asked_at - _DAY for _, at in standing)
        if today >= _MOST_AT_FIRM:
            return False
    _enter(connection, request, request.asked_at)
    return True


def remember(connection: Connection, request: Pending) -> None:
    """Enter it without a letter."""
    _enter(connection, request, None)


def _standing_at(connection: Connection, request: Pending) -> list[tuple[str, datetime]]:
    """For whom at the domain one of this kind stands, and since when."""
    _, at, domain = request.email.key.rpartition("@")
    there = pending.c.email_key.endswith(at + domain, autoescape=True)
    wanted = select(pending.c.email_key, pending.c.asked_at).where(there, pending.c.kind == request.kind)
    return [(key, at) for key, at in connection.execute(wanted)]


def _mailbox(key: str) -> str:
    """Who types ``+1``, ``+2`` behind a name means the same one."""
    local, _, domain = key.rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def _enter(connection: Connection, request: Pending, due: datetime | None) -> None:
    connection.execute(
        insert(pending).values(
            id=request.id,
            kind=request.kind,
            contact_id=request.contact,
            address_hash=request.address_hash,
            email=request.email.spec,
            email_key=request.email.key,
            said=json.dumps(dict(request.said), ensure_ascii=False, sort_keys=True),
            network=request.network,
            asked_at=request.asked_at,
            good_until=request.good_until,
            next_try=due,
        )
    )


def drop_expired(connection: Connection, now: datetime) -> int:
    # Meets: GDPR art. 5(1)(e)
    return connection.execute(delete(pending).where(pending.c.good_until <= now)).rowcount


# --- letters


def due(connection: Connection, now: datetime, most: int = 100) -> list[Pending]:
    """Whose letter is to go out by now, the oldest first."""
    wanted = select(pending).where(pending.c.next_try <= now, pending.c.good_until > now)
    rows = connection.execute(wanted.order_by(pending.c.next_try).limit(most)).mappings()
    return [_pending(row) for row in rows]


def taken_up(connection: Connection, one: ContactId) -> bool:
    """The letter is about to go out; False where somebody else has it. A kill from now on leaves it unsent: the
    person asks again, and gets no two letters for one request."""
    mine = (pending.c.id == one) & pending.c.next_try.is_not(None)
    taken = update(pending).where(mine).values(next_try=None, tries=pending.c.tries + 1)
    return connection.execute(taken.returning(pending.c.id)).first() is not None


def ask_again_later(connection: Connection, one: ContactId, now: datetime) -> None:
    """The relay did not take the letter, and may later."""
    tries = connection.execute(select(pending.c.tries).where(pending.c.id == one)).scalar() or 1
    later = now + _PATIENCE * 2 ** min(tries - 1, 8)
    connection.execute(update(pending).where(pending.c.id == one).values(next_try=later))


def send_nothing(connection: Connection) -> None:
    """No letter is due any more: in a base that came back from a backup nobody knows which of them went out."""
    connection.execute(update(pending).values(next_try=None))


# --- out


def look_up(connection: Connection, one: ContactId, kind: str, address_hash: bytes, now: datetime) -> Pending | None:
    wanted = select(pending).where(_mine(one, kind, address_hash), pending.c.good_until > now)
    row = connection.execute(wanted).mappings().first()
    return None if row is None else _pending(row)


def take_out(connection: Connection, one: ContactId, kind: str, address_hash: bytes, now: datetime) -> Pending | None:
    """The same, for the one who carries it out: from then on it waits no more."""
    found = look_up(connection, one, kind, address_hash, now)
    gone = delete(pending).where(_mine(one, kind, address_hash)).returning(pending.c.id)
    return found if connection.execute(gone).first() is not None else None


def stands(connection: Connection, contact: ContactId, kind: str, now: datetime) -> bool:
    """Whether something of this kind waits, or is remembered, for the contact."""
    theirs = (pending.c.contact_id == contact) & (pending.c.kind == kind) & (pending.c.good_until > now)
    return connection.execute(select(pending.c.id).where(theirs)).first() is not None


def drop(connection: Connection, one: ContactId) -> None:
    """Nobody waits for it any more."""
    connection.execute(delete(pending).where(pending.c.id == one))


def _mine(one: ContactId, kind: str, address_hash: bytes) -> Any:
    return (pending.c.id == one) & (pending.c.kind == kind) & (pending.c.address_hash == address_hash)


def _pending(row: Mapping[Any, Any]) -> Pending:
    return Pending(
        kind=row["kind"],
        email=stored(row["email"], row["email_key"]),
        address_hash=row["address_hash"],
        asked_at=row["asked_at"],
        said=json.loads(row["said"]),
        network=row["network"],
        contact=row["contact_id"],
        id=ContactId(row["id"]),
    )
