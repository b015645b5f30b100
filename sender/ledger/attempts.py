"""Claim, open, close: the three steps between a decision and the relay's word.

Open before the wire, close after it. A letter is opened only by the run that claimed it, under the fencing number of
that claim, while it is still waiting and its address is not suppressed: all in one transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Exists,
    Insert,
    Text,
    TextClause,
    Update,
    bindparam,
    case,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from sender.address import mask
from sender.enhanced import asks_for_patience, by_policy
from sender.ledger.enrolment import enter_verdicts
from sender.ledger.lanes import UNPACED, Heard, Lane, Pace, let_through, openings, waiting_in
from sender.ledger.objections import take_in
from sender.ledger.parking import put_aside
from sender.ledger.patience import next_try
from sender.ledger.pauses import count_answers, domains_of, park, paused, sender_refused, stopped
from sender.ledger.state import State
from sender.model import Answer, ContactId, Finding, Outcome, Verdict
from sender.store.kept import Kept, Listed, among
from sender.store.schema import (
    Moment,
    aliases,
    attempts,
    campaigns,
    claimable,
    contacts,
    in_force,
    letters,
    runs,
    suppressions,
)
from sender.store.suppressing import suppress_rows

__all__ = [
    "Claim",
    "Closing",
    "NotOpened",
    "Opened",
    "Wanted",
    "claim",
    "close_attempts",
    "give_back",
    "message_id",
    "next_due",
    "open_attempts",
    "release",
]

_STOPPED = Verdict("suppressed", False, (Finding("suppressed_since", {}, "GDPR art. 21(3)"),))
_LONGEST_ANSWER = 500  # characters of the relay's text that are kept
_BEFORE_RCPT = frozenset({"rset", "mail"})  # stages at which no receiver has heard of a letter
_ROUNDS = 4  # of picking letters: each puts aside those of the domains that it met


class Claim(NamedTuple):
    """A letter that this run alone may open, as long as it lives."""

    campaign_id: int
    contact: ContactId
    run_id: str
    fence: int


class Wanted(NamedTuple):
    """What is asked of ``open_attempts``: a claim, the Message-ID and the subject its letter would have."""

    claim: Claim
    message_id: str
    subject: str = ""


class Opened(NamedTuple):
    """An attempt is on the disk: the letter may go to the wire."""

    claim: Claim
    number: int
    message_id: str


class NotOpened(NamedTuple):
    """``suppressed``, ``unwilling``: held now. ``paused``: given back, and waits until somebody lifts the pause.

    ``paced``: given back, and waits until its lane has room.
    ``lost``: not this run's any more (withdrawn, held, taken for dead).
    """

    claim: Claim
    why: str


class Closing(NamedTuple):
    """The relay's word on an opened attempt."""

    opened: Opened
    answer: Answer


Unwilling = Callable[[Connection, Sequence[ContactId]], Mapping[ContactId, Verdict]]
"""Which of the contacts asked, since they were decided about, not to get this mail, and the verdict that says it."""


def _nobody(_connection: Connection, _asked: Sequence[ContactId]) -> Mapping[ContactId, Verdict]:
    return {}


def message_id(base_id: str, campaign: str, contact: ContactId, domain: str) -> str:
    """The same letter has the same Message-ID in every attempt, so that the relay's log can be asked about it."""
    digest = sha256("\0".join((base_id, campaign, contact)).encode()).hexdigest()
    return f"<{digest[:32]}@{domain}>"


# --- claim


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


_MAY_CLAIM = Kept(
    select(runs.c.id)
    .where(runs.c.id == bindparam("b_run"), runs.c.state == "live", ~stopped(bindparam("b_campaign")))
    .with_for_update(read=True)
)


def _taking(there: ColumnElement[bool] | TextClause) -> Kept:
    mine = among(letters.c.contact_id, "b_contacts")
    taken = update(letters).where(letters.c.campaign_id == bindparam("b_campaign"), mine, there)
    claimed = taken.values(claimed_by=bindparam("b_run"), fence=letters.c.fence + 1)
    return Kept(claimed.returning(letters.c.contact_id, letters.c.fence))


_TAKING, _TAKING_THERE = _taking(claimable), _taking(letters.c.claimed_by == bindparam("b_where"))


