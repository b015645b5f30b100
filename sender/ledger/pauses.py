"""What the breakers count, and what they stopped: a domain of a campaign or all of it, until somebody lifts it.

An answer that trips a breaker and the pause are one commit, and no letter is opened without a look at the pauses: a
kill can lose none, and no mail goes out past one. Counts are kept only of what failed: a row of ``troubles`` begins
with a domain's first refusal, and is then carried on by one statement a commit. A domain is known by its keyed hash.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    Update,
    bindparam,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from sender.address import stored
from sender.enhanced import by_policy
from sender.ledger import breakers, journal
from sender.ledger.breakers import Reason
from sender.ledger.parking import PAUSED, bring_back, put_aside
from sender.model import Answer, ContactId, Outcome
from sender.store.kept import Kept
from sender.store.schema import aliases, attempts, campaigns, contacts, pauses, troubles
from sender.store.statements import insert_into, slices

__all__ = [
    "WHOLE",
    "Pause",
    "count_answers",
    "count_return",
    "domains_of",
    "mails_judged",
    "park",
    "paused",
    "pauses_of",
    "row_of",
    "sender_refused",
    "stopped",
    "unpark",
]

WHOLE = b""  # the row of ``troubles`` that counts for the campaign
_JUDGED = ("accepted", "refused")

Answered = tuple[ContactId, Answer]


@dataclass(frozen=True, slots=True)
class Pause:
    """``domain``: None where the campaign is stopped, empty where nobody of the domain is in the base any more.

    ``events`` of ``mails`` tripped it; ``enhanced``: the last refusal's status.
    """

    id: int
    domain: str | None
    reason: Reason
    events: int
    mails: int
    enhanced: str | None
    since: datetime


# --- what is stopped


def stopped(campaign: ColumnElement[int] | int) -> ColumnElement[bool]:
    """The whole campaign is."""
    return exists().where(
        pauses.c.campaign_id == campaign, pauses.c.domain_hash.is_(None), pauses.c.lifted_at.is_(None)
    )


def paused(campaign: ColumnElement[int] | int) -> ColumnElement[bool]:
    """The campaign is, or the domain of the contact of the enclosing statement."""
    meets = or_(pauses.c.domain_hash.is_(None), pauses.c.domain_hash == contacts.c.domain_hash)
    return exists().where(pauses.c.campaign_id == campaign, pauses.c.lifted_at.is_(None), meets)


def paused_domains(connection: Connection, campaign_id: int) -> list[bytes]:
    held = (pauses.c.campaign_id == campaign_id) & pauses.c.domain_hash.is_not(None) & pauses.c.lifted_at.is_(None)
    return list(connection.execute(select(pauses.c.domain_hash).where(held)).scalars())


def pauses_of(connection: Connection, campaign_id: int) -> tuple[Pause, ...]:
    """What is paused now, the campaign itself first, then the oldest."""
    held = (pauses.c.campaign_id == campaign_id) & pauses.c.lifted_at.is_(None)
    rows = connection.execute(
        select(pauses).where(held).order_by(pauses.c.domain_hash.is_not(None), pauses.c.paused_at, pauses.c.id)
    ).all()
    return tuple(
        Pause(
            row.id,
            None if row.domain_hash is None else _name_of(connection, row.domain_hash),
            Reason(row.reason),
            row.events,
            row.mails,
            row.enhanced,
            row.paused_at,
        )
        for row in rows
    )


def _name_of(connection: Connection, domain: bytes) -> str:
    """By somebody who has it: the base keeps no domain's name beside its people."""
    found = connection.execute(select(contacts.c.email).where(contacts.c.domain_hash == domain).limit(1)).scalar()
    return stored(found, "").domain if found else ""


# --- letters of paused domains are put aside, so that they are not met at every claim


def park(connection: Connection, campaign_id: int) -> None:
    """Put aside what waits for paused domains; claims that are held are let go by whoever holds them."""
    if domains := paused_domains(connection, campaign_id):
        put_aside(connection, campaign_id, domains, PAUSED)


def unpark(connection: Connection, campaign_id: int) -> None:
    """Back to those who wait, but for the domains that are paused still."""
    bring_back(connection, campaign_id, PAUSED, paused_domains(connection, campaign_id))


# --- what the relay answers


