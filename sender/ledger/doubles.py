"""What the ledger knows of one person under several ids, since doubles were merged into one contact.

Its rows stay under the ids that they were written with: what happened, happened to those. Questions about a person are
asked of all of them.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, or_, select, update

from sender.errors import UsageError
from sender.ledger.complaints import COMPLAINTS
from sender.model import ContactId
from sender.store.schema import aliases, letters

__all__ = ["leave_to", "theirs"]


def theirs(column: ColumnElement[str], contact: ContactId) -> ColumnElement[bool]:
    """Rows about a contact, under its own id or one that it had."""
    return or_(column == contact, column.in_(select(aliases.c.former_id).where(aliases.c.contact_id == contact)))


def leave_to(connection: Connection, kept: ContactId, gone: ContactId) -> None:
    """From now on ``kept`` alone gets letters, and none of a campaign that the person had as ``gone``.

    Inside the transaction that merges them. Raises UsageError while a letter to either is on the wire.
    """
    # Meets: DESIGN 4.2 (nobody gets one campaign twice)
    on_the_wire = select(letters.c.campaign_id).where(
        letters.c.contact_id.in_((kept, gone)), letters.c.state == "sending"
    )
    if connection.execute(on_the_wire).first():
        raise UsageError.of(
            "SC-530",
            COMPLAINTS["SC-530"],
            why="Whether the person got that mail is not known yet; nothing was changed.",
            todo="Wait until no run is sending (send-campaign status), then merge.",
        )
    unsettled = letters.c.state.in_(("waiting", "deferred", "held"))
    withdrawn = update(letters).values(state="withdrawn", claimed_by=None)
    connection.execute(withdrawn.where(letters.c.contact_id == gone, unsettled))
    had = select(letters.c.campaign_id).where(
        letters.c.contact_id == gone, letters.c.state.in_(("accepted", "unknown"))
    )
    connection.execute(withdrawn.where(letters.c.contact_id == kept, unsettled, letters.c.campaign_id.in_(had)))
