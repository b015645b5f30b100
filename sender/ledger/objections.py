"""Takes the objections file into the suppression list; called inside the transaction that opens attempts."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, select

from sender.ledger.enrolment import insert_for
from sender.ledger.state import Objection, State
from sender.store.schema import aliases, contacts, intakes
from sender.store.suppressing import suppress_rows

__all__ = ["take_in"]

_BATCH = 1000  # parameters of one SELECT
_READ_TO = select(intakes.c.objections_offset).where(intakes.c.host == bindparam("b_host"))  # asked with every commit


def take_in(connection: Connection, state: State) -> int:
    """Suppress whoever objected since the base last looked; returns how many lines were read.

    How far the file was read stands in the base itself, so that a restored base reads again what it has lost. A line
    counts from its own date: an old one does not undo a consent that was given since, a newer one does.
    """
    # Meets: GDPR art. 21(3)
    offset = connection.execute(_READ_TO, {"b_host": state.host}).scalar() or 0
    size = state.objections_size()
    if size == offset:
        return 0
    found, read_to = state.objections_after(offset if offset < size else 0)
    suppress_rows(connection, [{"hash": one.address_hash, "reason": one.reason, "since": one.at} for one in found])
    suppress_rows(connection, _under_todays_address(connection, found))
    here = insert_for(connection, intakes).values(host=state.host, objections_offset=read_to)
    connection.execute(
        here.on_conflict_do_update(index_elements=["host"], set_={"objections_offset": here.excluded.objections_offset})
    )
    return len(found)


def _under_todays_address(connection: Connection, found: Sequence[Objection]) -> list[dict[str, object]]:
    """A link may be older than the contact's address or id, or than the normal form under which it is hashed."""
    rows: list[dict[str, object]] = []
    for start in range(0, len(found), _BATCH):
        some = {one.contact: one for one in found[start : start + _BATCH]}
        own = select(contacts.c.id, contacts.c.address_hash).where(contacts.c.id.in_(list(some)))
        former = select(aliases.c.former_id, contacts.c.address_hash).join(contacts)
        theirs = own.union_all(former.where(aliases.c.former_id.in_(list(some))))
        for contact, today in connection.execute(theirs):
            one = some[contact]
            if today != one.address_hash:
                rows.append({"hash": today, "reason": one.reason, "since": one.at})
    return rows
