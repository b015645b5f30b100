"""How fast letters may leave: through lanes, one for all mails and one for each receiver that takes only so many.

What a lane has let through stands in the base, written in the transaction that opens the attempts: so all runs,
processes and machines share it, and neither a kill nor a new run forgets it. Letters of a lane wait there, apart from
the others (``parking``), and a claim takes no more of them than may go now. A domain whose receiver asks for patience
gets a lane of its own, a narrow one that widens again with time (``slowing``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    TextClause,
    bindparam,
    delete,
    exists,
    func,
    or_,
    select,
    update,
)

from sender.address import stored
from sender.ledger.days import count_today, left_today
from sender.ledger.lane import Lane, OpenLane, Pace
from sender.ledger.parking import LANE, bring_back, put_aside
from sender.ledger.pauses import paused, stopped
from sender.ledger.slowing import Slowness
from sender.model import ContactId
from sender.rates import Limits
from sender.store.kept import Kept, Listed
from sender.store.schema import claimable, contacts, lanes, letters, runs
from sender.store.statements import insert_into

__all__ = [
    "Again",
    "Heard",
    "InLane",
    "LetThrough",
    "Openings",
    "again",
    "go_carefully",
    "in_lanes",
    "let_through",
    "openings",
    "settle",
    "sort",
    "waiting_in",
]


class _Row(NamedTuple):
    """A row of ``lanes``."""

    name: str
    domain_hash: bytes | None
    due: datetime | None
    level: int
    slowed_at: datetime | None

    @property
    def slowness(self) -> Slowness:
        return Slowness(self.level, self.slowed_at)


class _Lanes:
    """Those that hold now: those of the pace, and those of domains that were slowed down. Made when they are met."""

    def __init__(self, connection: Connection, pace: Pace) -> None:
        self._pace = pace
        self._rows = _rows(connection)
        self._slowed = {bytes(row.domain_hash): row for row in self._rows.values() if row.domain_hash is not None}
        self._own = {
            domain: Lane(row.name, Limits(), frozenset([domain]))
            for domain, row in self._slowed.items()
            if domain not in pace.by_domain
        }
        self._met: dict[str, OpenLane] = {}
        self.of_all = [self._meet(lane) for lane in pace.of_all]

    @property
    def of_some(self) -> list[OpenLane]:
        domains = [*self._pace.by_domain, *self._own]
        return list({one.lane.name: one for domain in domains if (one := self.own(domain))}.values())

    def own(self, domain: bytes) -> OpenLane | None:
        """The one that is for this domain."""
        lane = self._pace.by_domain.get(domain) or self._own.get(domain)
        return self._meet(lane) if lane else None

    def of(self, domain: bytes) -> list[OpenLane]:
        """Those that a letter to this domain goes through."""
        own = self.own(domain)
        return [*self.of_all, own] if own else self.of_all

    def apart(self, now: datetime) -> dict[bytes, Lane]:
        """Lanes that let only so many through, by the domains whose letters wait in them."""
        return {domain: one.lane for one in self.of_some if one.limits(now) for domain in one.lane.domains}

    def slow(self, domain: bytes) -> OpenLane:
        """The domain's lane; it has one from now on."""
        lane = Lane(f"domain-{domain.hex()[:20]}", Limits(), frozenset([domain]))
        return self.own(domain) or self._meet(self._own.setdefault(domain, lane))

    def _meet(self, lane: Lane) -> OpenLane:
        return self._met.get(lane.name) or self._met.setdefault(lane.name, self._opened(lane))

    def _opened(self, lane: Lane) -> OpenLane:
        one = OpenLane(lane)
        if row := self._rows.get(lane.name):
            _read(one, row)
        before = [self._slowed[domain] for domain in lane.domains & self._slowed.keys()]  # it was in this lane
        for row in before:
            if row.slowed_at:  # what has not begun yet would never begin here
                one.slowness = max(one.slowness, row.slowness, key=_newness)
        return one


def _rows(connection: Connection) -> dict[str, _Row]:
    return {row["name"]: _Row(**row) for row in _ROWS.named(connection)}


def _newness(one: Slowness) -> str:
    """What has not begun is newer than all that has."""
    return one.since.isoformat() if one.since else "~" if one.level else ""