def release(
    connection: Connection, claims: Iterable[Claim], where: Mapping[ContactId, str | None] | None = None
) -> None:
    """Give claims back that were not opened; ``where``: to the places where some are to wait, by contact."""
    rows = [(*_key(one), None, (where or {}).get(one.contact)) for one in claims]
    if rows:
        _RELEASING.run(connection, {"b_rows": rows})


def next_due(connection: Connection, campaign_id: int) -> datetime | None:
    """When the next deferred letter falls due; None where none is deferred."""
    waiting = (letters.c.campaign_id == campaign_id) & claimable
    return connection.execute(select(func.min(letters.c.next_try)).where(waiting)).scalar()


# --- open


def open_attempts(
    connection: Connection,
    state: State,
    wanted: Sequence[Wanted],
    now: datetime,
    unwilling: Unwilling = _nobody,
    pace: Pace = UNPACED,
    heard: Heard | None = None,
) -> tuple[Opened | NotOpened, ...]:
    """Open attempts for claims, in order. Must be committed before the first byte goes out.

    ``heard``: what the answers of the same transaction say to the pace; settled here.
    """
    # Meets: DESIGN 4.4 (an objection is read again in the transaction that opens the attempt)
    if not wanted:
        _settle(connection, pace, now, heard)
        return ()
    take_in(connection, state)
    still_held = _still_held(connection, [each.claim for each in wanted])
    allowed = _allowed(connection, wanted[0].claim.campaign_id, [each.claim.contact for each in wanted])
    against = unwilling(connection, [each.claim.contact for each in wanted])
    refused = {each.claim: why for each in wanted if (why := _why_not(each.claim, still_held, allowed, against))}
    asked = {one.contact: allowed[one.contact].domain for one, _, _ in wanted if one not in refused}
    gone = let_through(connection, pace, asked, now, heard or Heard())
    refused |= {one: "paced" for one, _, _ in wanted if one not in refused and one.contact not in gone.contacts}
    _hold(connection, [one for one, why in refused.items() if why == "suppressed"], _STOPPED)
    for one in [one for one, why in refused.items() if why == "unwilling"]:
        _hold(connection, [one], against[one.contact])
    release(connection, [one for one, why in refused.items() if why in {"paused", "paced"}], gone.others)
    opened = {one: Opened(one, still_held[one] + 1, its_id) for one, its_id, _ in wanted if one not in refused}
    _send(connection, list(opened.values()), {each.claim: each.subject for each in wanted}, now)
    return tuple(opened.get(one) or NotOpened(one, refused[one]) for one, _, _ in wanted)


def _settle(connection: Connection, pace: Pace, now: datetime, heard: Heard | None) -> None:
    """Nothing is opened in this transaction."""
    if heard and (heard.impatient or heard.unsaid):
        let_through(connection, pace, {}, now, heard)


class _Free(NamedTuple):
    """A contact that is on no suppression list."""

    paused: bool
    domain: bytes


def _why_not(
    one: Claim, still_held: Mapping[Claim, int], allowed: Mapping[str, _Free], against: Mapping[ContactId, Verdict]
) -> str | None:
    if one not in still_held:
        return "lost"
    if one.contact not in allowed:
        return "suppressed"
    if allowed[one.contact].paused:
        return "paused"
    return "unwilling" if one.contact in against else None


def _still_held(connection: Connection, claims: Sequence[Claim]) -> dict[Claim, int]:
    """The claims that still hold, with the tries of their letters. Locks run and letters where rows can be locked."""
    first = claims[0]
    if not _ALIVE.rows(connection, {"b_run": first.run_id}):
        return {}
    asked = {
        "b_campaign": first.campaign_id,
        "b_run": first.run_id,
        "b_contacts": [one.contact for one in claims],
    }
    return {
        Claim(first.campaign_id, ContactId(row[0]), first.run_id, row[1]): row[2]
        for row in _HELD_STILL.rows(connection, asked)
    }


def _allowed(connection: Connection, campaign_id: int, asked: Sequence[ContactId]) -> dict[str, _Free]:
    """Those of the contacts that are in the base and on no suppression list."""
    found = _FREE.rows(connection, {"b_campaign": campaign_id, "b_contacts": asked})
    return {row[0]: _Free(bool(row[1]), bytes(row[2] or b"")) for row in found}


