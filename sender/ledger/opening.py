"""Open attempts: before the wire, and on the disk before the first byte goes out.

A letter is opened only by the run that claimed it, under the fencing number of that claim, while it is still waiting
and its address is not suppressed: all in one transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

from sqlalchemy import Connection, Insert, bindparam, exists, func, insert, or_, select, update

from sender.ledger.attempts import GIVEN, Claim, Opened, attempt_key, claim_key, claimed
from sender.ledger.claiming import release
from sender.ledger.enrolment import enter_verdicts
from sender.ledger.lane import UNPACED, Pace
from sender.ledger.lanes import Heard, let_through, settle
from sender.ledger.objections import take_in
from sender.ledger.pauses import paused
from sender.ledger.state import State
from sender.model import ContactId, Finding, Verdict
from sender.store.kept import Kept, among
from sender.store.schema import Moment, attempts, campaigns, contacts, in_force, letters, runs, suppressions

__all__ = ["NotOpened", "Unwilling", "Wanted", "message_id", "open_attempts"]

_STOPPED = Verdict("suppressed", False, (Finding("suppressed_since", {}, "GDPR art. 21(3)"),))


class Wanted(NamedTuple):
    """What is asked of ``open_attempts``: a claim, the Message-ID and the subject its letter would have."""

    claim: Claim
    message_id: str
    subject: str = ""


class NotOpened(NamedTuple):
    """``suppressed``, ``unwilling``: held now. ``paused``: given back, and waits until somebody lifts the pause.

    ``paced``: given back, and waits until its lane has room.
    ``lost``: not this run's any more (withdrawn, held, taken for dead).
    """

    claim: Claim
    why: str


Unwilling = Callable[[Connection, Sequence[ContactId]], Mapping[ContactId, Verdict]]
"""Which of the contacts asked, since they were decided about, not to get this mail, and the verdict that says it."""


def _nobody(_connection: Connection, _asked: Sequence[ContactId]) -> Mapping[ContactId, Verdict]:
    return {}


def message_id(base_id: str, campaign: str, contact: ContactId, domain: str) -> str:
    """The same letter has the same Message-ID in every attempt, so that the relay's log can be asked about it."""
    digest = sha256("\0".join((base_id, campaign, contact)).encode()).hexdigest()
    return f"<{digest[:32]}@{domain}>"


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
        settle(connection, pace, now, heard or Heard())
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
    _HOLDING.run(connection, {"b_rows": [claim_key(one) for one in some], "b_verdicts": digest})


def _send(connection: Connection, opened: Sequence[Opened], subjects: Mapping[Claim, str], now: datetime) -> None:
    if not opened:
        return
    rows = [
        # Meets: GDPR art. 15(1) (what was written to a person can be told; erased with them)
        (*attempt_key(one), one.message_id, subjects[one.claim] or None)
        for one in opened
    ]
    _SENDING.run(connection, {"b_rows": rows, "b_at": now})
    _OPENING.run(connection, {"b_rows": rows, "b_at": now})
    _FIRST_ATTEMPT.run(connection, {"b_campaign": opened[0].claim.campaign_id, "b_at": now})


# --- statements

_TO_OPEN = GIVEN.longer(message_id=str, subject=str)


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
    .where(claimed())
    .values(
        state="sending",
        tries=GIVEN["number"],
        first_try=func.coalesce(letters.c.first_try, bindparam("b_at", type_=Moment)),
    )
)
_OPENING = Kept(_opening())
_FIRST_ATTEMPT = Kept(
    update(campaigns)
    .where(campaigns.c.id == bindparam("b_campaign"), campaigns.c.first_attempt_at.is_(None))
    .values(first_attempt_at=bindparam("b_at", type_=Moment))
)
_HOLDING = Kept(
    update(letters).where(claimed()).values(state="held", verdicts=bindparam("b_verdicts"), claimed_by=None)
)
