"""Takes the objections file into the suppression list; called inside the transaction that opens attempts."""

from __future__ import annotations

from sqlalchemy import Connection, select

from sender.address import NORMALISATION
from sender.ledger.enrolment import insert_for
from sender.ledger.state import State
from sender.store.schema import intakes, suppressions

__all__ = ["take_in"]


def take_in(connection: Connection, state: State) -> int:
    """Suppress whoever objected since the base last looked; returns how many lines were read.

    How far the file was read stands in the base itself, so that a restored base reads again what it has lost.
    """
    # Meets: GDPR art. 21(3)
    offset = connection.execute(select(intakes.c.objections_offset).where(intakes.c.host == state.host)).scalar() or 0
    size = state.objections_size()
    if size == offset:
        return 0
    found, read_to = state.objections_after(offset if offset < size else 0)
    rows = [
        {"hash": one.address_hash, "reason": one.reason, "normalisation": NORMALISATION, "since": one.at}
        for one in found
    ]
    if rows:
        connection.execute(insert_for(connection, suppressions).on_conflict_do_nothing(), rows)
    here = insert_for(connection, intakes).values(host=state.host, objections_offset=read_to)
    connection.execute(
        here.on_conflict_do_update(index_elements=["host"], set_={"objections_offset": here.excluded.objections_offset})
    )
    return len(found)