def _hold(connection: Connection, some: Sequence[Claim], verdict: Verdict) -> None:
    if not some:
        return
    digest = enter_verdicts(connection, (verdict,))
    _HOLDING.run(connection, {"b_rows": [_key(one) for one in some], "b_verdicts": digest})


def _send(connection: Connection, opened: Sequence[Opened], subjects: Mapping[Claim, str], now: datetime) -> None:
    if not opened:
        return
    rows = [
        # Meets: GDPR art. 15(1) (what was written to a person can be told; erased with them)
        (*_attempt_key(one), one.message_id, subjects[one.claim] or None)
        for one in opened
    ]
    _SENDING.run(connection, {"b_rows": rows, "b_at": now})
    _OPENING.run(connection, {"b_rows": rows, "b_at": now})
    _FIRST_ATTEMPT.run(connection, {"b_campaign": opened[0].claim.campaign_id, "b_at": now})


# --- close


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
    answered = [(one.opened.claim.contact, one.answer) for one in closings]
    count_answers(connection, closings[0].opened.claim.campaign_id, answered, now)
    said = heard or Heard()
    said.unsaid += sum(one.answer.stage in _BEFORE_RCPT for one in closings)
    if impatient := [who for who, answer in answered if asks_for_patience(answer)]:
        said.impatient += domains_of(connection, impatient).values()
    if heard is None:
        _settle(connection, pace, now, said)


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
        _settle(connection, pace, now, said)
    rows = [_closed_row(one, "untouched", Answer(Outcome.DEFERRED)) for one in opened]
    _CLOSING.run(connection, {"b_rows": rows, "b_at": now})
    for statement in _WAITING_AGAIN:
        statement.run(connection, {"b_rows": rows})


def _defer(connection: Connection, opened: Opened, now: datetime, not_after: datetime | None) -> None:
    """Deferred letters are few; each is looked at by itself."""
    mine = [_attempt_key(opened)]
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


# --- words of SQL that several statements share

_GIVEN = Listed("b_rows", campaign=int, contact=str, run=str, fence=int, number=int)
"""Attempts by their keys; ``_key`` and ``_attempt_key`` make the rows."""
_TO_OPEN = _GIVEN.longer(message_id=str, subject=str)
_TO_CLOSE = _GIVEN.longer(outcome=str, stage=str, code=int, enhanced=str, answer=str)


def _mine() -> ColumnElement[bool]:
    """The letter that a claim took, while the claim holds."""
    return (
        (letters.c.campaign_id == _GIVEN["campaign"])
        & (letters.c.contact_id == _GIVEN["contact"])
        & (letters.c.claimed_by == _GIVEN["run"])
        & (letters.c.fence == _GIVEN["fence"])
        & or_(letters.c.state == "waiting", letters.c.state == "deferred")
    )


def _answered() -> ColumnElement[bool]:
    """The letter of an attempt that is its newest, not yet settled."""
    return (
        (letters.c.campaign_id == _GIVEN["campaign"])
        & (letters.c.contact_id == _GIVEN["contact"])
        & (letters.c.tries == _GIVEN["number"])
        & or_(letters.c.state == "sending", letters.c.state == "unknown")
    )


def _just_closed() -> Exists:
    """Its attempt was closed by its own run: not by hand, not by another run under the same number."""
    return exists().where(
        attempts.c.campaign_id == letters.c.campaign_id,
        attempts.c.contact_id == letters.c.contact_id,
        attempts.c.number == letters.c.tries,
        attempts.c.run_id == _GIVEN["run"],
        attempts.c.fence == _GIVEN["fence"],
        attempts.c.settled_by == "run",
    )


def _still_there() -> Iterator[ColumnElement[bool]]:
    """Under today's id or one of before a merge: of who was erased meanwhile the relay's words are not kept."""
    # Meets: GDPR art. 17(1)
    yield exists().where(contacts.c.id == _GIVEN["contact"])
    yield exists().where(aliases.c.former_id == _GIVEN["contact"])