def _read(one: OpenLane, row: _Row) -> None:
    one.due, one.slowness = row.due, row.slowness


def _lock(
    connection: Connection, some: Mapping[str, OpenLane], slowed: Mapping[str, bytes] = MappingProxyType({})
) -> None:
    """Nobody else lets anything through these until the transaction ends; read again, since somebody may have.

    ``slowed``: domains that have a lane of their own now, by its name.
    """
    if not some:
        return
    rows = [{"name": name, "domain_hash": slowed.get(name)} for name in sorted(some)]
    connection.execute(insert_into(connection, lanes).on_conflict_do_nothing(), rows)
    for row in map(_Row._make, connection.execute(_LOCKING, {"b_names": list(some)})):
        one, slowness = some[row.name], some[row.name].slowness
        _read(one, row)
        one.slowness = max(one.slowness, slowness, key=_newness)


def _count_waited_for(connection: Connection, some: Iterable[OpenLane], now: datetime) -> None:
    """Letters on the wire, of all campaigns, for the lanes that let only so many there."""
    by_domain = {domain: one for one in some if one.limits(now).at_once for domain in one.lane.domains}
    if by_domain:
        for domain, count in connection.execute(_ON_THE_WIRE, {"b_domains": list(by_domain)}):
            by_domain[bytes(domain)].waited_for += count


def _with_somebody(connection: Connection, some: Sequence[OpenLane]) -> list[OpenLane]:
    """Those in which letters wait, of any campaign."""
    asked = {"b_places": [(one.lane.where,) for one in some]}
    places = {row[0] for row in _SOMEBODY_IN.rows(connection, asked)} if some else set()
    return [one for one in some if one.lane.where in places]


# --- at the start of a run


def sort(connection: Connection, campaign_id: int, pace: Pace, now: datetime) -> None:
    """Put each waiting letter where it belongs by today's lanes. Lanes of domains that have recovered go.

    What a lane owes is no more than its rate of today can ask for: it may have been a slower one, or a wrong clock's.
    """
    bring_back(connection, campaign_id, LANE)
    found = _Lanes(connection, pace)
    for one in found.of_some:
        if one.limits(now):
            put_aside(connection, campaign_id, one.lane.domains, one.lane.where)
    held = {one.lane.name: one for one in (*found.of_all, *found.of_some) if one.owes_too_much(now)}
    _lock(connection, held)
    for one in held.values():
        one.forgive(now)
    _write(connection, held.values())
    recovered = [one for one in found.of_some if not one.limits(now)]
    still = {one.lane.name for one in _with_somebody(connection, recovered)}
    empty = {one.lane.name for one in recovered} - still
    connection.execute(delete(lanes).where(lanes.c.name.in_(empty)))


# --- at a claim


@dataclass(frozen=True, slots=True)
class Openings:
    """What a claim may take: ``letters`` in all; from each place where a lane's letters wait, as many as in ``lanes``;
    of the domains ``apart`` none that waits elsewhere.
    """

    letters: int
    lanes: Mapping[str, int]
    apart: Mapping[bytes, Lane]


def openings(connection: Connection, pace: Pace, most: int, now: datetime) -> Openings:
    """``most``: letters that are asked for."""
    found = _Lanes(connection, pace)
    most = min([most, *(one.room(now, most) for one in found.of_all)])
    most = left_today(connection, pace, now, most) if most else 0
    if not most:
        return Openings(0, {}, {})
    waited_in = _with_somebody(connection, found.of_some)
    _count_waited_for(connection, waited_in, now)
    rooms = {one.lane.where: one.room(now, most) for one in waited_in}
    return Openings(most, {where: room for where, room in rooms.items() if room}, found.apart(now))


@dataclass(frozen=True, slots=True)
class Again:
    """When a claim that found nothing should be made again; ``answers``: sooner, where an answer has come."""

    at: datetime
    answers: bool = False


