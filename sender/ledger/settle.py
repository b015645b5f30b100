"""Settles letters whose fate is unknown: by hand, from the relay's log, or all at once after a restored backup."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, select, update

from sender.errors import UsageError
from sender.ledger import journal
from sender.ledger.complaints import COMPLAINTS
from sender.ledger.journal import JournalHead
from sender.ledger.postfix import LogFindings
from sender.ledger.standing import unknowns
from sender.ledger.state import State
from sender.model import ContactId
from sender.store import Store
from sender.store.schema import attempts, letters, runs

__all__ = ["Settled", "settle_all_accepted", "settle_by_hand", "settle_from_log", "settle_restored"]


@dataclass(frozen=True, slots=True)
class Settled:
    """How many unknown letters were found to be accepted, how many wait again, how many stay unknown."""

    accepted: int
    waiting: int
    left: int


def settle_by_hand(
    connection: Connection,
    campaign_id: int,
    *,
    accepted: Collection[str] = (),
    not_accepted: Collection[str] = (),
    now: datetime,
) -> Settled:
    """By contact id or Message-ID, on the operator's word, which the journal keeps."""
    by_name = {}
    for one in unknowns(connection, campaign_id):
        by_name[one.contact] = by_name[ContactId(one.message_id)] = one.contact
    for name in (*accepted, *not_accepted):
        if name not in by_name:
            raise UsageError.of(
                "SC-527",
                COMPLAINTS["SC-527"],
                why="Only letters that are unknown can be settled; nothing was changed.",
                todo="See them with: send-campaign status",
            )
    yes = {by_name[ContactId(name)] for name in accepted}
    no = {by_name[ContactId(name)] for name in not_accepted} - yes
    return _settle(connection, campaign_id, yes, no, "hand", now)


def settle_all_accepted(connection: Connection, campaign_id: int, now: datetime) -> Settled:
    """Take every unknown letter for accepted: some may get nothing, nobody gets two. Letters without attempt too."""
    everyone = connection.execute(
        select(letters.c.contact_id).where(letters.c.campaign_id == campaign_id, letters.c.state == "unknown")
    ).scalars()
    return _settle(connection, campaign_id, {ContactId(one) for one in everyone}, set(), "hand", now)


def settle_from_log(connection: Connection, campaign_id: int, findings: LogFindings, now: datetime) -> Settled:
    """A queued Message-ID was accepted. A missing one was not, where the operator said that the log covers its time."""
    waiting = unknowns(connection, campaign_id)
    yes = {one.contact for one in waiting if one.message_id in findings.queued}
    no = {one.contact for one in waiting if one.message_id not in findings.seen and findings.covers(one.opened_at)}
    return _settle(connection, campaign_id, yes, no, "log", now)


def settle_restored(store: Store, state: State, now: datetime) -> int:
    """The base is older than what was sent: every letter that is not settled becomes unknown. Returns how many.

    The base's journal goes on from its own head; the newer head that is kept apart is written into it.
    """
    with store.write() as connection:
        kept = state.head()
        count = _unsettled_to_unknown(connection, now)
        payload = {"unknown": count, "kept_head": str(kept), "base_head": str(journal.head(connection))}
        head = journal.append(connection, "restored", payload, None, now)
    _forget_runs(state, head)
    return count


def _unsettled_to_unknown(connection: Connection, now: datetime) -> int:
    connection.execute(
        update(attempts)
        .where(attempts.c.outcome.is_(None))
        .values(outcome="unknown", settled_by="restored", closed_at=now)
    )
    connection.execute(update(runs).where(runs.c.state == "live").values(state="dead", ended_at=now))
    unsettled = letters.c.state.in_(("waiting", "deferred", "sending", "held", "withdrawn"))
    return connection.execute(update(letters).where(unsettled).values(state="unknown", claimed_by=None)).rowcount


def _forget_runs(state: State, head: JournalHead) -> None:
    for run_id in state.counts():
        if not state.lives(run_id):
            state.forget_run(run_id)
    state.reset_head(head)


def _settle(
    connection: Connection, campaign_id: int, yes: set[ContactId], no: set[ContactId], by: str, now: datetime
) -> Settled:
    accepted = _mark(connection, campaign_id, yes, ("accepted", "accepted"), by, now)
    waiting = _mark(connection, campaign_id, no, ("waiting", "untouched"), by, now)
    if accepted or waiting:
        payload = {"campaign": campaign_id, "by": by, "accepted": sorted(yes), "not_accepted": sorted(no)}
        journal.append(connection, "unknowns_settled", payload, None, now)
    return Settled(accepted, waiting, len(unknowns(connection, campaign_id)))


def _mark(
    connection: Connection, campaign_id: int, who: Iterable[ContactId], words: tuple[str, str], by: str, now: datetime
) -> int:
    state, outcome = words
    return sum(_mark_one(connection, campaign_id, one, state, outcome, by, now) for one in who)


def _mark_one(
    connection: Connection, campaign_id: int, who: ContactId, state: str, outcome: str, by: str, now: datetime
) -> int:
    letter = and_(letters.c.campaign_id == campaign_id, letters.c.contact_id == who, letters.c.state == "unknown")
    tries = connection.execute(select(letters.c.tries).where(letter).with_for_update()).scalar()
    if tries is None:
        return 0
    values = {"state": state, "claimed_by": None, "next_try": None}
    connection.execute(update(letters).where(letter).values(values))
    theirs = and_(attempts.c.campaign_id == campaign_id, attempts.c.contact_id == who, attempts.c.number == tries)
    settled = {"outcome": outcome, "settled_by": by, "closed_at": now}
    connection.execute(update(attempts).where(theirs).values(settled))
    return 1
