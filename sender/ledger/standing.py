"""Questions to the ledger: where a campaign stands, what waits for an answer, what the gates must know of a contact."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import Connection, func, or_, select

from sender.ledger.doubles import theirs
from sender.model import ContactId, History, LetterState, Sums, Suppression
from sender.store import alike
from sender.store.formerly import formerly
from sender.store.schema import attempts, campaigns, contacts, in_force, letters, runs, suppressions

__all__ = [
    "CampaignStanding",
    "RelayAnswer",
    "UnknownLetter",
    "answers",
    "history",
    "mails_of",
    "probable_doubles",
    "run_sums",
    "standings",
    "sums",
    "unknowns",
]

_PERSON_LIMIT = 500  # contacts asked about in one statement; SQLite allows 32,766 parameters


@dataclass(frozen=True, slots=True)
class UnknownLetter:
    """A letter whose attempt ended without an answer.

    ``message_id`` and ``opened_at`` are None where a restored base has lost the attempt, if there was one.
    """

    contact: ContactId
    message_id: str | None
    opened_at: datetime | None
    number: int


@dataclass(frozen=True, slots=True)
class CampaignStanding:
    id: int
    name: str
    path: str
    sums: Sums
    live_runs: int


@dataclass(frozen=True, slots=True)
class RelayAnswer:
    """How many letters stand refused or deferred by one answer of the relay. Its text may name people: codes only.

    ``stage``: the SMTP command that was answered.
    """

    state: LetterState
    code: int
    enhanced: str | None
    stage: str | None
    letters: int


def sums(connection: Connection, campaign_id: int) -> Sums:
    """How many letters stand where; together they are the audience."""
    counted = (
        select(letters.c.state, func.count()).where(letters.c.campaign_id == campaign_id).group_by(letters.c.state)
    )
    return Sums(**{row[0]: row[1] for row in connection.execute(counted)})


def run_sums(connection: Connection, run_id: str) -> Sums:
    """What became of one run's attempts; those still open count as ``sending``."""
    outcome = func.coalesce(attempts.c.outcome, "sending")
    counted = select(outcome, func.count()).where(attempts.c.run_id == run_id).group_by(outcome)
    found = {row[0]: row[1] for row in connection.execute(counted)}
    found.pop("untouched", None)
    return Sums(**found)


def answers(connection: Connection, campaign_id: int) -> tuple[RelayAnswer, ...]:
    """The relay's last answers about the letters that are refused or deferred, the most frequent first."""
    last = (
        (attempts.c.campaign_id == letters.c.campaign_id)
        & (attempts.c.contact_id == letters.c.contact_id)
        & (attempts.c.number == letters.c.tries)
    )
    kind = (letters.c.state, attempts.c.code, attempts.c.enhanced, attempts.c.stage)
    counted = (
        select(*kind, func.count().label("letters"))
        .join_from(letters, attempts, last)
        .where(letters.c.campaign_id == campaign_id, letters.c.state.in_(("refused", "deferred")))
        .where(attempts.c.code.is_not(None))
        .group_by(*kind)
        .order_by(func.count().desc(), *kind)
    )
    return tuple(RelayAnswer(LetterState(row[0]), *row[1:]) for row in connection.execute(counted))


def standings(connection: Connection) -> tuple[CampaignStanding, ...]:
    """Every campaign in the ledger, by name."""
    rows = connection.execute(
        select(campaigns.c.id, campaigns.c.name, campaigns.c.path).order_by(campaigns.c.name)
    ).all()
    return tuple(
        CampaignStanding(row.id, row.name, row.path, sums(connection, row.id), _live(connection, row.id))
        for row in rows
    )


def _live(connection: Connection, campaign_id: int) -> int:
    alive = select(func.count()).where(runs.c.campaign_id == campaign_id, runs.c.state == "live")
    return int(connection.execute(alive).scalar_one())


def mails_of(connection: Connection, contact: ContactId) -> tuple[tuple[str, str], ...]:
    """The campaigns in which a contact has a letter, and where it stands."""
    wanted = select(campaigns.c.name, letters.c.state).join(campaigns, campaigns.c.id == letters.c.campaign_id)
    rows = connection.execute(wanted.where(theirs(letters.c.contact_id, contact)).order_by(campaigns.c.id))
    return tuple((row[0], row[1]) for row in rows)


