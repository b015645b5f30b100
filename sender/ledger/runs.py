"""Runs live and die: a lock that the kernel opens at death, a lease for the machines that cannot see the lock.

Only attempts of dead runs become unknown. A run of this machine is dead when its lock can be had; a run of another
machine when its lease has passed.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, Select, and_, exists, func, insert, or_, select, update

from sender.errors import UnknownsWait, Unreachable
from sender.ledger import journal
from sender.ledger.complaints import COMPLAINTS
from sender.ledger.journal import JournalHead
from sender.ledger.lane import UNPACED, Pace
from sender.ledger.lanes import sort
from sender.ledger.pauses import unpark
from sender.ledger.state import RunLock, StartedRun, State
from sender.store import Store
from sender.store.schema import attempts, campaigns, letters, runs
from sender.store.schema import journal as journal_table

__all__ = ["LEASE", "HungRun", "Run", "beat", "check_restored", "end", "hung", "reap", "restored", "start"]

LEASE = timedelta(seconds=60)
"""How long a run of another machine is believed to live without a heartbeat; beat every third of it."""


@dataclass(slots=True)
class Run:
    """One living run. ``opened``: attempts it has opened, told to its lock file after each commit."""

    id: str
    campaign_id: int
    host: str
    lock: RunLock = field(repr=False)
    opened: int = 0

    def opened_more(self, attempts: int) -> None:
        """Call after the commit of ``open_attempts``."""
        if attempts:
            self.opened += attempts
            self.lock.count(self.opened)


@dataclass(frozen=True, slots=True)
class HungRun:
    """A run of this machine whose process lives and gives no sign of life; ``letters``: what it holds."""

    process: int | None
    silent_since: datetime
    letters: int


def start(store: Store, state: State, campaign_id: int, now: datetime, pace: Pace = UNPACED) -> Run:
    """Reap the dead, then begin a run. A restored base raises ``UnknownsWait`` and begins nothing."""
    reap(store, state, now)
    with store.read() as connection:
        named = select(campaigns.c.name, campaigns.c.path).where(campaigns.c.id == campaign_id)
        name, path = connection.execute(named).one()
    run_id = secrets.token_hex(16)
    state.record_run(StartedRun(run_id, name, path))
    lock = state.lock_run(run_id)
    try:
        with store.write() as connection:
            connection.execute(
                insert(runs).values(
                    id=run_id,
                    campaign_id=campaign_id,
                    host=state.host,
                    state="live",
                    started_at=now,
                    lease_until=now + LEASE,
                )
            )
            unpark(connection, campaign_id)  # somebody may have another address now, of a domain that is not paused
            sort(connection, campaign_id, pace, now)
            head = journal.append(connection, "run_started", {"run": run_id, "campaign": campaign_id}, None, now)
    except BaseException:
        lock.remove()
        raise
    state.keep_head(head)
    return Run(run_id, campaign_id, state.host, lock)


def beat(connection: Connection, run: Run, now: datetime) -> bool:
    """Prolong the lease; False where another machine has taken this run for dead.

    An answer, not an error: it comes in the same commit as the relay's late answers, which are to stand.
    """
    alive = (runs.c.id == run.id) & (runs.c.state == "live")
    return bool(connection.execute(update(runs).where(alive).values(lease_until=now + LEASE)).rowcount)


def hung(connection: Connection, state: State, campaign_id: int, now: datetime) -> tuple[HungRun, ...]:
    """Runs that nobody may bury while their lock is held: a stopped process may go on with its letters at any time."""
    silent = (runs.c.state == "live") & (runs.c.host == state.host) & (runs.c.lease_until < now)
    found = connection.execute(
        select(runs.c.id, runs.c.lease_until, func.count(letters.c.contact_id))
        .outerjoin(letters, letters.c.claimed_by == runs.c.id)
        .where(runs.c.campaign_id == campaign_id, silent)
        .group_by(runs.c.id, runs.c.lease_until)
        .order_by(runs.c.lease_until)
    ).all()
    return tuple(HungRun(state.process_of(row[0]), row[1] - LEASE, row[2]) for row in found if state.lives(row[0]))


def taken_for_dead() -> Unreachable:
    """What the run says that gave no heartbeat for too long."""
    error = Unreachable.of(
        "SC-528",
        COMPLAINTS["SC-528"],
        why="It gave no sign of life for a minute; what it had on the wire was marked unknown.",
        todo="Run the same command again; late answers are still written down.",
    )
    assert isinstance(error, Unreachable)  # noqa: S101 - for the type checker
    return error


def end(store: Store, state: State, run: Run, now: datetime) -> JournalHead:
    """Give the run's claims back, call what it still has open unknown, journal its end, let go of the lock.

    A base that was put back while the run went on is left to ``resolve --restored``, and the count of attempts with it.
    """
    with store.write() as connection:
        check_restored(connection, state)
        left = _bury(connection, [run.id], "ended", now)
        payload = {"run": run.id, "opened": run.opened, "unknown": left}
        head = journal.append(connection, "run_ended", payload, None, now)
    state.keep_head(head)
    run.lock.remove()
    return head


def reap(store: Store, state: State, now: datetime) -> int:
    """Turn the open attempts of dead runs into unknown ones and free their claims; returns how many became unknown.

    A restored base raises ``UnknownsWait``: the count of attempts that a dead run left may be all that shows its age.
    """
    with store.read() as connection:
        check_restored(connection, state)
        suspects = connection.execute(_suspects(state.host, now)).all()
    dead = [row.id for row in suspects if row.host != state.host or not state.lives(row.id)]
    if not dead:
        return 0
    with store.write() as connection:
        still = _suspects(state.host, now).where(runs.c.id.in_(dead)).with_for_update()
        dead = [row.id for row in connection.execute(still)]  # one may have beaten or ended meanwhile
        left = _bury(connection, dead, "dead", now)
        head = journal.append(connection, "runs_reaped", {"runs": dead, "unknown": left}, None, now)
    state.keep_head(head)
    for run_id in dead:
        state.forget_run(run_id)
    return left


def _suspects(host: str, now: datetime) -> Select[str, str]:
    return select(runs.c.id, runs.c.host).where(
        runs.c.state == "live", or_(runs.c.host == host, runs.c.lease_until < now)
    )


def _bury(connection: Connection, dead: list[str], state: str, now: datetime) -> int:
    connection.execute(update(runs).where(runs.c.id.in_(dead)).values(state=state, ended_at=now))
    return _make_unknown(connection, dead, now)


def _make_unknown(connection: Connection, run_ids: list[str], now: datetime) -> int:
    """The letter first: its attempt is found by being open."""
    theirs = exists().where(
        and_(
            attempts.c.campaign_id == letters.c.campaign_id,
            attempts.c.contact_id == letters.c.contact_id,
            attempts.c.run_id.in_(run_ids),
            attempts.c.outcome.is_(None),
        )
    )
    claimed = letters.c.claimed_by.in_(run_ids)
    connection.execute(update(letters).where(claimed, letters.c.state == "sending", theirs).values(state="unknown"))
    connection.execute(update(letters).where(claimed).values(claimed_by=None))
    open_ones = attempts.c.run_id.in_(run_ids) & attempts.c.outcome.is_(None)
    changed = update(attempts).where(open_ones).values(outcome="unknown", settled_by="reap", closed_at=now)
    return connection.execute(changed).rowcount


# --- a base that came back from a backup


def restored(connection: Connection, state: State) -> bool:
    """Whether the base lacks what was written down apart from it: journal entries, runs or attempts.

    The files are read first: a living run writes to the base before it writes to them.
    """
    kept, counts = state.head(), {run_id: count for run_id, count in state.counts().items() if count}
    if kept.seq:
        found = connection.execute(select(journal_table.c.hash).where(journal_table.c.seq == kept.seq)).scalar()
        if found != kept.hash:
            return True
    if not counts:
        return False
    known = select(attempts.c.run_id, func.count()).where(attempts.c.run_id.in_(counts)).group_by(attempts.c.run_id)
    have: dict[str, int] = {row[0]: row[1] for row in connection.execute(known)}
    return any(have.get(run_id, 0) < count for run_id, count in counts.items())


def check_restored(connection: Connection, state: State) -> None:
    """Raise ``UnknownsWait`` for a base that is older than what was sent with it."""
    if restored(connection, state):
        raise UnknownsWait.of(
            "SC-520",
            COMPLAINTS["SC-520"],
            why="It came back from a backup and does not know who was mailed since; nothing is sent.",
            todo="Run: send-campaign resolve --restored   (every unsettled letter becomes unknown, none is sent again)",
        )