def again(connection: Connection, campaign_id: int, pace: Pace, now: datetime) -> Again | None:
    """After a claim that found no letter; None where none waits that may be claimed, or all of the day are sent."""
    paused_whole = connection.execute(select(1).where(stopped(campaign_id))).first() is not None
    if paused_whole or not left_today(connection, pace, now, 1):
        return None
    found = _Lanes(connection, pace)
    for one in found.of_all:
        if not one.room(now, 1):
            waits = any(_waits(connection, campaign_id, where, now) for where in (None, *_places(found)))
            return Again(one.again(now)) if waits else None
    _count_waited_for(connection, found.of_some, now)
    waiting = [one for one in found.of_some if _waits(connection, campaign_id, one.lane.where, now)]
    if not waiting:
        return None
    return Again(min(one.again(now) for one in waiting), any(one.waits_for_answers(now) for one in waiting))


def _places(found: _Lanes) -> Iterator[str]:
    return (one.lane.where for one in found.of_some)


def _waits(connection: Connection, campaign_id: int, where: str | None, now: datetime) -> bool:
    return bool(waiting_in(connection, campaign_id, where, 1, now))


def waiting_in(connection: Connection, campaign_id: int, where: str | None, most: int, now: datetime) -> list[Waiting]:
    """Letters that are due in a lane; ``where`` None: outside of all lanes. Others' machines skip them from now on."""
    asked = {"b_campaign": campaign_id, "b_most": most, "b_now": now, "b_where": where}
    found = (_WAITING_THERE if where else _WAITING).rows(connection, asked)
    return [Waiting(ContactId(row[0]), bool(row[1]), bytes(row[2] or b"")) for row in found]


class Waiting(NamedTuple):
    """``paused``: its campaign or its domain is; ``domain``: by its keyed hash."""

    contact: ContactId
    paused: bool
    domain: bytes


@dataclass(frozen=True, slots=True)
class InLane:
    """So many letters of a campaign wait in a lane. ``domain``: of one of them.

    ``limits``: of a domain that asked for patience, or was paused until lately, what is left.
    """

    lane: str
    domain: str
    letters: int
    limits: Limits


def in_lanes(connection: Connection, campaign_id: int, now: datetime) -> tuple[InLane, ...]:
    """Those in which somebody waits, by name."""
    rows = _rows(connection)
    someone = func.min(contacts.c.email)
    waiting = (
        select(letters.c.claimed_by, func.count(), someone)
        .join(contacts, contacts.c.id == letters.c.contact_id)
        .where(letters.c.campaign_id == campaign_id, letters.c.claimed_by.like(f"{LANE}%"))
        .group_by(letters.c.claimed_by)
        .order_by(letters.c.claimed_by)
    )
    found = []
    for where, count, email in connection.execute(waiting):
        name = where.removeprefix(LANE)
        row = rows.get(name)
        domain = stored(email, "").domain
        limits = row.slowness.narrowed(Limits(), now) if row else Limits()
        found.append(InLane(name, domain, count, limits))
    return tuple(found)


# --- when attempts are opened


@dataclass(frozen=True, slots=True)
class LetThrough:
    """``contacts`` may be written to now; ``others`` wait, each where its letter is to be put."""

    contacts: frozenset[ContactId]
    others: Mapping[ContactId, str | None]


@dataclass(slots=True)
class Heard:
    """What the answers of a transaction say to lanes and days: ``impatient`` are domains that ask for patience,
    ``unsaid`` mails that were counted when they were opened, and of which no receiver has heard.
    """

    impatient: list[bytes] = field(default_factory=list)
    unsaid: int = 0


def let_through(
    connection: Connection, pace: Pace, asked: Mapping[ContactId, bytes], now: datetime, heard: Heard
) -> LetThrough:
    """Who of the contacts asked, in their order, may be written to now; it is counted in this transaction.

    ``asked``: contacts with the keyed hashes of their domains. Called once in a transaction, and last: machines that
    lock lanes and days in one order never wait for each other in a circle.
    """
    found = _Lanes(connection, pace)
    slowed, new = _slowed(found, pace, heard.impatient)
    touched = slowed | {one.lane.name: one for domain in asked.values() for one in found.of(domain)}
    _lock(connection, touched, new)
    for one in slowed.values():
        one.be_patient(now)
    _count_waited_for(connection, touched.values(), now)
    if pace.warm_up:
        count_today(connection, pace, now, 0)  # nobody else counts until the transaction ends
    left = left_today(connection, pace, now, len(asked))
    through: set[ContactId] = set()
    others: dict[ContactId, str | None] = {}
    for contact, domain in asked.items():
        if len(through) < left and all(one.room(now, 1) for one in found.of(domain)):
            through.add(contact)
            for one in found.of(domain):
                one.let_one_through(now)
        else:
            own = found.own(domain)
            others[contact] = own.lane.where if own and own.limits(now) else None
    _write(connection, touched.values())
    count_today(connection, pace, now, len(through) - heard.unsaid)
    return LetThrough(frozenset(through), others)


