"""One campaign as it is accounted for afterwards: what was decided, on what grounds, when it went, by which runs.

Letters are counted by equal sets of verdicts, so that an account of a million letters is as short as one of a hundred.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from sender.ledger import journal
from sender.ledger.enrolment import read_verdicts
from sender.model import ContactId, LetterState, Verdict
from sender.store.schema import attempts, campaigns, contacts, letters, runs, verdict_sets

__all__ = ["Account", "Decided", "LetterLine", "account", "letter_lines"]


@dataclass(frozen=True, slots=True)
class Decided:
    """How many letters stand in one state on the grounds of one set of verdicts."""

    state: LetterState
    verdicts: tuple[Verdict, ...]
    letters: int
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """``record``: the entry in the record of processing; ``digests``: of each part of the content.
    ``decisions``: what the journal says of each reading of the audience, the oldest first.
    """

    name: str
    path: str
    sender: str
    record: str | None
    basis: str | None
    digests: Mapping[str, str]
    decided: tuple[Decided, ...]
    runs: int
    attempts: int
    first_attempt: datetime | None
    last_attempt: datetime | None
    decisions: tuple[tuple[datetime, Mapping[str, object]], ...]


@dataclass(frozen=True, slots=True)
class LetterLine:
    """One letter with its contact, as far as the contact is still in the base."""

    contact: ContactId
    email: str | None
    person: str
    company: str | None
    state: LetterState
    at: datetime | None
    code: int | None
    verdicts: str


def account(connection: Connection, campaign_id: int) -> Account:
    row = connection.execute(select(campaigns).where(campaigns.c.id == campaign_id)).one()
    tried = select(func.count(), func.min(attempts.c.opened_at), func.max(attempts.c.opened_at))
    count, first, last = connection.execute(tried.where(attempts.c.campaign_id == campaign_id)).one()
    ran = select(func.count()).select_from(runs).where(runs.c.campaign_id == campaign_id)
    said = journal.entries(connection, "decided")
    return Account(
        name=row.name,
        path=row.path,
        sender=row.sender,
        record=row.record,
        basis=row.basis,
        digests=json.loads(row.digests),
        decided=tuple(_decided(connection, campaign_id)),
        runs=connection.execute(ran).scalar_one(),
        attempts=count,
        first_attempt=first,
        last_attempt=last,
        decisions=tuple((at, word) for at, word in said if word.get("campaign") == row.name),
    )


def _decided(connection: Connection, campaign_id: int) -> Iterator[Decided]:
    kind = (letters.c.state, letters.c.verdicts)
    counted = (
        select(*kind, func.count().label("letters"))
        .where(letters.c.campaign_id == campaign_id)
        .group_by(*kind)
        .subquery()
    )
    joined = select(counted.c.state, verdict_sets.c.verdicts, counted.c.letters, verdict_sets.c.digest).join(
        verdict_sets, verdict_sets.c.digest == counted.c.verdicts
    )
    for state, written, count, digest in connection.execute(
        joined.order_by(counted.c.letters.desc(), counted.c.verdicts)
    ):
        yield Decided(LetterState(state), read_verdicts(written), count, digest)


def letter_lines(connection: Connection, campaign_id: int, limit: int) -> Iterator[LetterLine]:
    """The letters one by one, by the contact's id; at most ``limit``."""
    last = (
        (attempts.c.campaign_id == letters.c.campaign_id)
        & (attempts.c.contact_id == letters.c.contact_id)
        & (attempts.c.number == letters.c.tries)
    )
    who = (contacts.c.email, contacts.c.first_name, contacts.c.last_name, contacts.c.company)
    wanted = (
        select(letters.c.contact_id, letters.c.state, letters.c.verdicts, attempts.c.opened_at, attempts.c.code, *who)
        .outerjoin_from(letters, attempts, last)
        .outerjoin(contacts, contacts.c.id == letters.c.contact_id)
        .where(letters.c.campaign_id == campaign_id)
        .order_by(letters.c.contact_id)
        .limit(limit)
    )
    for row in connection.execute(wanted):
        person = " ".join(filter(None, (row.first_name, row.last_name)))
        state, contact = LetterState(row.state), ContactId(row.contact_id)
        yield LetterLine(contact, row.email, person, row.company, state, row.opened_at, row.code, row.verdicts)