def unknowns(connection: Connection, campaign_id: int) -> tuple[UnknownLetter, ...]:
    """The letters that wait for ``resolve``, oldest first."""
    found = (
        select(letters.c.contact_id, attempts.c.message_id, attempts.c.opened_at, letters.c.tries)
        .outerjoin(
            attempts,
            (attempts.c.campaign_id == letters.c.campaign_id)
            & (attempts.c.contact_id == letters.c.contact_id)
            & (attempts.c.number == letters.c.tries)
            & (attempts.c.outcome == "unknown"),
        )
        .where(letters.c.campaign_id == campaign_id, letters.c.state == LetterState.UNKNOWN.value)
        .order_by(attempts.c.opened_at, letters.c.contact_id)
    )
    return tuple(UnknownLetter(ContactId(row[0]), row[1], row[2], row[3]) for row in connection.execute(found))


def probable_doubles(connection: Connection, campaign_id: int) -> tuple[tuple[ContactId, ...], ...]:
    """Contacts of the audience who seem to be one person."""
    audience = select(letters.c.contact_id).where(letters.c.campaign_id == campaign_id, letters.c.state != "withdrawn")
    return alike(connection, contacts.c.id.in_(audience))


# --- what the gates must know


def history(
    connection: Connection, campaign_id: int | None, asked: Sequence[ContactId], today: date
) -> dict[ContactId, History]:
    """For each contact: its suppression, its mails of twelve months over all campaigns, its letter's state here."""
    found: dict[ContactId, History] = {}
    for start in range(0, len(asked), _PERSON_LIMIT):
        part = asked[start : start + _PERSON_LIMIT]
        stopped = _suppressed(connection, part)
        names = {one: one for one in part} | formerly(connection, part)
        mailed = _mailed(connection, names, today)
        already = _settled(connection, campaign_id, names)
        found |= {one: History(stopped.get(one), mailed.get(one, 0), already.get(one)) for one in part}
    return found


def _suppressed(connection: Connection, asked: Sequence[ContactId]) -> dict[str, Suppression]:
    meets = or_(suppressions.c.hash == contacts.c.address_hash, suppressions.c.hash == contacts.c.domain_hash)
    joined = select(contacts.c.id, suppressions.c.reason, suppressions.c.since).join(suppressions, meets)
    stopped = joined.where(contacts.c.id.in_(asked), in_force)
    rows = connection.execute(stopped.order_by(suppressions.c.since.desc()))
    return {row[0]: Suppression(row[1], row[2]) for row in rows}  # the oldest one wins


def _mailed(connection: Connection, names: Mapping[ContactId, ContactId], today: date) -> Counter[ContactId]:
    """Unknown ones count: the person may have got them."""
    since = datetime.combine(today - timedelta(days=365), time(), UTC)
    counts = or_(attempts.c.outcome.is_(None), attempts.c.outcome.in_(("accepted", "unknown")))
    mails = (
        select(attempts.c.contact_id, func.count(attempts.c.campaign_id.distinct()))
        .where(attempts.c.contact_id.in_(list(names)), attempts.c.opened_at >= since, counts)
        .group_by(attempts.c.contact_id)
    )
    found: Counter[ContactId] = Counter()
    for name, count in connection.execute(mails):
        found[names[name]] += count
    return found


def _settled(
    connection: Connection, campaign_id: int | None, names: Mapping[ContactId, ContactId]
) -> dict[ContactId, LetterState]:
    """Accepted, refused for good, unknown, or on the wire in another run just now.

    What a former address refused, the one of today may take.
    """
    if campaign_id is None:
        return {}
    stated = (letters.c.campaign_id == campaign_id) & letters.c.contact_id.in_(list(names))
    done = letters.c.state.in_(("accepted", "refused", "unknown", "sending"))
    rows = connection.execute(select(letters.c.contact_id, letters.c.state).where(stated, done)).all()
    found: dict[ContactId, LetterState] = {}
    for name, state in sorted(rows, key=lambda row: names[row[0]] == row[0]):  # its own word last: it counts
        if names[name] == name or state != LetterState.REFUSED:
            found[names[name]] = LetterState(state)
    return found