def count_answers(connection: Connection, campaign_id: int, answered: Sequence[Answered], now: datetime) -> None:
    """Count the relay's words of one commit, in their order, and pause what has too many noes.

    Where nothing was refused, and no domain has refused before, this is one statement, and a cheap one.
    """
    judged = [one for one in answered if one[1].outcome in {Outcome.ACCEPTED, Outcome.REFUSED}]
    refused = [one for one in judged if one[1].outcome is Outcome.REFUSED]
    seen = _count_refusals(connection, campaign_id, judged, now) if any(map(_policy, refused)) else frozenset()
    others = [one for one in judged if one[0] not in seen]
    _carry_on(connection, campaign_id, [who for who, said in others if said.outcome is Outcome.ACCEPTED], _TAKEN)
    _carry_on(connection, campaign_id, [who for who, said in others if said.outcome is Outcome.REFUSED], _REFUSED)
    bounces = sum(said.hard_bounce for _, said in refused)
    if bounces:
        _count_campaign(connection, campaign_id, bounces, 0, now)


def sender_refused(connection: Connection, campaign_id: int, enhanced: str | None, now: datetime) -> None:
    """A 5.7.x to MAIL: the relay takes no mail from us at all."""
    _pause(connection, campaign_id, None, Reason.SENDER, (1, 1), enhanced, now)


def count_return(connection: Connection, campaign_id: int, *, complaint: bool, now: datetime) -> bool:
    """A bounce or a complaint that came back later, and was not counted before. Says whether it stops the campaign."""
    return _count_campaign(connection, campaign_id, int(not complaint), int(complaint), now)


def _policy(one: Answered) -> bool:
    return one[1].outcome is Outcome.REFUSED and by_policy(one[1].enhanced)


def _count_refusals(
    connection: Connection, campaign_id: int, judged: Sequence[Answered], now: datetime
) -> frozenset[ContactId]:
    """Of the domains that refused just now; returns whose letters were counted with that."""
    domain_of = domains_of(connection, [who for who, _ in judged])
    refusing = {domain_of[who] for who, said in judged if who in domain_of and _policy((who, said))}
    by_domain = {
        domain: [(who, said) for who, said in judged if domain_of.get(who) == domain] for domain in sorted(refusing)
    }
    for domain, some in by_domain.items():
        _count_domain(connection, campaign_id, domain, [said for _, said in some], now)
    return frozenset(who for some in by_domain.values() for who, _ in some)


def domains_of(connection: Connection, asked: Sequence[ContactId]) -> dict[ContactId, bytes]:
    """Of today's contacts and of doubles that were merged while their letter was on the wire."""
    own = select(contacts.c.id, contacts.c.domain_hash).where(contacts.c.id.in_(asked))
    former = (
        select(aliases.c.former_id, contacts.c.domain_hash)
        .join(contacts, contacts.c.id == aliases.c.contact_id)
        .where(aliases.c.former_id.in_(asked))
    )
    found = [*connection.execute(former), *connection.execute(own)]
    return {ContactId(row[0]): bytes(row[1]) for row in found if row[1] is not None}


def _count_domain(
    connection: Connection, campaign_id: int, domain: bytes, said: Sequence[Answer], now: datetime
) -> None:
    mails, refused, in_a_row = _known(connection, campaign_id, domain, len(said))
    found: Reason | None = None
    status = None
    for answer in said:
        mails += 1
        if by_policy(answer.enhanced) and answer.outcome is Outcome.REFUSED:
            refused, in_a_row, status = refused + 1, in_a_row + 1, answer.enhanced
            tripped = breakers.of_domain(mails, refused, in_a_row)
            if tripped and not found:
                found = tripped
                events = (in_a_row, in_a_row) if tripped is Reason.IN_A_ROW else (refused, mails)
                _pause(connection, campaign_id, domain, tripped, events, status, now)
        elif answer.outcome is Outcome.ACCEPTED:
            in_a_row = 0
    counts = {"mails": mails, "refused": refused, "in_a_row": in_a_row}
    connection.execute(update(troubles).where(row_of(campaign_id, domain)).values(counts))


def _known(connection: Connection, campaign_id: int, domain: bytes, just_now: int) -> tuple[int, int, int]:
    """Mails, refusals and refusals in a row before this commit; at the first one the mails are counted."""
    wanted = select(troubles.c.mails, troubles.c.refused, troubles.c.in_a_row).where(row_of(campaign_id, domain))
    if row := connection.execute(wanted.with_for_update()).first():
        return row[0], row[1], row[2]
    theirs = (attempts.c.campaign_id == campaign_id) & (attempts.c.contact_id == contacts.c.id)
    before = (
        select(func.count())
        .select_from(contacts)
        .join(attempts, theirs)
        .where(contacts.c.domain_hash == domain, attempts.c.outcome.in_(_JUDGED))
    )
    mails = max(int(connection.execute(before).scalar_one()) - just_now, 0)  # theirs are written down by now
    _begin(connection, campaign_id, domain, {"mails": mails})
    row = connection.execute(wanted.with_for_update()).one()
    return row[0], row[1], row[2]


