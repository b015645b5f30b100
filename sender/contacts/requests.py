"""The register of what people ask by right: when it came in, until when it is due, how it ended.

Names nobody: a request stands under the contact's random id and the keyed hash of the address. It outlives erasure,
so that one can show that an erasure was asked for and when it was done.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, or_, select, update

from sender.contacts.consents import Record
from sender.errors import UsageError
from sender.model import ContactId
from sender.store.schema import requests

__all__ = [
    "CHANNELS",
    "KINDS",
    "OUTCOMES",
    "Request",
    "all_requests",
    "answered",
    "due_on",
    "extend",
    "receive",
    "requests_of",
]

KINDS = ("access", "rectification", "erasure", "restriction", "objection", "portability")
OUTCOMES = ("erased", "stopped", "exported", "nothing_held", "rectified", "restricted")
CHANNELS = ("mail", "letter", "telephone", "page", "in_person", "command")

COMPLAINTS = {
    "SC-320": "there is no such open request",
    "SC-321": "the request can no longer be extended",
}

_FURTHER_MONTHS = 3  # one month and two further ones, counted from the receipt


@dataclass(frozen=True, slots=True)
class Request:
    id: int
    contact: ContactId | None
    kind: str
    channel: str | None
    received_on: date
    due_on: date
    extension_reason: str | None
    closed_at: datetime | None
    outcome: str | None

    def overdue(self, today: date) -> bool:
        return self.closed_at is None and self.due_on < today


def due_on(received_on: date, months: int = 1) -> date:
    """The last day of a period of months: the same day of the month, or the month's last where it has none.

    A period that would end on a weekend or a holiday may run to the next working day; as holidays differ from town
    to town, that day of grace is left to the reader.
    """
    # Meets: GDPR art. 12(3), Regulation 1182/71 art. 3(2)(c)
    year, month = divmod(received_on.month - 1 + months, 12)
    year, month = received_on.year + year, month + 1
    return date(year, month, min(received_on.day, monthrange(year, month)[1]))


def receive(
    connection: Connection,
    contact: ContactId | None,
    address_hash: bytes,
    kind: str,
    *,
    received_on: date,
    channel: str,
    record: Record,
    now: datetime,
) -> Request:
    """Enter a request; the month begins on the day it came in."""
    if kind not in KINDS:
        raise ValueError("unknown kind")
    values = {
        "contact_id": contact,
        "address_hash": address_hash,
        "kind": kind,
        "channel": channel,
        "received_on": received_on,
        "due_on": due_on(received_on),
        "recorded_at": now,
    }
    row = connection.execute(requests.insert().values(values).returning(*_COLUMNS)).one()
    told = {"request": row.id, "kind": kind, "received_on": received_on.isoformat(), "channel": channel}
    record(connection, "request_received", told, contact, now)
    return _request(row)


def answered(
    connection: Connection,
    contact: ContactId | None,
    address_hash: bytes,
    kind: str,
    outcome: str,
    *,
    today: date,
    record: Record,
    now: datetime,
    channel: str = "command",
) -> Request:
    """What was asked is done: closes the open requests of this kind, or enters one that came today and is closed."""
    theirs = requests_of(connection, address_hash, (contact,) if contact else ())
    open_ones = [one for one in theirs if one.kind == kind and one.closed_at is None]
    if not open_ones:
        new = receive(
            connection, contact, address_hash, kind, received_on=today, channel=channel, record=record, now=now
        )
        open_ones = [new]
    for one in open_ones:
        closing = update(requests).where(requests.c.id == one.id).values(closed_at=now, outcome=outcome)
        connection.execute(closing)
        done: dict[str, str | int | bool | None] = {"request": one.id, "kind": kind, "outcome": outcome}
        record(connection, "request_closed", done, contact, now)
    return open_ones[0]


def extend(
    connection: Connection, request_id: int, reason: str, *, today: date, record: Record, now: datetime
) -> Request:
    """Two further months, for a reason that the person has to be told within the first one."""
    # Meets: GDPR art. 12(3)
    row = connection.execute(select(*_COLUMNS).where(requests.c.id == request_id)).one_or_none()
    if row is None or row.closed_at is not None:
        raise UsageError.of(
            "SC-320",
            f"there is no open request with the number {request_id}",
            why="Nothing was changed.",
            todo="See the numbers with: send-campaign person requests",
        )
    found = _request(row)
    if found.extension_reason is not None or found.overdue(today):
        raise UsageError.of(
            "SC-321",
            "the request was extended before" if found.extension_reason else "the request is overdue already",
            why="A request is extended once, and the person is told so within the first month (GDPR art. 12(3)).",
            todo="Answer it now; say why it is late.",
        )
    later = due_on(found.received_on, _FURTHER_MONTHS)
    changed = update(requests).where(requests.c.id == request_id).values(due_on=later, extension_reason=reason)
    row = connection.execute(changed.returning(*_COLUMNS)).one()
    told: dict[str, str | int | bool | None] = {"request": request_id, "due_on": later.isoformat(), "reason": reason}
    record(connection, "request_extended", told, found.contact, now)
    return _request(row)


def all_requests(connection: Connection, *, closed: bool = False) -> list[Request]:
    """Those that wait, the first due first; with ``closed`` the answered ones too, below."""
    wanted = select(*_COLUMNS).order_by(requests.c.closed_at.is_not(None), requests.c.due_on, requests.c.id)
    if not closed:
        wanted = wanted.where(requests.c.closed_at.is_(None))
    return [_request(row) for row in connection.execute(wanted)]


def requests_of(connection: Connection, address_hash: bytes, ids: Sequence[ContactId] = ()) -> list[Request]:
    theirs = or_(requests.c.address_hash == address_hash, requests.c.contact_id.in_(ids))
    return [_request(row) for row in connection.execute(select(*_COLUMNS).where(theirs).order_by(requests.c.id))]


_COLUMNS = [
    requests.c[name]
    for name in (
        *("id", "contact_id", "kind", "channel", "received_on", "due_on"),
        *("extension_reason", "closed_at", "outcome"),
    )
]


def _request(row: Row[*tuple[Any, ...]]) -> Request:
    return Request(*row)
