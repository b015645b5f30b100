"""Settles letters whose fate is unknown: by hand, from the relay's log, or all at once after a restored backup."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, and_, bindparam, func, insert, select, update

from sender.errors import UsageError
from sender.ledger import journal
from sender.ledger.complaints import COMPLAINTS
from sender.ledger.journal import JournalHead
from sender.ledger.postfix import LogFindings
from sender.ledger.standing import unknowns
from sender.ledger.state import State
from sender.model import ContactId
from sender.store import Store
from sender.store.schema import Moment, attempts, campaigns, letters, runs
from sender.store.schema import journal as journal_table

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
    by_name: dict[str, ContactId] = {}
    for one in unknowns(connection, campaign_id):
        by_name[str(one.contact)] = one.contact
        if one.message_id:
            by_name[one.message_id] = one.contact
    for name in (*accepted, *not_accepted):
        if name not in by_name:
            raise UsageError.of(
                "SC-527",
                COMPLAINTS["SC-527"],
                why="Only letters that are unknown can be settled; nothing was changed.",
                todo="See them with: send-campaign status",
            )
    yes = {by_name[name] for name in accepted}
    no = {by_name[name] for name in not_accepted} - yes
    return _settle(connection, campaign_id, yes, no, "hand", now)


def settle_all_accepted(connection: Connection, campaign_id: int, now: datetime) -> Settled:
    """Take every unknown letter for accepted: some may get nothing, nobody gets two. Letters without attempt too."""
    everyone = connection.execute(
        select(letters.c.contact_id).where(letters.c.campaign_id == campaign_id, letters.c.state == "unknown")
    ).scalars()
    return _settle(connection, campaign_id, {ContactId(one) for one in everyone}, set(), "hand", now)


def settle_from_log(
    connection: Connection,
    campaign_id: int,
    findings: LogFindings,
    now: datetime,
    *,
    message_id_of: Callable[[ContactId], str] | None = None,
) -> Settled:
    """A queued Message-ID was accepted. A missing one was not, where the operator said that the log covers its time.

    ``message_id_of`` names the letters whose attempts a restored base has lost; their time is that of the whole gap.
    """
    gap = _gap(connection, campaign_id)
    yes, no = set(), set()
    for one in unknowns(connection, campaign_id):
        name = one.message_id or (message_id_of(one.contact) if message_id_of else None)
        times = gap if one.opened_at is None else (one.opened_at, one.opened_at)
        if name in findings.queued:
            yes.add(one.contact)
        elif name and name not in findings.seen and times and all(findings.covers(at) for at in times):
            no.add(one.contact)
    settled = _settle(connection, campaign_id, yes, no, "log", now)
    if gap and all(findings.covers(at) for at in gap) and settled.left == 0:
        _believe(connection, campaign_id)
    return settled


def _gap(connection: Connection, campaign_id: int) -> tuple[datetime, datetime] | None:
    """From the restored base's last entry to its resolution: what was sent in between it does not know."""
    since = connection.execute(select(campaigns.c.doubtful_since).where(campaigns.c.id == campaign_id)).scalar()
    restored = select(func.max(journal_table.c.at)).where(journal_table.c.kind == "restored")
    until = connection.execute(restored).scalar()
    return (since, until) if since and until else None


def _believe(connection: Connection, campaign_id: int) -> None:
    """The log answered for the gap: from now on new rows of the file wait as usual."""
    connection.execute(update(campaigns).where(campaigns.c.id == campaign_id).values(doubtful_since=None))


def settle_restored(store: Store, state: State, now: datetime) -> int:
    """The base is older than what was sent: every letter that is not settled becomes unknown. Returns how many.

    Campaigns become doubtful, those the base has lost included: rows of theirs that it meets for the first time are
    unknown too, until the relay's log has answered for them. The base's journal goes on from its own head.
    """
    with store.write() as connection:
        kept = state.head()
        count = _unsettled_to_unknown(connection, now)
        _doubt(connection, state, now)
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


def _doubt(connection: Connection, state: State, now: datetime) -> None:
    """Since the base's newest entry; where it has none, since ever."""
    last = connection.execute(select(func.max(journal_table.c.at))).scalar() or datetime(1970, 1, 1, tzinfo=UTC)
    known = set(connection.execute(select(campaigns.c.name)).scalars())
    lost = {run.campaign: run.path for run in state.started_runs() if run.campaign not in known}
    if lost:
        rows = [{"name": name, "path": path, "created_at": now, "first_attempt_at": now} for name, path in lost.items()]
        connection.execute(insert(campaigns), rows)
    earlier = func.coalesce(campaigns.c.doubtful_since, bindparam("since", last, type_=Moment))
    connection.execute(update(campaigns).values(doubtful_since=earlier))


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
    theirs = and_(
        attempts.c.campaign_id == campaign_id,
        attempts.c.contact_id == who,
        attempts.c.number == tries,
        attempts.c.outcome == "unknown",
    )
    settled = {"outcome": outcome, "settled_by": by, "closed_at": now}
    connection.execute(update(attempts).where(theirs).values(settled))
    return 1
