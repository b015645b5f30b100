"""Close attempts: what the relay said is written down, and what it asks of us; what it never got waits as before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Exists,
    Text,
    Update,
    bindparam,
    case,
    exists,
    func,
    or_,
    select,
    update,
)

from sender.address import mask
from sender.enhanced import asks_for_patience, by_policy
from sender.ledger.attempts import GIVEN, Opened, answered, attempt_key
from sender.ledger.lane import UNPACED, Pace
from sender.ledger.lanes import Heard, settle
from sender.ledger.patience import next_try
from sender.ledger.pauses import count_answers, domains_of, sender_refused
from sender.model import Answer, ContactId, Outcome
from sender.store.kept import Kept
from sender.store.schema import aliases, attempts, contacts, letters
from sender.store.suppressing import suppress_rows

__all__ = ["Closing", "close_attempts", "give_back"]

_LONGEST_ANSWER = 500  # characters of the relay's text that are kept
_BEFORE_RCPT = frozenset({"rset", "mail"})  # stages at which no receiver has heard of a letter


class Closing(NamedTuple):
    """The relay's word on an opened attempt."""

    opened: Opened
    answer: Answer


def close_attempts(
    connection: Connection,
    closings: Sequence[Closing],
    now: datetime,
    *,
    not_after: datetime | None = None,
    pace: Pace = UNPACED,
    heard: Heard | None = None,
) -> None:
    """Write the relay's words down. A late answer settles what was called unknown when its run was taken for dead.

    ``heard``: takes what they say to the pace, for ``open_attempts`` in the same transaction; else it is settled here.
    """
    if not closings:
        return
    rows = [_closed_row(one.opened, one.answer.outcome.value, one.answer) for one in closings]
    _CLOSING.run(connection, {"b_rows": rows, "b_at": now})
    for one in closings:
        if one.answer.outcome is Outcome.DEFERRED:
            _defer(connection, one.opened, now, not_after)
    settled = [row for row, one in zip(rows, closings, strict=True) if one.answer.outcome is not Outcome.DEFERRED]
    if settled:
        _ENDING.run(connection, {"b_rows": settled})
    _suppress_bounced(connection, [one.opened.claim.contact for one in closings if one.answer.hard_bounce], now)
    said_of = [(one.opened.claim.contact, one.answer) for one in closings]
    count_answers(connection, closings[0].opened.claim.campaign_id, said_of, now)
    said = heard or Heard()
    said.unsaid += sum(one.answer.stage in _BEFORE_RCPT for one in closings)
    if impatient := [who for who, answer in said_of if asks_for_patience(answer)]:
        said.impatient += domains_of(connection, impatient).values()
    if heard is None:
        settle(connection, pace, now, said)


def give_back(
    connection: Connection,
    opened: Sequence[Opened],
    now: datetime,
    refused: Answer | None = None,
    pace: Pace = UNPACED,
    heard: Heard | None = None,
) -> None:
    """Nothing of these was on the wire: the attempts do not count, the letters wait as before.

    ``refused``: the relay's no to the sender of one of them, which may stop the campaign.
    """
    if not opened:
        return
    if refused and by_policy(refused.enhanced):
        sender_refused(connection, opened[0].claim.campaign_id, refused.enhanced, now)
    said = heard or Heard()
    said.unsaid += len(opened)
    if heard is None:
        settle(connection, pace, now, said)
    rows = [_closed_row(one, "untouched", Answer(Outcome.DEFERRED)) for one in opened]
    _CLOSING.run(connection, {"b_rows": rows, "b_at": now})
    for statement in _WAITING_AGAIN:
        statement.run(connection, {"b_rows": rows})


def _defer(connection: Connection, opened: Opened, now: datetime, not_after: datetime | None) -> None:
    """Deferred letters are few; each is looked at by itself."""
    mine = [attempt_key(opened)]
    for row in _DEFERRALS.named(connection, {"b_rows": mine}):
        deferrals = row["deferrals"] + 1
        again = next_try(deferrals, row["first_try"] or now, now, not_after)
        state, reason = ("deferred", None) if again else ("refused", "given_up")
        values = {"b_deferrals": deferrals, "b_again": again, "b_state": state, "b_reason": reason}
        _DEFERRING.run(connection, {"b_rows": mine, **values})