def settle(connection: Connection, pace: Pace, now: datetime, heard: Heard) -> None:
    """The same where nobody is to be written to."""
    if heard.impatient or heard.unsaid:
        let_through(connection, pace, {}, now, heard)


def go_carefully(connection: Connection, pace: Pace, domains: Sequence[bytes], now: datetime) -> None:
    """The lanes of these domains let one mail through at a time, until that has gone well for a while."""
    careful, new = _slowed(_Lanes(connection, pace), pace, domains)
    _lock(connection, careful, new)
    for one in careful.values():
        one.go_carefully(now)
    _write(connection, careful.values())


def _write(connection: Connection, some: Iterable[OpenLane]) -> None:
    rows = [
        {"b_name": one.lane.name, "b_due": one.due, "b_level": one.slowness.level, "b_since": one.slowness.since}
        for one in some
    ]
    if rows:
        connection.execute(_KEEPING, rows)


def _slowed(found: _Lanes, pace: Pace, domains: Iterable[bytes]) -> tuple[dict[str, OpenLane], dict[str, bytes]]:
    """The lanes of these domains, by name; and those of them that are a domain's own from now on."""
    slowed: dict[str, OpenLane] = {}
    own: dict[str, bytes] = {}
    for domain in domains:
        one = found.slow(domain)
        slowed[one.lane.name] = one
        if domain not in pace.by_domain:
            own[one.lane.name] = domain
    return slowed, own


# Said once: making a statement anew costs more than running it
def _waiting(*there: ColumnElement[bool] | TextClause) -> Select[Any]:
    due = or_(letters.c.next_try.is_(None), letters.c.next_try <= bindparam("b_now"))
    return (
        select(
            letters.c.contact_id,
            paused(bindparam("b_campaign")),
            contacts.c.domain_hash,
        )
        .select_from(letters.outerjoin(contacts, contacts.c.id == letters.c.contact_id))
        .where(letters.c.campaign_id == bindparam("b_campaign"), *there, due)
        .limit(bindparam("b_most"))
        .with_for_update(skip_locked=True, of=letters)
    )


# In the order of their index: else SQLite, which keeps no statistics, walks through all that was sent before
_WAITING = Kept(_waiting(claimable).order_by(letters.c.next_try))
_WAITING_THERE = Kept(
    _waiting(
        letters.c.claimed_by == bindparam("b_where"), or_(letters.c.state == "waiting", letters.c.state == "deferred")
    )
)
_PLACES = Listed("b_places", where=str)
_SOMEBODY_IN = Kept(select(_PLACES["where"]).where(exists().where(letters.c.claimed_by == _PLACES["where"])))
_ROWS = Kept(select(lanes))
_LOCKING = (
    select(lanes).where(lanes.c.name.in_(bindparam("b_names", expanding=True))).order_by(lanes.c.name).with_for_update()
)
_ON_THE_WIRE = (
    select(contacts.c.domain_hash, func.count())
    .join(letters, letters.c.contact_id == contacts.c.id)
    .where(
        letters.c.claimed_by.in_(select(runs.c.id).where(runs.c.state == "live")),
        letters.c.state == "sending",
        contacts.c.domain_hash.in_(bindparam("b_domains", expanding=True)),
    )
    .group_by(contacts.c.domain_hash)
)
_KEEPING = (
    update(lanes)
    .where(lanes.c.name == bindparam("b_name"))
    .values(due=bindparam("b_due"), level=bindparam("b_level"), slowed_at=bindparam("b_since"))
)
