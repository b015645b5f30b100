"""Claim letters for a run, and give back what it does not open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, TextClause, bindparam, func, select, update

from sender.ledger.attempts import GIVEN, Claim, claim_key, claimed
from sender.ledger.lane import UNPACED, Lane, Pace
from sender.ledger.lanes import openings, waiting_in
from sender.ledger.parking import put_aside
from sender.ledger.pauses import park, stopped
from sender.model import ContactId
from sender.store.kept import Kept, among
from sender.store.schema import claimable, letters, runs

__all__ = ["claim", "next_due", "release"]

_ROUNDS = 4  # of picking letters: each puts aside those of the domains that it met


def claim(
    connection: Connection, campaign_id: int, run_id: str, limit: int, now: datetime, pace: Pace = UNPACED
) -> tuple[Claim, ...]:
    """Take up to ``limit`` letters that are due and nobody's. Other machines skip rows that are being taken.

    None of a paused campaign; those of a paused domain are put aside when they are met. Of a lane's letters as many as
    may go now, before all others: they take the longest.
    """
    if not _MAY_CLAIM.rows(connection, {"b_run": run_id, "b_campaign": campaign_id}):
        return ()
    found = openings(connection, pace, limit, now)
    taken: list[Claim] = []
    for where, room in (*found.lanes.items(), (None, found.letters)):
        room = min(room, found.letters - len(taken))
        if room and (chosen := _pick(connection, campaign_id, where, room, now, found.apart)):
            taken += _take(connection, campaign_id, run_id, where, chosen)
    return tuple(taken)


def _pick(
    connection: Connection, campaign_id: int, where: str | None, room: int, now: datetime, apart: Mapping[bytes, Lane]
) -> list[ContactId]:
    """Letters that may be claimed there; those met among them that belong elsewhere are put where they belong."""
    free: list[ContactId] = []
    for _ in range(_ROUNDS):
        found = waiting_in(connection, campaign_id, where, room, now)
        strays = {lane.name: lane for one in found if where is None and (lane := apart.get(one.domain))}
        free = [one.contact for one in found if not one.paused and (where or one.domain not in apart)]
        if len(free) == len(found):
            break
        for lane in strays.values():
            put_aside(connection, campaign_id, lane.domains, lane.where)
        if any(one.paused for one in found):
            park(connection, campaign_id)
    return free


def _take(
    connection: Connection, campaign_id: int, run_id: str, where: str | None, chosen: list[ContactId]
) -> list[Claim]:
    asked = {"b_campaign": campaign_id, "b_contacts": chosen, "b_run": run_id, "b_where": where}
    taken = (_TAKING_THERE if where else _TAKING).rows(connection, asked)
    return [Claim(campaign_id, ContactId(row[0]), run_id, row[1]) for row in taken]


def release(
    connection: Connection, claims: Iterable[Claim], where: Mapping[ContactId, str | None] | None = None
) -> None:
    """Give claims back that were not opened; ``where``: to the places where some are to wait, by contact."""
    rows = [(*claim_key(one), None, (where or {}).get(one.contact)) for one in claims]
    if rows:
        _RELEASING.run(connection, {"b_rows": rows})


def next_due(connection: Connection, campaign_id: int) -> datetime | None:
    """When the next deferred letter falls due; None where none is deferred."""
    waiting = (letters.c.campaign_id == campaign_id) & claimable
    return connection.execute(select(func.min(letters.c.next_try)).where(waiting)).scalar()


# --- statements

_MAY_CLAIM = Kept(
    select(runs.c.id)
    .where(runs.c.id == bindparam("b_run"), runs.c.state == "live", ~stopped(bindparam("b_campaign")))
    .with_for_update(read=True)
)


def _taking(there: ColumnElement[bool] | TextClause) -> Kept:
    mine = among(letters.c.contact_id, "b_contacts")
    taken = update(letters).where(letters.c.campaign_id == bindparam("b_campaign"), mine, there)
    made = taken.values(claimed_by=bindparam("b_run"), fence=letters.c.fence + 1)
    return Kept(made.returning(letters.c.contact_id, letters.c.fence))


_TAKING, _TAKING_THERE = _taking(claimable), _taking(letters.c.claimed_by == bindparam("b_where"))
_RELEASING = Kept(update(letters).where(claimed()).values(claimed_by=GIVEN.longer(where=str)["where"]))
