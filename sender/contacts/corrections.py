"""What people had corrected: no file that is read in afterwards says otherwise."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy import Connection, select

from sender.model import ContactId
from sender.store.schema import journal, journal_payloads
from sender.store.statements import slices

__all__ = ["corrected_of"]

_AFTER = ".after"


def corrected_of(connection: Connection, ids: Sequence[ContactId]) -> dict[ContactId, frozenset[str]]:
    """By contact, the columns that were corrected on the person's word; of those contacts alone who had any."""
    # Meets: GDPR art. 5(1)(d), 16
    found: dict[ContactId, frozenset[str]] = {}
    told = select(journal.c.contact_id, journal_payloads.c.payload).join(
        journal_payloads, journal_payloads.c.seq == journal.c.seq
    )
    for some in slices(ids):
        theirs = told.where(journal.c.contact_id.in_(some), journal.c.kind == "rectified")
        for contact, said in connection.execute(theirs):
            names = {name.removesuffix(_AFTER) for name in json.loads(said) if name.endswith(_AFTER)}
            found[contact] = found.get(contact, frozenset()) | names
    return found
