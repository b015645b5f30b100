"""Consents and sales: what a person gave, when, to which words and with what proof. Rows are only ever added.

What holds is read off the history: of each scope the newest row counts. Who asks for a consent to be recorded passes a
``Record``, the port through which the journal hears of it in the same transaction.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from hashlib import sha256
from typing import Any, Protocol

from sqlalchemy import Connection, Table, insert, select
from sqlalchemy.sql.expression import Select

from sender.model import Consent, ContactId, Sale
from sender.store import schema
from sender.store.kept import Kept, among

__all__ = [
    "MAIL",
    "TRACKING",
    "UNDO",
    "OtherWordingError",
    "Record",
    "Word",
    "all_consents",
    "all_sales",
    "consent_of_request",
    "copy_history",
    "grant",
    "history",
    "keep_wording",
    "latest_consents",
    "latest_on_topics",
    "latest_sales",
    "sold",
    "standing_consents",
    "valid_scope",
    "withdraw",
    "wording_text",
]

MAIL, TRACKING = "mail", "tracking"
TOPIC = "topic:"
UNDO = "undo"  # an objection taken back on its own page; no consent to anything, and no command grants it
_TOPIC = re.compile(r"topic:\S.{0,99}")
_WORDING = "wording"  # kind and name of the documents that hold what people consented to
_NAME = "consent"


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


class OtherWordingError(ValueError):
    """This version of the wording is known with another text."""


@dataclass(frozen=True, slots=True)
class Word:
    """One row of the history: what was given or withdrawn, and when it was written down."""

    consent: Consent
    recorded_at: datetime


def valid_scope(scope: str) -> bool:
    return scope in {MAIL, TRACKING} or _TOPIC.fullmatch(scope) is not None


# --- in


def grant(connection: Connection, contact: ContactId, consent: Consent, *, record: Record, now: datetime) -> None:
    """A consent as it was given."""
    # Meets: FR F12; GDPR art. 7(1) (who, when, which wording, by which channel, with what proof)
    _add(connection, contact, consent, now)
    record(connection, "consent_granted", _payload(consent), contact, now)


def withdraw(
    connection: Connection, contact: ContactId, *, on: date, record: Record, now: datetime, scope: str = MAIL
) -> bool:
    """What was given for ``scope`` no longer holds; False where nothing did. Other scopes are left as they are."""
    # Meets: GDPR art. 7(3)
    held = standing_consents(connection, contact).get(scope)
    if held is None or held.withdrawn_on is not None:
        return False
    withdrawn = replace(held, scope=scope, withdrawn_on=on, tracking=held.tracking and scope != TRACKING)
    _add(connection, contact, withdrawn, now)
    record(connection, "consent_withdrawn", _payload(withdrawn), contact, now)
    return True


def sold(connection: Connection, contact: ContactId, sale: Sale, *, record: Record, now: datetime) -> None:
    """A sale that may carry a soft opt-in."""
    # Meets: FR F2
    connection.execute(schema.sales.insert().values(contact_id=contact, recorded_at=now, **asdict(sale)))
    record(connection, "sale", {**asdict(sale), "sold_on": sale.sold_on.isoformat()}, contact, now)


def keep_wording(connection: Connection, version: str, text: str, now: datetime) -> str:
    """The digest under which a consent names the text. Raises OtherWordingError: a version is one text for ever."""
    digest = sha256(text.encode()).hexdigest()
    known = connection.execute(select(schema.documents.c.digest).where(_document(version))).scalar()
    if known is None:
        row = {"kind": _WORDING, "name": _NAME, "version": version, "digest": digest, "content": text}
        connection.execute(insert(schema.documents).values(**row, recorded_at=now))
    elif known != digest:
        raise OtherWordingError
    return digest


def copy_history(connection: Connection, source: ContactId, target: ContactId) -> int:
    """Give ``target`` the consents and sales of ``source``, a double of it, with their dates; how many rows."""
    copied = 0
    for table in (schema.consents, schema.sales):
        columns = [column for column in table.c if column.name != "id"]
        theirs = select(*columns).where(table.c.contact_id == source).order_by(table.c.id)
        rows = [{**row, "contact_id": target} for row in connection.execute(theirs).mappings()]
        if rows:
            connection.execute(insert(table), rows)
        copied += len(rows)
    return copied


# --- out


def latest_consents(connection: Connection, contacts: Sequence[ContactId]) -> dict[ContactId, Consent]:
    """What the gates ask: the newest word on mail, and whether tracking is consented to beside it."""
    found: dict[ContactId, dict[str, Consent]] = {}
    for contact, scope, word in _history(connection, contacts):
        found.setdefault(contact, {})[scope] = word.consent
    return {contact: _for_mail(scopes) for contact, scopes in found.items() if MAIL in scopes}


def latest_on_topics(connection: Connection, contacts: Sequence[ContactId]) -> dict[tuple[ContactId, str], Consent]:
    """The newest word on each topic that one was given on, withdrawals included."""
    rows = _ON_TOPICS.named(connection, {"b_contacts": contacts})
    words = ((ContactId(row["contact_id"]), _word(row).consent) for row in rows)
    return {(contact, consent.scope.removeprefix(TOPIC).lower()): consent for contact, consent in words}


def standing_consents(connection: Connection, contact: ContactId) -> dict[str, Consent]:
    """The newest word of each scope, withdrawals included."""
    return {scope: word.consent for _, scope, word in _history(connection, [contact])}


def all_consents(connection: Connection, contact: ContactId) -> list[Consent]:
    """Every consent and withdrawal, the oldest first: the proof."""
    return [word.consent for word in history(connection, contact)]


def history(connection: Connection, contact: ContactId) -> list[Word]:
    return [_word(row) for row in _CONSENTS.named(connection, {"b_contacts": [contact]})]


def consent_of_request(connection: Connection, address_hash: bytes, request: str) -> bool:
    """Whether a contact with this address gave a consent by confirming this very request."""
    people, table = schema.contacts.c, schema.consents
    theirs = select(table.c.id).join(schema.contacts).where(people.address_hash == address_hash)
    return connection.execute(theirs.where(table.c.proof_details.contains(f'"{request}"')).limit(1)).first() is not None


def latest_sales(connection: Connection, contacts: Sequence[ContactId]) -> dict[ContactId, Sale]:
    if not contacts:
        return {}
    rows = _SALES.named(connection, {"b_contacts": contacts})
    return {ContactId(row["contact_id"]): _sale(row) for row in rows}  # the newest comes last


def all_sales(connection: Connection, contact: ContactId) -> list[Sale]:
    return [_sale(row) for row in _SALES.named(connection, {"b_contacts": [contact]})]


def wording_text(connection: Connection, version: str) -> str | None:
    """What people were shown under this version, where it was kept."""
    return connection.execute(select(schema.documents.c.content).where(_document(version))).scalar()


# --- rows


def _history(connection: Connection, contacts: Sequence[ContactId]) -> list[tuple[ContactId, str, Word]]:
    """Word by word, the oldest first. A consent to mail that says tracking speaks for both."""
    if not contacts:
        return []
    words: list[tuple[ContactId, str, Word]] = []
    for row in _CONSENTS.named(connection, {"b_contacts": contacts}):
        contact, word = ContactId(row["contact_id"]), _word(row)
        words.append((contact, word.consent.scope, word))
        if word.consent.scope == MAIL and word.consent.tracking:
            words.append((contact, TRACKING, word))
    return words


def _for_mail(scopes: Mapping[str, Consent]) -> Consent:
    tracking = scopes.get(TRACKING)
    return replace(scopes[MAIL], tracking=tracking is not None and _counts(tracking))


def _counts(tracking: Consent) -> bool:
    """Given by the person, proved, to words that are known, not withdrawn."""
    proved = tracking.by == "person" and tracking.proof in {"double_opt_in", "signed"}
    return proved and bool(tracking.wording_version) and tracking.withdrawn_on is None


def _of_contacts(table: Table) -> Select[Any]:
    """The oldest first."""
    return select(table).where(among(table.c.contact_id, "b_contacts")).order_by(table.c.recorded_at, table.c.id)


_CONSENTS, _SALES = Kept(_of_contacts(schema.consents)), Kept(_of_contacts(schema.sales))
_ON_TOPICS = Kept(_of_contacts(schema.consents).where(schema.consents.c.scope.startswith(TOPIC)))


def _add(connection: Connection, contact: ContactId, consent: Consent, now: datetime) -> None:
    columns = asdict(consent)
    details = json.dumps(dict(columns.pop("details")), ensure_ascii=False, sort_keys=True)
    given_by = columns.pop("by")
    connection.execute(
        schema.consents.insert().values(
            contact_id=contact, recorded_at=now, given_by=given_by, proof_details=details, **columns
        )
    )


def _word(row: Mapping[str, Any]) -> Word:
    consent = Consent(
        given_on=row["given_on"],
        wording_version=row["wording_version"],
        channel=row["channel"],
        by=row["given_by"],
        proof=row["proof"],
        tracking=row["tracking"],
        withdrawn_on=row["withdrawn_on"],
        scope=row["scope"],
        wording=row["wording"],
        details=json.loads(row["proof_details"]),
    )
    return Word(consent, row["recorded_at"])


def _sale(row: Mapping[str, Any]) -> Sale:
    return Sale(row["sold_on"], row["own_similar"], row["refusal_offered"], row["reference"])


def _document(version: str) -> Any:
    documents = schema.documents.c
    return (documents.kind == _WORDING) & (documents.name == _NAME) & (documents.version == version)


def _payload(consent: Consent) -> dict[str, str | int | bool | None]:
    """Of the details only a digest: they say where the person was, and the row has them."""
    facts = asdict(consent)
    details = json.dumps(dict(facts.pop("details")), ensure_ascii=False, sort_keys=True)
    said = {name: value.isoformat() if isinstance(value, date) else value for name, value in facts.items()}
    return {**said, "details": sha256(details.encode()).hexdigest()}
