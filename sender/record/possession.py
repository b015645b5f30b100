"""What the base really holds, counted: which data, from where, of which countries, used by which campaigns."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, String, cast, func, select

from sender.store import schema

__all__ = ["Document", "Possession", "Use", "possession"]

_PERSONAL = (
    *("email", "first_name", "last_name", "company", "title", "country", "language"),
    *("legal_form", "company_number", "last_inbound_on", "more"),
)
_EMPTY = ("", "{}", "[]")


@dataclass(frozen=True, slots=True)
class Use:
    """A campaign that refers to a processing."""

    campaign: str
    record: str | None
    basis: str | None
    audience: int
    accepted: int


@dataclass(frozen=True, slots=True)
class Document:
    kind: str
    name: str
    version: str
    digest: str
    since: str


@dataclass(frozen=True, slots=True)
class Possession:
    """``fields``: how many contacts have each; the others are counts by name, the most frequent first."""

    contacts: int
    fields: tuple[tuple[str, int], ...]
    sources: tuple[tuple[str, int], ...]
    countries: tuple[tuple[str | None, int], ...]
    consents: int
    suppressed: int
    letters: int
    attempts: int
    uses: tuple[Use, ...]
    documents: tuple[Document, ...]


def possession(connection: Connection) -> Possession:
    contacts = schema.contacts.c
    filled = [func.count(func.nullif(_text(name), "")).label(name) for name in _PERSONAL]
    total, *counts = connection.execute(select(func.count(), *filled)).one()
    return Possession(
        contacts=total,
        fields=tuple((name, count) for name, count in zip(_PERSONAL, counts, strict=True) if count),
        sources=tuple(_grouped(connection, contacts.source_kind)),
        countries=tuple(_grouped(connection, contacts.country)),
        consents=_count(connection, schema.consents),
        suppressed=_count(connection, schema.suppressions),
        letters=_count(connection, schema.letters),
        attempts=_count(connection, schema.attempts),
        uses=tuple(_uses(connection)),
        documents=tuple(_documents(connection)),
    )


def _text(name: str) -> ColumnElement[str]:
    """A column as text, where what is empty is the empty text."""
    column: ColumnElement[str] = cast(schema.contacts.c[name], String)
    for empty in _EMPTY[1:]:
        column = func.nullif(column, empty)
    return column


def _count(connection: Connection, table: object) -> int:
    return connection.execute(select(func.count()).select_from(table)).scalar_one()  # type: ignore[arg-type]


def _grouped(connection: Connection, column: object) -> list[tuple[str, int]]:
    counted = func.count().label("n")
    rows = connection.execute(select(column, counted).group_by(column).order_by(counted.desc(), column))  # type: ignore[call-overload]
    return [(value, count) for value, count in rows]


def _uses(connection: Connection) -> list[Use]:
    campaigns, letters = schema.campaigns.c, schema.letters.c
    accepted = func.count().filter(letters.state == "accepted")
    wanted = (
        select(campaigns.name, campaigns.record, campaigns.basis, func.count(letters.contact_id), accepted)
        .outerjoin(schema.letters, letters.campaign_id == campaigns.id)
        .group_by(campaigns.id, campaigns.name, campaigns.record, campaigns.basis)
        .order_by(campaigns.name)
    )
    return [Use(*row) for row in connection.execute(wanted)]


def _documents(connection: Connection) -> list[Document]:
    table = schema.documents.c
    wanted = select(table.kind, table.name, table.version, table.digest, table.recorded_at)
    rows = connection.execute(wanted.order_by(table.kind, table.name, table.recorded_at))
    return [Document(kind, name, version, digest, f"{at:%Y-%m-%d}") for kind, name, version, digest, at in rows]