def _begin(connection: Connection, campaign_id: int, domain: bytes, counts: Mapping[str, int]) -> None:
    row = insert_into(connection, troubles).values(campaign_id=campaign_id, domain_hash=domain, **counts)
    connection.execute(row.on_conflict_do_nothing())


def _carry_on(connection: Connection, campaign_id: int, whose: Sequence[ContactId], statement: Update) -> None:
    if not whose or not _TROUBLED.rows(connection, {"b_campaign": campaign_id}):
        return
    for some in slices(whose):
        connection.execute(statement, {"b_campaign": campaign_id, "b_contacts": list(some)})


def _carrying_on(*, taken: bool) -> Update:
    """One more mail for each of the domains that have refused before; one that is taken ends the row of noes."""
    asked = contacts.c.id.in_(bindparam("b_contacts", expanding=True))
    mine = select(func.count()).where(asked, contacts.c.domain_hash == troubles.c.domain_hash).scalar_subquery()
    meets = troubles.c.domain_hash.in_(select(contacts.c.domain_hash).where(asked))
    values = {"mails": troubles.c.mails + mine} | ({"in_a_row": 0} if taken else {})
    return update(troubles).where(troubles.c.campaign_id == bindparam("b_campaign"), meets).values(values)


# Asked first with every commit: the two after it cost several times as much
_TROUBLED = Kept(
    select(troubles.c.campaign_id)
    .where(troubles.c.campaign_id == bindparam("b_campaign"), troubles.c.domain_hash != WHOLE)
    .limit(1)
)
_TAKEN, _REFUSED = _carrying_on(taken=True), _carrying_on(taken=False)


# --- the whole campaign


def _count_campaign(connection: Connection, campaign_id: int, bounces: int, complaints: int, now: datetime) -> bool:
    """The mails are counted only where these events could be too many for as few as they were last time."""
    _begin(connection, campaign_id, WHOLE, {})
    counts = {"bounces": troubles.c.bounces + bounces, "complaints": troubles.c.complaints + complaints}
    columns = (troubles.c.bounces, troubles.c.complaints, troubles.c.mails, troubles.c.mails_before)
    mine = update(troubles).where(row_of(campaign_id, WHOLE))
    bounced, complained, known, before = connection.execute(mine.values(counts).returning(*columns)).one()
    if breakers.of_campaign(max(known, breakers.MAILS), bounced, complained) is None:
        return False
    mails = mails_judged(connection, campaign_id) - before
    connection.execute(mine.values(mails=mails))
    reason = breakers.of_campaign(mails, bounced, complained)
    if reason is None:
        return False
    events = complained if reason is Reason.COMPLAINTS else bounced
    return _pause(connection, campaign_id, None, reason, (events, mails), None, now)


def mails_judged(connection: Connection, campaign_id: int) -> int:
    """Answered for good by the relay."""
    judged = (attempts.c.campaign_id == campaign_id) & attempts.c.outcome.in_(_JUDGED)
    return int(connection.execute(select(func.count()).select_from(attempts).where(judged)).scalar_one())


# --- pause


def _pause(
    connection: Connection,
    campaign_id: int,
    domain: bytes | None,
    reason: Reason,
    events: tuple[int, int],
    enhanced: str | None,
    now: datetime,
) -> bool:
    """Once, until it is lifted; False where it was so already.

    The campaign's row is the lock under which two machines count paused domains.
    """
    connection.execute(select(campaigns.c.id).where(campaigns.c.id == campaign_id).with_for_update())
    if connection.execute(select(pauses.c.id).where(_held(campaign_id, domain))).first():
        return False
    values = {"campaign_id": campaign_id, "domain_hash": domain, "reason": reason.value, "paused_at": now}
    values |= {"events": events[0], "mails": events[1], "enhanced": enhanced}
    connection.execute(insert(pauses).values(values))
    said = {"campaign": campaign_id, "reason": reason.value, "events": events[0], "mails": events[1]}
    named = {"domain_hash": domain.hex()} if domain else {}
    journal.append(connection, "paused", {**said, **named, "enhanced": enhanced}, None, now)
    if domain and (stop := breakers.of_domains(number := len(paused_domains(connection, campaign_id)))):
        _pause(connection, campaign_id, None, stop, (number, number), enhanced, now)
    return True


def row_of(campaign_id: int, domain: bytes) -> ColumnElement[bool]:
    return (troubles.c.campaign_id == campaign_id) & (troubles.c.domain_hash == domain)


def _held(campaign_id: int, domain: bytes | None) -> ColumnElement[bool]:
    same = pauses.c.domain_hash.is_(None) if domain is None else pauses.c.domain_hash == domain
    return (pauses.c.campaign_id == campaign_id) & same & pauses.c.lifted_at.is_(None)
