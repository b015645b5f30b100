"""Takes the objections file into the suppression list; called inside the transaction that opens attempts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from sqlalchemy import Connection, bindparam, select

from sender.ledger import journal
from sender.ledger.state import Objection, State
from sender.model import ContactId
from sender.store.refusing import refuse_rows
from sender.store.schema import aliases, contacts, in_force, intakes, suppressions, topic_refusals
from sender.store.statements import insert_into
from sender.store.suppressing import suppress_rows

__all__ = ["take_in"]

T = TypeVar("T")

_LONG_AGO = datetime.min.replace(tzinfo=UTC)

_BATCH = 1000  # parameters of one SELECT
_READ_TO = select(intakes.c.objections_offset).where(intakes.c.host == bindparam("b_host"))  # asked with every commit


def take_in(connection: Connection, state: State) -> int:
    """Suppress whoever objected since the base last looked, and journal it; returns how many lines were read.

    How far the file was read stands in the base itself, so that a restored base reads again what it has lost. A line
    counts from its own date: an old one does not undo a consent that was given since, a newer one does.
    """
    # Meets: GDPR art. 21(3)
    size = state.objections_size()
    if size == _read_to(connection, state):
        return 0
    journal.take_turn(connection)  # whoever takes these lines in beside us is done before we look again
    offset = _read_to(connection, state)
    lines, read_to = state.objections_after(offset if offset < size else 0)
    found = [one for one in lines if one.same_as is None and one.topic is None]
    refused = _new_refusals(connection, [one for one in lines if one.topic is not None])
    unheard = _unheard(connection, found)
    suppress_rows(connection, [{"hash": one.address_hash, "reason": one.reason, "since": one.at} for one in found])
    suppress_rows(connection, _under_todays_address(connection, found))
    suppress_rows(connection, _under_other_names(connection, lines))
    here = insert_into(connection, intakes).values(host=state.host, objections_offset=read_to)
    connection.execute(
        here.on_conflict_do_update(index_elements=["host"], set_={"objections_offset": here.excluded.objections_offset})
    )
    refuse_rows(connection, [{"hash": one.address_hash, "topic": one.topic, "since": one.at} for one in refused])
    journal.append_all(connection, _entries(connection, unheard) + _refusal_entries(connection, refused))
    return len(lines)


def _read_to(connection: Connection, state: State) -> int:
    return connection.execute(_READ_TO, {"b_host": state.host}).scalar() or 0


def _unheard(connection: Connection, found: Sequence[Objection]) -> list[Objection]:
    """The first objection of each address that came by a link and that the base does not hold yet.

    Commands that an operator gives name nobody in the file, and write into the journal themselves.
    """
    first: dict[bytes, Objection] = {}
    for one in found:
        if one.reason == "objected" and int(one.contact, 16):
            first.setdefault(one.address_hash, one)
    held = select(suppressions.c.hash).where(suppressions.c.reason == "objected", in_force)
    for some in _batches(list(first), _BATCH):
        for (known,) in connection.execute(held.where(suppressions.c.hash.in_(some))):
            del first[known]
    return list(first.values())


def _entries(connection: Connection, said: Sequence[Objection]) -> list[journal.NewEntry]:
    """The same entry as of an objection that a command takes; of whom the base does not know, the hash alone."""
    known = _known(connection, said)
    return [
        journal.NewEntry("objection", {"address_hash": one.address_hash.hex()}, known.get(one.contact), one.at)
        for one in said
    ]


def _known(connection: Connection, said: Sequence[Objection]) -> dict[ContactId, ContactId]:
    """The contacts of the base, by the ids that the lines name: their own, or one that they had."""
    known: dict[ContactId, ContactId] = {}
    for some in _batches([one.contact for one in said], _BATCH):
        own = select(contacts.c.id, contacts.c.id).where(contacts.c.id.in_(some))
        former = select(aliases.c.former_id, contacts.c.id).join(contacts).where(aliases.c.former_id.in_(some))
        known |= {ContactId(row[0]): ContactId(row[1]) for row in connection.execute(own.union_all(former))}
    return known


def _new_refusals(connection: Connection, said: Sequence[Objection]) -> list[Objection]:
    """Those that the base does not hold yet, or from an earlier day."""
    table = topic_refusals.c
    held: dict[tuple[bytes, str], datetime] = {}
    for some in _batches([one.address_hash for one in said], _BATCH):
        asked = select(table.hash, table.topic, table.since, table.renewed_at).where(table.hash.in_(some))
        held |= {(row[0], row[1]): row[3] or row[2] for row in connection.execute(asked)}
    return [one for one in said if held.get((one.address_hash, one.topic or ""), _LONG_AGO) < one.at]


def _refusal_entries(connection: Connection, refused: Sequence[Objection]) -> list[journal.NewEntry]:
    known = _known(connection, refused)
    return [
        journal.NewEntry("topics_refused", {"topics": one.topic}, known.get(one.contact), one.at) for one in refused
    ]


def _under_todays_address(connection: Connection, found: Sequence[Objection]) -> list[dict[str, object]]:
    """A link may be older than the contact's address or id, or than the normal form under which it is hashed."""
    today: dict[str, bytes] = {}
    for some in _batches([one.contact for one in found], _BATCH):
        own = select(contacts.c.id, contacts.c.address_hash).where(contacts.c.id.in_(some))
        former = select(aliases.c.former_id, contacts.c.address_hash).join(contacts)
        theirs = own.union_all(former.where(aliases.c.former_id.in_(some)))
        today |= {row[0]: row[1] for row in connection.execute(theirs)}
    return [
        {"hash": today[one.contact], "reason": one.reason, "since": one.at}
        for one in found
        if one.contact in today and today[one.contact] != one.address_hash
    ]


def _under_other_names(connection: Connection, lines: Sequence[Objection]) -> list[dict[str, object]]:
    """What stands against one address of a person, in a base that does not know yet that it has several."""
    groups: dict[bytes, set[bytes]] = {}
    for one in lines:
        if other := one.same_as:
            group = groups.get(one.address_hash, {one.address_hash}) | groups.get(other, {other})
            groups |= dict.fromkeys(group, group)
    rows: list[dict[str, object]] = []
    said = select(suppressions.c.hash, suppressions.c.reason, suppressions.c.since, suppressions.c.renewed_at)
    of_the_person = suppressions.c.reason.not_in(("bounced", "domain"))  # a bounce belongs to an address alone
    for some in _batches(list(groups), _BATCH):
        for row in connection.execute(said.where(suppressions.c.hash.in_(some), of_the_person, in_force)):
            word = {"reason": row.reason, "since": row.renewed_at or row.since}
            rows += [{"hash": other, **word} for other in groups[row.hash] - {row.hash}]
    return rows


def _batches(rows: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (rows[start : start + size] for start in range(0, len(rows), size))
