"""Mails of a day from one domain of ours, and the ceiling that a domain has which receivers do not know yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, bindparam, case, func, select, update

from sender.ledger.lane import Pace
from sender.rates import WarmUp
from sender.store.kept import Kept
from sender.store.schema import days
from sender.store.statements import insert_into

__all__ = ["Day", "count_today", "left_today", "today"]


@dataclass(frozen=True, slots=True)
class Day:
    """Mails from one domain of ours: ``sent`` today, and ``best`` on the best of the days before."""

    sent: int
    best: int

    def left(self, warm_up: WarmUp) -> int:
        return max(warm_up.ceiling(self.best) - self.sent, 0)


def today(connection: Connection, from_domain: str, now: datetime) -> Day:
    """From when on each day's mails were counted with this base."""
    asked = {"b_domain": from_domain, "b_day": _day(now)}
    found = [each.rows(connection, asked) for each in (_TODAY, _BEST_DAY)]
    sent, best = (rows[0][0] or 0 if rows else 0 for rows in found)
    return Day(sent, best)


def left_today(connection: Connection, pace: Pace, now: datetime, most: int) -> int:
    """How many of ``most`` mails may go today."""
    return min(today(connection, pace.from_domain, now).left(pace.warm_up), most) if pace.warm_up else most


def count_today(connection: Connection, pace: Pace, now: datetime, mails: int) -> None:
    """``mails``: so many more, or fewer."""
    asked = {"b_domain": pace.from_domain, "b_day": _day(now), "b_mails": mails}
    if pace.from_domain and not _COUNTING.run(connection, asked):
        row = {"from_domain": pace.from_domain, "day": _day(now), "mails": 0}
        connection.execute(insert_into(connection, days).on_conflict_do_nothing(), row)
        _COUNTING.run(connection, asked)


def _day(now: datetime) -> date:
    """By the clock on the wall, as people count days."""
    return now.astimezone().date()


# Said once: making a statement anew costs more than running it
_OF_THE_DOMAIN = days.c.from_domain == bindparam("b_domain")
_TODAY = Kept(select(days.c.mails).where(_OF_THE_DOMAIN, days.c.day == bindparam("b_day")))
_BEST_DAY = Kept(select(func.max(days.c.mails)).where(_OF_THE_DOMAIN, days.c.day < bindparam("b_day")))
_COUNTED = days.c.mails + bindparam("b_mails")  # what is taken back may have been opened before midnight
_COUNTING = Kept(
    update(days)
    .where(_OF_THE_DOMAIN, days.c.day == bindparam("b_day"))
    .values(mails=case((_COUNTED > 0, _COUNTED), else_=0))
)
