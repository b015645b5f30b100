"""Everything that is held about one person, gathered; how it is worded is for whoever shows it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert

from sender import contacts, ledger
from sender.errors import Place, UsageError
from sender.model import Address, ContactId, Verdict
from sender.steps.holdings import Subject, rows_about, subject
from sender.steps.house import House
from sender.store import schema

__all__ = ["Dossier", "Mail", "gather", "hand_over", "put_down"]

COMPLAINTS = {"SC-181": "The file is there already", "SC-182": "The export cannot be written"}

_NO_TRACE = frozenset({"requests"})
"""Tables that know of the person only because the person asked."""


@dataclass(frozen=True, slots=True)
class Mail:
    """One campaign's letter to the person: why it was sent or held, and each try."""

    campaign: str
    sender: str
    basis: str | None
    state: str
    verdicts: tuple[Verdict, ...]
    attempts: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Dossier:
    who: Subject
    practice: bool
    made_at: datetime
    rows: Mapping[str, Sequence[Mapping[str, Any]]]
    mails: tuple[Mail, ...]

    @property
    def empty(self) -> bool:
        return not any(rows for table, rows in self.rows.items() if table not in _NO_TRACE)


def gather(house: House, address: Address) -> Dossier:
    # Meets: GDPR art. 15(1), 15(3), 20(1)
    with house.store.read() as connection:
        who = subject(connection, house, address)
        rows = rows_about(connection, who)
        return Dossier(who, house.practice, house.now(), rows, _mails(connection, rows))


def _mails(connection: Connection, rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> tuple[Mail, ...]:
    campaigns = {row["id"]: row for row in rows["campaigns"]}
    found = []
    for letter in rows["letters"]:
        campaign, contact = campaigns[letter["campaign_id"]], ContactId(letter["contact_id"])
        tries = tuple(
            row
            for row in rows["attempts"]
            if (row["campaign_id"], row["contact_id"]) == (letter["campaign_id"], contact)
        )
        verdicts = ledger.verdicts_of(connection, letter["campaign_id"], contact)
        named = (campaign["name"], campaign["sender"], campaign["basis"])
        found.append(Mail(*named, letter["state"], verdicts, tries))
    return tuple(found)


def put_down(path: Path, content: bytes) -> None:
    """A new file that only its owner can read; never over another one."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(descriptor)
    except FileExistsError:
        raise UsageError.of(
            "SC-181",
            "the file is there already",
            why="It is not written over: it may be the answer to somebody else.",
            todo="Name another file with --out.",
            place=Place(str(path)),
        ) from None
    except OSError as problem:
        raise UsageError.of(
            "SC-182",
            f"the file cannot be written: {problem.strerror or 'no reason given'}",
            why="Nothing was handed over, and the request stays open.",
            todo="Name another file with --out.",
            place=Place(str(path)),
        ) from problem


def hand_over(house: House, who: Subject, path: Path | None, kind: str) -> None:
    """Note the file, so that erasure finds it, and close what was asked for; None where nothing was held."""
    now, own = house.now(), house.hash_of(who.address)
    contact = who.contact.id if who.contact else next(iter(who.ids), None)
    with house.store.write() as connection:
        if path is not None and contact is not None:
            connection.execute(insert(schema.exports).values(contact_id=contact, path=str(path), made_at=now))
        outcome = "exported" if path else "nothing_held"
        record = ledger.journal.append
        contacts.answered(connection, contact, own, kind, outcome, today=house.today, record=record, now=now)
        head = ledger.journal.head(connection)
    house.keep_head(head)
