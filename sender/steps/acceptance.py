"""Which rule packs the operator has accepted: journalled, with the version and what it allowed then.

An accepted pack stays accepted in a newer version, unless that one is looser in anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from sender.law import Pack, allowances, load, loosened, pack_ids
from sender.ledger import JournalHead, journal

KIND = "pack_accepted"


@dataclass(frozen=True, slots=True)
class Acceptance:
    """One word of the operator. ``allowed``: what the pack allowed when it was accepted (`sender.law.allowances`)."""

    pack: str
    version: str
    reviewed_by: str
    note: str
    at: datetime
    allowed: Mapping[str, int]

    @property
    def looser_now(self) -> tuple[str, ...]:
        """In what the installed version allows more; then it has to be accepted again."""
        return loosened(self.allowed, allowances(load(self.pack)))

    @property
    def label(self) -> str:
        """What the resolver reads: the installed version where it allows no more, else the one accepted."""
        return f"{self.pack}@{self.version}" if self.looser_now else load(self.pack).label


def accept(connection: Connection, pack: Pack, *, reviewed_by: str, note: str, now: datetime) -> JournalHead:
    """Write down that somebody answers for the installed version of a pack."""
    word = {
        "pack": pack.id,
        "version": pack.version.isoformat(),
        "reviewed_by": reviewed_by,
        "note": note,
        "allowed": allowances(pack),
    }
    return journal.append(connection, KIND, word, None, now)


def recorded(connection: Connection) -> dict[str, Acceptance]:
    """The newest acceptance of each pack that there still is."""
    found = {}
    for at, word in journal.entries(connection, KIND):
        if word["pack"] in pack_ids():
            found[word["pack"]] = Acceptance(
                word["pack"], word["version"], word["reviewed_by"], word["note"], at, word["allowed"]
            )
    return found
