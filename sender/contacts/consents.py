"""Consents and sales: what a person gave, when and how. Rows are only ever added; the newest one holds.

Who asks for a consent to be recorded passes a ``Record``, the port through which the journal hears of it in the same
transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime
from typing import Protocol

from sqlalchemy import Connection, RowMapping, Table, func, select

from sender.model import Consent, ContactId, Sale
from sender.store import schema

__all__ = ["Record", "all_consents", "grant", "latest_consents", "latest_sales", "sold", "withdraw"]


class Record(Protocol):
    """Writes one entry into the journal."""

    def __call__(
        self,
        connection: Connection,
        kind: str,
        payload: Mapping[str, str | int | bool | None],
        contact: ContactId | None,
        at: datetime,
    ) -> object: ...


def grant(connection: Connection, contact: ContactId, consent: Consent, *, record: Record, now: datetime) -> None:
    """A consent as it was given."""
    # Meets: FR F12; GDPR art. 7(1) (who, when, which wording, by which channel, with what proof)
    _add(connection, contact, consent, now)
    record(connection, "consent_granted", _payload(consent), contact, now)


def withdraw(connection: Connection, contact: ContactId, *, on: date, record: Record, now: datetime) -> bool:
    """The newest consent no longer holds; False where there was none that held."""
    # Meets: GDPR art. 7(3)
    held = latest_consents(connection, [contact]).get(contact)
    if held is None or held.withdrawn_on is not None:
        return False
    withdrawn = replace(held, withdrawn_on=on)
    _add(connection, contact, withdrawn, now)
    record(connection, "consent_withdrawn", _payload(withdrawn), contact, now)
    return True


def sold(connection: Connection, contact: ContactId, sale: Sale, *, record: Record, now: datetime) -> None:
    """A sale that may carry a soft opt-in."""
    # Meets: FR F2
    connection.execute(schema.sales.insert().values(contact_id=contact, recorded_at=now, **asdict(sale)))
    record(connection, "sale", {**asdict(sale), "sold_on": sale.sold_on.isoformat()}, contact, now)


def latest_consents(connection: Connection, contacts: Sequence[ContactId]) -> dict[ContactId, Consent]:
    return {ContactId(row["contact_id"]): _consent(row) for row in _latest(connection, schema.consents, contacts)}


def latest_sales(connection: Connection, contacts: Sequence[ContactId]) -> dict[ContactId, Sale]:
    return {
        ContactId(row["contact_id"]): Sale(row["sold_on"], row["own_similar"], row["refusal_offered"])
        for row in _latest(connection, schema.sales, contacts)
    }


def all_consents(connection: Connection, contact: ContactId) -> list[Consent]:
    """Every consent and withdrawal, the oldest first: the proof."""
    table = schema.consents
    wanted = select(table).where(table.c.contact_id == contact).order_by(table.c.id)
    return [_consent(row) for row in connection.execute(wanted).mappings()]


def _latest(connection: Connection, table: Table, contacts: Sequence[ContactId]) -> Sequence[RowMapping]:
    if not contacts:
        return []
    newest = select(func.max(table.c.id)).where(table.c.contact_id.in_(contacts)).group_by(table.c.contact_id)
    return connection.execute(select(table).where(table.c.id.in_(newest))).mappings().all()


def _add(connection: Connection, contact: ContactId, consent: Consent, now: datetime) -> None:
    columns = asdict(consent)
    connection.execute(
        schema.consents.insert().values(contact_id=contact, recorded_at=now, given_by=columns.pop("by"), **columns)
    )


def _consent(row: RowMapping) -> Consent:
    return Consent(
        given_on=row["given_on"],
        wording_version=row["wording_version"],
        channel=row["channel"],
        by=row["given_by"],
        proof=row["proof"],
        tracking=row["tracking"],
        withdrawn_on=row["withdrawn_on"],
    )


def _payload(consent: Consent) -> dict[str, str | int | bool | None]:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in asdict(consent).items()}
