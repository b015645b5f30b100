"""Deletes who has been kept long enough, with the same hand that erases; asks once before, where that is wanted.

Nothing of a purged person stays but what they had said themselves: an objection stays in force as its keyed hash. Who
never objected leaves no hash: they asked for nothing, and a hash would be kept without a purpose.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from io import StringIO
from itertools import islice
from pathlib import Path

from sqlalchemy import Connection

from sender import contacts, ledger
from sender.law import Ruling, resolve
from sender.model import ContactId
from sender.record import RECONTACT, Head, Standing, Term, heads, standing
from sender.steps.erasure import exports_of, forget, own_files
from sender.steps.holdings import crowd
from sender.steps.house import House

__all__ = ["Due", "Foreseen", "Purge", "foresee", "names", "purge", "remember_asked", "terms", "to_ask"]

_BATCH = 500  # people forgotten in one transaction: senders and pages wait no longer than that takes


@dataclass(frozen=True, slots=True)
class Purge:
    """``within``: days before the end in which people are asked; ``answer``: days they have to answer."""

    country: str | None = None
    ask_first: bool = False
    within: int = 60
    answer: int = 30


@dataclass(frozen=True, slots=True)
class Due:
    """How many contacts of one country stand alike; ``word``: what their term runs from."""

    standing: Standing
    word: str
    country: str | None
    rule: str
    contacts: int


@dataclass(slots=True)
class Foreseen:
    """What a purge would do today. ``to_ask``: how many would be asked first."""

    looked_at: int = 0
    to_ask: int = 0
    counted: Counter[tuple[Standing, str, str | None, str]] = field(default_factory=Counter)

    @property
    def due(self) -> int:
        return self.of(Standing.DUE)

    def of(self, wanted: Standing) -> int:
        return sum(count for (found, *_), count in self.counted.items() if found is wanted)

    def rows(self) -> tuple[Due, ...]:
        ordered = sorted(self.counted.items(), key=lambda item: (item[0][0], -item[1], str(item[0])))
        return tuple(Due(*key, count) for key, count in ordered)


def terms(house: House, country: str | None, asked: str | None) -> Ruling[int]:
    """How long a contact of the country ``asked`` may be kept by somebody in ``country``."""
    return resolve(country, asked, house.accepted).retention_days


def foresee(house: House, how: Purge) -> Foreseen:
    """Look over the base and count; memory does not grow with it."""
    found = Foreseen()
    with house.store.read() as connection:
        for head, where, term in _looked_at(connection, house, how):
            found.looked_at += 1
            if _to_ask(head, where, how):
                found.to_ask += 1
            elif where.past:
                found.counted[where, term.word, head.country, term.rule] += 1
    return found


def _looked_at(connection: Connection, house: House, how: Purge) -> Iterator[tuple[Head, Standing, Term]]:
    rulings, today = partial(terms, house, how.country), house.today
    for head in heads(connection):
        yield head, *standing(head, rulings, today, within=how.within, answer=how.answer)


def _to_ask(head: Head, where: Standing, how: Purge) -> bool:
    """Once, and nobody who objected: the question is a mail, too."""
    # Meets: FR F10 (one re-contact at the end of the term)
    return how.ask_first and where in {Standing.SOON, Standing.DUE} and head.asked_at is None and not head.suppressed


def names(house: House, how: Purge, limit: int) -> list[str]:
    """The addresses of who is due, at most ``limit``; for the eyes of who asked."""
    with house.store.read() as connection:
        due = (head.id for head, where, _ in _looked_at(connection, house, how) if _goes(head, where, how))
        return [contact.email.spec for contact in contacts.page(connection, list(islice(due, limit)))]


def _goes(head: Head, where: Standing, how: Purge) -> bool:
    return where is Standing.DUE and not _to_ask(head, where, how)


def to_ask(house: House, how: Purge) -> tuple[list[ContactId], str]:
    """The people to be asked, and the contact file of the campaign that asks them."""
    page = StringIO()
    written = csv.writer(page, lineterminator="\r\n")
    written.writerow(("email", "first_name", "last_name", "company", "title", "country", "language"))
    with house.store.read() as connection:
        chosen = [head.id for head, where, _ in _looked_at(connection, house, how) if _to_ask(head, where, how)]
        for batch in _batches(chosen):
            for one in contacts.page(connection, batch):
                who = (one.first_name, one.last_name, one.company, one.title, one.country, one.language)
                written.writerow((one.email.spec, *who))
    return chosen, page.getvalue()


def remember_asked(house: House, how: Purge, asked: list[ContactId]) -> None:
    """From today on each has their days to answer, and is never put on such a list again."""
    for batch in _batches(asked):
        with house.store.write() as connection:
            for contact in batch:
                head = ledger.journal.append(connection, RECONTACT, {"answer": how.answer}, contact, house.now())
        house.keep_head(head)


def purge(house: House, how: Purge) -> int:
    """Delete who is due; returns how many. Each batch is looked at again in the transaction that deletes it."""
    with house.store.read() as connection:
        due = [head.id for head, where, _ in _looked_at(connection, house, how) if _goes(head, where, how)]
    with house.store.write() as connection:
        contacts.pending.drop_expired(connection, house.now())
    gone = 0
    for batch in _batches(due):
        gone += _delete(house, how, set(batch))
    if gone:
        house.store.scrub()
    return gone


def _delete(house: House, how: Purge, batch: set[ContactId]) -> int:
    """The files about them go first: after a crash in between, the people are still due, and nothing is left over."""
    # Meets: GDPR art. 5(1)(e), art. 17(1)(a)
    with house.store.write() as connection:
        ledger.take_in(connection, house.state)
        still = _still_due(connection, house, how, batch)
        gone = crowd(connection, house, contacts.page(connection, list(still)))
        exports = map(Path, connection.execute(exports_of(gone)).scalars().all())
        for path in (*exports, *own_files(house.project, gone.addresses, gone.people)):
            path.unlink(missing_ok=True)
        forget(connection, gone)
        counted = Counter(still[one.id].word for one in gone.people)
        word = {"contacts": len(gone.people), "since": dict(sorted(counted.items()))}
        head = ledger.journal.append(connection, "purged", word, None, house.now())
    house.keep_head(head)
    return len(gone.people)


def _still_due(connection: Connection, house: House, how: Purge, batch: set[ContactId]) -> dict[ContactId, Term]:
    """A word of theirs, or a request, may have come in since they were counted."""
    rulings, today = partial(terms, house, how.country), house.today
    found = {}
    for head in heads(connection, only=batch):
        where, term = standing(head, rulings, today, within=how.within, answer=how.answer)
        if _goes(head, where, how):
            found[head.id] = term
    return found


def _batches(ids: list[ContactId]) -> Iterator[list[ContactId]]:
    return (ids[start : start + _BATCH] for start in range(0, len(ids), _BATCH))
