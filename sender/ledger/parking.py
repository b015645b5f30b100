"""Letters put aside by their domain, so that they are not met at every claim: paused ones, and those of a lane.

Who has claimed them is then no run but a word, which a run asks for by name when their time has come.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import ColumnElement, Connection, func, or_, select, update

from sender.store.schema import claimable, contacts, letters

__all__ = ["LANE", "PAUSED", "bring_back", "put_aside"]

PAUSED = "paused"
LANE = "lane:"
"""Before a lane's name."""


def put_aside(connection: Connection, campaign_id: int, domains: Iterable[bytes], where: str) -> None:
    """What waits for these domains, claimed by no run: to ``where``. What a run has claimed it lets go of by itself."""
    theirs = letters.c.contact_id.in_(select(contacts.c.id).where(contacts.c.domain_hash.in_(domains)))
    free = claimable if where != PAUSED else or_(claimable, _in_a_lane())
    mine = letters.c.campaign_id == campaign_id
    # Rows that another machine is just taking are let alone: two that wait for each other's would never end
    waiting = select(letters.c.contact_id).where(mine, free, theirs).with_for_update(skip_locked=True)
    aside: ColumnElement[bool] = letters.c.contact_id.in_(waiting)
    if connection.dialect.name == "postgresql":  # looked for once; without statistics it would be once a letter
        aside = letters.c.contact_id == func.any(func.array(waiting.scalar_subquery()))
    connection.execute(update(letters).where(mine, free, aside).values(claimed_by=where))


def bring_back(connection: Connection, campaign_id: int, where: str, still: Iterable[bytes] = ()) -> None:
    """Back among those who wait, but for the domains in ``still``. ``LANE`` means every lane."""
    kept = select(contacts.c.id).where(contacts.c.domain_hash.in_(still))
    aside = _in_a_lane() if where == LANE else letters.c.claimed_by == where
    theirs = (letters.c.campaign_id == campaign_id) & aside & letters.c.contact_id.not_in(kept)
    connection.execute(update(letters).where(theirs).values(claimed_by=None))


def _in_a_lane() -> ColumnElement[bool]:
    return letters.c.claimed_by.like(f"{LANE}%")
