"""Go on with what a breaker has stopped."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, update

from sender.ledger import journal
from sender.ledger.journal import JournalHead
from sender.ledger.lane import UNPACED, Pace
from sender.ledger.lanes import go_carefully
from sender.ledger.pauses import WHOLE, mails_judged, row_of, unpark
from sender.store.schema import pauses, troubles

__all__ = ["lift"]


def lift(
    connection: Connection,
    campaign_id: int,
    domain: bytes | None,
    now: datetime,
    *,
    by: str,
    why: str | None,
    pace: Pace = UNPACED,
) -> JournalHead | None:
    """Go on with a domain, or with the campaign and all its domains; counts begin anew. None: nothing was paused.

    A domain's mails go one at a time at first: few have gone there should its receiver say no again.
    """
    mine = (pauses.c.campaign_id == campaign_id) & pauses.c.lifted_at.is_(None)
    if domain is not None:
        mine &= pauses.c.domain_hash == domain
    lifting = update(pauses).where(mine).values(lifted_at=now).returning(pauses.c.id, pauses.c.domain_hash)
    lifted = connection.execute(lifting).all()
    if not lifted:
        return None
    _count_anew(connection, campaign_id, domain)
    unpark(connection, campaign_id)
    domains = sorted(row.domain_hash for row in lifted if row.domain_hash is not None)
    go_carefully(connection, pace, domains, now)
    said = {"campaign": campaign_id, "pauses": sorted(row.id for row in lifted), "by": by, "reason": why}
    return journal.append(connection, "resumed", said, None, now)


def _count_anew(connection: Connection, campaign_id: int, domain: bytes | None) -> None:
    """What was said before is answered for: it shall not trip the breaker again at the next no."""
    none = dict.fromkeys(("mails", "refused", "in_a_row", "bounces", "complaints"), 0)
    mine = row_of(campaign_id, domain) if domain is not None else troubles.c.campaign_id == campaign_id
    connection.execute(update(troubles).where(mine).values(none))
    if domain is None:
        before = mails_judged(connection, campaign_id)
        connection.execute(update(troubles).where(row_of(campaign_id, WHOLE)).values(mails_before=before))
