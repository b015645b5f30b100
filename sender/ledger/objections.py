"""Takes the objections file into the suppression list; called inside the transaction that opens attempts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import BindParameter, Connection, bindparam, select

from sender.ledger import journal
from sender.ledger.state import Objection, State
from sender.model import ContactId
from sender.store.kept import Kept
from sender.store.refusing import refuse_rows
from sender.store.schema import aliases, contacts, in_force, intakes, pending, suppressions, topic_refusals
from sender.store.statements import insert_in, slices
from sender.store.suppressing import suppress_rows

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite

__all__ = ["has_news", "take_in"]

_LONG_AGO = datetime.min.replace(tzinfo=UTC)

# Made once and kept: beside busy pages each commit of a campaign asks for them, for a few lines each time.
_READ_TO = Kept(select(intakes.c.objections_offset).where(intakes.c.host == bindparam("b_host")))
_SOME: BindParameter[Any] = bindparam("b_some", expanding=True)
_HELD = select(suppressions.c.hash).where(suppressions.c.reason == "objected", in_force, suppressions.c.hash.in_(_SOME))
_TODAY = (
    select(contacts.c.id.label("named"), contacts.c.id, contacts.c.address_hash)
    .where(contacts.c.id.in_(_SOME))
    .union_all(
        select(aliases.c.former_id, contacts.c.id, contacts.c.address_hash)
        .join(contacts)
        .where(aliases.c.former_id.in_(_SOME)),
        select(pending.c.id, contacts.c.id, contacts.c.address_hash)  # behind a letter's link the letter is named
        .join(contacts, contacts.c.id == pending.c.contact_id)
        .where(pending.c.id.in_(_SOME)),
    )
)


class _Today(NamedTuple):
    """Who somebody is by now, and under which address."""

    contact: ContactId
    address_hash: bytes


def has_news(connection: Connection, state: State) -> bool:
    """Whether the file holds what the base has not read."""
    return state.objections_size() != _read_to(connection, state)


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
    today = _today(connection, lines)
    refused = _new_refusals(connection, [one for one in lines if one.topic is not None])
    unheard = _unheard(connection, found)
    suppress_rows(connection, [{"hash": one.address_hash, "reason": one.reason, "since": one.at} for one in found])
    suppress_rows(connection, _under_todays_address(found, today))
    suppress_rows(connection, _under_other_names(connection, lines))
    connection.execute(_noting(connection.dialect.name), {"host": state.host, "objections_offset": read_to})
    refuse_rows(connection, [{"hash": one.address_hash, "topic": one.topic, "since": one.at} for one in refused])
    journal.append_all(connection, _entries(unheard, today) + _refusal_entries(refused, today))
    return len(lines)


def _read_to(connection: Connection, state: State) -> int:
    found = _READ_TO.rows(connection, {"b_host": state.host})
    return found[0][0] if found else 0


@cache
def _noting(dialect: str) -> sqlite.Insert | postgresql.Insert:
    """How far the file was read, by the host."""
    here = insert_in(dialect, intakes)
    return here.on_conflict_do_update(
        index_elements=["host"], set_={"objections_offset": here.excluded.objections_offset}
    )


def _today(connection: Connection, lines: Sequence[Objection]) -> dict[str, _Today]:
    """The contacts of the base, by the ids that the lines name: their own, or one that they had."""
    found: dict[str, _Today] = {}
    for some in slices(list({one.contact: None for one in lines})):
        asked = connection.execute(_TODAY, {"b_some": some})
        found |= {named: _Today(ContactId(contact), address_hash) for named, contact, address_hash in asked}
    return found


def _unheard(connection: Connection, found: Sequence[Objection]) -> list[Objection]:
    """The first objection of each address that came by a link and that the base does not hold yet.

    Commands that an operator gives name nobody in the file, and write into the journal themselves.
    """
    first: dict[bytes, Objection] = {}
    for one in found:
        if one.reason == "objected" and int(one.contact, 16):
            first.setdefault(one.address_hash, one)
    for some in slices(list(first)):
        for (known,) in connection.execute(_HELD, {"b_some": some}):
            del first[known]
    return list(first.values())


def _entries(said: Sequence[Objection], today: Mapping[str, _Today]) -> list[journal.NewEntry]:
    """The same entry as of an objection that a command takes; of whom the base does not know, the hash alone."""
    return [
        journal.NewEntry("objection", {"address_hash": one.address_hash.hex()}, _known(one, today), one.at)
        for one in said
    ]


def _known(one: Objection, today: Mapping[str, _Today]) -> ContactId | None:
    return today[one.contact].contact if one.contact in today else None


def _new_refusals(connection: Connection, said: Sequence[Objection]) -> list[Objection]:
    """Those that the base does not hold yet, or from an earlier day."""
    table = topic_refusals.c
    held: dict[tuple[bytes, str], datetime] = {}
    for some in slices([one.address_hash for one in said]):
        asked = select(table.hash, table.topic, table.since, table.renewed_at).where(table.hash.in_(some))
        held |= {(row[0], row[1]): row[3] or row[2] for row in connection.execute(asked)}
    return [one for one in said if held.get((one.address_hash, one.topic or ""), _LONG_AGO) < one.at]


def _refusal_entries(refused: Sequence[Objection], today: Mapping[str, _Today]) -> list[journal.NewEntry]:
    return [journal.NewEntry("topics_refused", {"topics": one.topic}, _known(one, today), one.at) for one in refused]


def _under_todays_address(found: Sequence[Objection], today: Mapping[str, _Today]) -> list[dict[str, object]]:
    """A link may be older than the contact's address or id, or than the normal form under which it is hashed."""
    return [
        {"hash": today[one.contact].address_hash, "reason": one.reason, "since": one.at}
        for one in found
        if one.contact in today and today[one.contact].address_hash != one.address_hash
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
    for some in slices(list(groups)):
        for row in connection.execute(said.where(suppressions.c.hash.in_(some), of_the_person, in_force)):
            word = {"reason": row.reason, "since": row.renewed_at or row.since}
            rows += [{"hash": other, **word} for other in groups[row.hash] - {row.hash}]
    return rows
