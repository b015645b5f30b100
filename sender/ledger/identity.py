"""A campaign is its name, with the path and the content it had at its first attempt."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, insert, select, update

from sender.errors import InputError, Place, UsageError
from sender.ledger import journal
from sender.ledger.complaints import COMPLAINTS
from sender.ledger.doubles import theirs
from sender.model import ContactId
from sender.store.schema import attempts, campaigns

__all__ = ["Identity", "accept_changes", "campaign_id_of", "identify", "known_campaign", "last_sender"]


@dataclass(frozen=True, slots=True)
class Identity:
    """``changed``: parts of the content that differ since the first attempt, to be accepted before anything is sent.
    ``same_as``: other campaigns with the very same content that have been sent from.
    """

    id: int
    name: str
    started: bool
    changed: tuple[str, ...] = ()
    same_as: tuple[str, ...] = ()


def identify(
    connection: Connection,
    name: str,
    path: Path,
    digests: Mapping[str, str],
    now: datetime,
    *,
    sender: str = "",
    record: str | None = None,
    basis: str | None = None,
) -> Identity:
    """Find or enter a campaign. Until its first attempt its content and its path may change freely.

    ``sender``: who writes, as the public pages will say it. ``record``: the entry in the record of processing.
    """
    written = _written(digests)
    purpose: dict[str, object] = {"record": record, "basis": basis}
    row = connection.execute(select(campaigns).where(campaigns.c.name == name)).one_or_none()
    if row is None:
        values = purpose | {"path": str(path), "sender": sender, "digests": written, "created_at": now}
        entered = insert(campaigns).values(name=name, **values).returning(campaigns.c.id)
        new_id = connection.execute(entered).scalar_one()
        return Identity(new_id, name, started=False, same_as=_same_content(connection, name, written))
    if row.first_attempt_at is None:
        values = purpose | {"path": str(path), "sender": sender, "digests": written}
        connection.execute(update(campaigns).where(campaigns.c.id == row.id).values(values))
        return Identity(row.id, name, started=False, same_as=_same_content(connection, name, written))
    if row.path != str(path):
        raise _taken(name, row.path, path)
    connection.execute(update(campaigns).where(campaigns.c.id == row.id).values(purpose))
    return Identity(row.id, name, started=True, changed=_changed(json.loads(row.digests), digests))


def accept_changes(connection: Connection, identity: Identity, digests: Mapping[str, str], now: datetime) -> None:
    """Take the new content as the campaign's own; the journal keeps which parts changed, and their hashes."""
    connection.execute(update(campaigns).where(campaigns.c.id == identity.id).values(digests=_written(digests)))
    payload = {"campaign": identity.name, "changed": list(identity.changed), "digests": dict(digests)}
    journal.append(connection, "changes_accepted", payload, None, now)


def last_sender(connection: Connection, contact: ContactId) -> str | None:
    """The sender named in the newest campaign that tried to write to a contact."""
    wanted = select(campaigns.c.sender).join(attempts, attempts.c.campaign_id == campaigns.c.id)
    newest = wanted.where(theirs(attempts.c.contact_id, contact)).order_by(attempts.c.opened_at.desc()).limit(1)
    return connection.execute(newest).scalar()


def known_campaign(connection: Connection, name: str) -> int | None:
    """The id of the campaign, None where it was never run."""
    return connection.execute(select(campaigns.c.id).where(campaigns.c.name == name)).scalar()


def campaign_id_of(connection: Connection, name: str) -> int:
    """The id of a campaign that was run before."""
    found = known_campaign(connection, name)
    if found is None:
        raise UsageError.of(
            "SC-524",
            COMPLAINTS["SC-524"],
            why="Only campaigns that were run once stand in the ledger.",
            todo="See the names with: send-campaign status",
        )
    return found


def _same_content(connection: Connection, name: str, written: str) -> tuple[str, ...]:
    same = (campaigns.c.digests == written) & (campaigns.c.name != name) & campaigns.c.first_attempt_at.is_not(None)
    return tuple(connection.execute(select(campaigns.c.name).where(same).order_by(campaigns.c.name)).scalars())


def _changed(before: Mapping[str, str], now: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(sorted(part for part in {*before, *now} if before.get(part) != now.get(part)))


def _written(digests: Mapping[str, str]) -> str:
    return json.dumps(dict(digests), sort_keys=True)


def _taken(name: str, path: str, other: Path) -> Exception:
    return InputError.of(
        "SC-521",
        f"{COMPLAINTS['SC-521']}: {name} is {path}",
        why="A campaign is its name: under a name used twice some people would get nothing, others two mails.",
        todo="Give this campaign another name, or run the file under its old path.",
        place=Place(str(other)),
    )
