"""What people had corrected, as the journal's entries tell it; no file that is read in afterwards says otherwise."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, select

from sender.model import Contact, ContactId
from sender.store.schema import journal, journal_payloads
from sender.store.statements import slices

__all__ = ["corrections", "with_corrections"]

_AFTER = ".after"


def corrections(connection: Connection, ids: Collection[ContactId]) -> Iterator[tuple[ContactId, dict[str, Any]]]:
    """Whose, and what: columns as ``title.before`` and ``title.after``; of each contact in the order of time."""
    told = select(journal.c.contact_id, journal_payloads.c.payload).join(
        journal_payloads, journal_payloads.c.seq == journal.c.seq
    )
    for some in slices(list(ids)):
        theirs = told.where(journal.c.contact_id.in_(some), journal.c.kind == "rectified").order_by(journal.c.seq)
        for contact, said in connection.execute(theirs):
            yield contact, json.loads(said)


def with_corrections(connection: Connection, contacts: Sequence[Contact]) -> list[Contact]:
    """Contacts that a file is to be merged into."""
    # Meets: GDPR art. 5(1)(d), 16
    found: dict[ContactId, frozenset[str]] = {}
    for contact, said in corrections(connection, [one.id for one in contacts]):
        names = {name.removesuffix(_AFTER) for name in said if name.endswith(_AFTER)}
        found[contact] = found.get(contact, frozenset()) | names
    return [replace(one, corrected=found[one.id]) if one.id in found else one for one in contacts]