def _suppress_bounced(connection: Connection, bounced: Sequence[ContactId], now: datetime) -> None:
    if not bounced:
        return
    own = select(contacts.c.address_hash).where(contacts.c.id.in_(bounced))
    former = select(aliases.c.address_hash).where(aliases.c.former_id.in_(bounced))  # merged while it was on the wire
    hashes = connection.execute(own.union(former)).scalars()
    rows = [{"hash": one, "reason": "bounced", "since": now, "origin": "relay"} for one in hashes]
    suppress_rows(connection, rows)


def _closed_row(opened: Opened, outcome: str, said: Answer) -> tuple[Any, ...]:
    answer = mask(said.text.replace("\0", ""))[:_LONGEST_ANSWER] or None  # PostgreSQL takes no such text
    return *attempt_key(opened), outcome, said.stage[:16] or None, said.code, said.enhanced, answer


# --- statements

_TO_CLOSE = GIVEN.longer(outcome=str, stage=str, code=int, enhanced=str, answer=str)


def _just_closed() -> Exists:
    """Its attempt was closed by its own run: not by hand, not by another run under the same number."""
    return exists().where(
        attempts.c.campaign_id == letters.c.campaign_id,
        attempts.c.contact_id == letters.c.contact_id,
        attempts.c.number == letters.c.tries,
        attempts.c.run_id == GIVEN["run"],
        attempts.c.fence == GIVEN["fence"],
        attempts.c.settled_by == "run",
    )


def _still_there() -> Iterator[ColumnElement[bool]]:
    """Under today's id or one of before a merge: of who was erased meanwhile the relay's words are not kept."""
    # Meets: GDPR art. 17(1)
    yield exists().where(contacts.c.id == GIVEN["contact"])
    yield exists().where(aliases.c.former_id == GIVEN["contact"])


def _closing() -> Update:
    not_known = (attempts.c.outcome == "unknown") & or_(attempts.c.settled_by == "reap", attempts.c.settled_by == "run")
    return (
        update(attempts)
        .where(
            attempts.c.campaign_id == GIVEN["campaign"],
            attempts.c.contact_id == GIVEN["contact"],
            attempts.c.number == GIVEN["number"],
            attempts.c.run_id == GIVEN["run"],
            attempts.c.fence == GIVEN["fence"],
            or_(attempts.c.outcome.is_(None), not_known),
        )
        .values(
            closed_at=bindparam("b_at"),
            outcome=_TO_CLOSE["outcome"],
            settled_by="run",
            stage=_TO_CLOSE["stage"],
            code=_TO_CLOSE["code"],
            enhanced=_TO_CLOSE["enhanced"],
            answer=case((or_(*_still_there()), _TO_CLOSE["answer"])),
        )
    )


_CLOSING = Kept(_closing())
_ENDING = Kept(
    update(letters).where(answered(), _just_closed()).values(state=_TO_CLOSE["outcome"], claimed_by=None, next_try=None)
)
_WAITING_AGAIN = [
    Kept(update(letters).where(answered(), _just_closed(), counted).values(state=state, claimed_by=None))
    for state, counted in (("waiting", letters.c.deferrals == 0), ("deferred", letters.c.deferrals > 0))
]
_DEFERRALS = Kept(select(letters.c.deferrals, letters.c.first_try).where(answered(), _just_closed()))
_DEFERRING = Kept(
    update(letters)
    .where(answered())
    .values(
        deferrals=bindparam("b_deferrals"),
        next_try=bindparam("b_again"),
        claimed_by=None,
        state=bindparam("b_state"),
        reason=func.coalesce(bindparam("b_reason", type_=Text), letters.c.reason),
    )
)