def _closing() -> Update:
    not_known = (attempts.c.outcome == "unknown") & or_(attempts.c.settled_by == "reap", attempts.c.settled_by == "run")
    return (
        update(attempts)
        .where(
            attempts.c.campaign_id == _GIVEN["campaign"],
            attempts.c.contact_id == _GIVEN["contact"],
            attempts.c.number == _GIVEN["number"],
            attempts.c.run_id == _GIVEN["run"],
            attempts.c.fence == _GIVEN["fence"],
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


def _opening() -> Insert:
    row = {
        "campaign_id": _TO_OPEN["campaign"],
        "contact_id": _TO_OPEN["contact"],
        "number": _TO_OPEN["number"],
        "run_id": _TO_OPEN["run"],
        "fence": _TO_OPEN["fence"],
        "message_id": _TO_OPEN["message_id"],
        "opened_at": bindparam("b_at", type_=Moment),
        "subject": _TO_OPEN["subject"],
    }
    return insert(attempts).from_select(list(row), select(*row.values()))


_ALIVE = Kept(
    select(runs.c.id).where(runs.c.id == bindparam("b_run"), runs.c.state == "live").with_for_update(read=True)
)
_HELD_STILL = Kept(
    select(letters.c.contact_id, letters.c.fence, letters.c.tries)
    .where(
        letters.c.campaign_id == bindparam("b_campaign"),
        among(letters.c.contact_id, "b_contacts"),
        letters.c.claimed_by == bindparam("b_run"),
        or_(letters.c.state == "waiting", letters.c.state == "deferred"),
    )
    .order_by(letters.c.contact_id)
    .with_for_update()
)
_STOPS = or_(suppressions.c.hash == contacts.c.address_hash, suppressions.c.hash == contacts.c.domain_hash)
_FREE = Kept(
    select(contacts.c.id, paused(bindparam("b_campaign")), contacts.c.domain_hash).where(
        among(contacts.c.id, "b_contacts"), ~exists().where(_STOPS, in_force)
    )
)
_SENDING = Kept(
    update(letters)
    .where(_mine())
    .values(
        state="sending",
        tries=_GIVEN["number"],
        first_try=func.coalesce(letters.c.first_try, bindparam("b_at", type_=Moment)),
    )
)
_OPENING = Kept(_opening())
_FIRST_ATTEMPT = Kept(
    update(campaigns)
    .where(campaigns.c.id == bindparam("b_campaign"), campaigns.c.first_attempt_at.is_(None))
    .values(first_attempt_at=bindparam("b_at", type_=Moment))
)
_RELEASING = Kept(update(letters).where(_mine()).values(claimed_by=_GIVEN.longer(where=str)["where"]))
_HOLDING = Kept(update(letters).where(_mine()).values(state="held", verdicts=bindparam("b_verdicts"), claimed_by=None))
_CLOSING = Kept(_closing())
_ENDING = Kept(
    update(letters)
    .where(_answered(), _just_closed())
    .values(state=_TO_CLOSE["outcome"], claimed_by=None, next_try=None)
)
_WAITING_AGAIN = [
    Kept(update(letters).where(_answered(), _just_closed(), counted).values(state=state, claimed_by=None))
    for state, counted in (("waiting", letters.c.deferrals == 0), ("deferred", letters.c.deferrals > 0))
]
_DEFERRALS = Kept(select(letters.c.deferrals, letters.c.first_try).where(_answered(), _just_closed()))
_DEFERRING = Kept(
    update(letters)
    .where(_answered())
    .values(
        deferrals=bindparam("b_deferrals"),
        next_try=bindparam("b_again"),
        claimed_by=None,
        state=bindparam("b_state"),
        reason=func.coalesce(bindparam("b_reason", type_=Text), letters.c.reason),
    )
)


Key = tuple[int, ContactId, str, int]


def _key(one: Claim) -> Key:
    return one.campaign_id, one.contact, one.run_id, one.fence


def _attempt_key(one: Opened) -> tuple[*Key, int]:
    return *_key(one.claim), one.number


def _closed_row(opened: Opened, outcome: str, said: Answer) -> tuple[Any, ...]:
    answer = mask(said.text)[:_LONGEST_ANSWER] or None
    return *_attempt_key(opened), outcome, said.stage[:16] or None, said.code, said.enhanced, answer
