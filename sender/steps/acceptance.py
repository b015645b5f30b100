"""Which rule packs the operator has accepted: journalled, with the version, its content and what it allowed then.

Three kinds of entries: somebody accepted a pack, the settings named it when it was first used (`pin`), somebody took
the word back. The newest counts. An accepted pack stays accepted in a newer version, unless that one is looser in
anything; one whose content is another under the same version counts for nothing until it is accepted again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Connection

from sender.errors import Complaint, SettingsError
from sender.law import Pack, allowances, fingerprint, load, loosened, pack_ids
from sender.ledger import JournalHead, journal

COMPLAINTS = {"SC-119": "A rule pack is accepted that is not installed"}


class Word(StrEnum):
    """What was said, as the journal names it."""

    ACCEPTED = "pack_accepted"
    NAMED = "pack_named"  # in the settings, when it was first used
    REVOKED = "pack_revoked"


@dataclass(frozen=True, slots=True)
class Acceptance:
    """One word of the operator. ``allowed``: what the pack allowed then (`sender.law.allowances`).

    ``content``: SHA-256 of the pack's file; empty in entries that are older than it.
    """

    word: Word
    pack: str
    version: str
    reviewed_by: str
    note: str
    at: datetime
    allowed: Mapping[str, int]
    content: str = ""

    @property
    def looser_now(self) -> tuple[str, ...]:
        """In what the installed version allows more; then it has to be accepted again."""
        return loosened(self.allowed, allowances(load(self.pack)))

    @property
    def altered(self) -> bool:
        """The installed file calls itself the version that was accepted, and says something else."""
        same_version = self.version == load(self.pack).version.isoformat()
        return bool(self.content) and same_version and self.content != fingerprint(self.pack)

    @property
    def void(self) -> bool:
        """Nothing may rest on the pack, whatever the settings say."""
        return self.word is Word.REVOKED or self.altered

    @property
    def label(self) -> str:
        """What the resolver reads: the installed version where it allows no more, else the one accepted."""
        return f"{self.pack}@{self.version}" if self.looser_now else load(self.pack).label


Recorded = Mapping[str, Acceptance]
"""The newest word about each pack."""


def accept(connection: Connection, pack: Pack, *, reviewed_by: str, note: str, now: datetime) -> JournalHead:
    """Write down that somebody answers for the installed version of a pack."""
    return _write(connection, Word.ACCEPTED, pack, reviewed_by, note, now)


def revoke(connection: Connection, pack: Pack, *, revoked_by: str, note: str, now: datetime) -> JournalHead:
    """Write down that nobody answers for a pack any more; the settings cannot bring it back."""
    return _write(connection, Word.REVOKED, pack, revoked_by, note, now)


def pin(connection: Connection, named: Iterable[str], words: Recorded, now: datetime) -> None:
    """Write down in which version the packs that the settings name are used for the first time."""
    for entry in named:
        pack_id = entry.partition("@")[0]
        before = words.get(pack_id)
        if _is_country(pack_id) and (before is None or _outdated(before, entry)):
            _write(connection, Word.NAMED, load(pack_id), "the settings", entry, now)


def _outdated(before: Acceptance, entry: str) -> bool:
    """The settings now name the installed version itself, after another one was used."""
    installed = load(before.pack)
    return entry == installed.label and before.version != installed.version.isoformat() and not before.void


def _write(connection: Connection, word: Word, pack: Pack, who: str, note: str, now: datetime) -> JournalHead:
    said = {
        "pack": pack.id,
        "version": pack.version.isoformat(),
        "content": fingerprint(pack.id),
        "reviewed_by": who,
        "note": note,
        "allowed": allowances(pack),
    }
    return journal.append(connection, word.value, said, None, now)


def recorded(connection: Connection) -> dict[str, Acceptance]:
    """The newest word about each pack that there still is."""
    said = [
        (seq, Acceptance(word, **{key: value for key, value in payload.items() if key in _KEYS}, at=at))
        for word in Word
        for seq, at, payload in journal.numbered(connection, word.value)
        if payload["pack"] in pack_ids()
    ]
    return {word.pack: word for _, word in sorted(said, key=lambda one: one[0])}


_KEYS = frozenset({"pack", "version", "reviewed_by", "note", "allowed", "content"})


def newest(*bases: Recorded) -> dict[str, Acceptance]:
    """Of several bases' words about one pack the latest."""
    words = sorted((word for base in bases for word in base.values()), key=lambda word: word.at)
    return {word.pack: word for word in words}


def in_force(named: Iterable[str], words: Recorded) -> frozenset[str]:
    """What the resolver may take as accepted: the settings' packs and the journal's.

    A pack that the settings name without a version is accepted as it was when it was first used (`pin`).
    Raises SettingsError for a version that nobody can have read.
    """
    named = tuple(named)
    SettingsError.unless_empty(filter(None, map(_not_installed, named)))
    found = {word.label for word in words.values() if word.word is Word.ACCEPTED and not word.void}
    for entry in named:
        pack_id, _, version = entry.partition("@")
        word = words.get(pack_id)
        if word is None or not word.void:
            found.add(entry if version or word is None else word.label)
    return frozenset(found)


def _not_installed(entry: str) -> Complaint | None:
    pack_id, _, version = entry.partition("@")
    if not _is_country(pack_id):
        what, todo = (
            f"accepted_packs names {pack_id}, which is no country's rule pack",
            f"There are: {', '.join(filter(_is_country, pack_ids()))}",
        )
    elif version and not _is_past(version, load(pack_id)):
        label = load(pack_id).label
        what, todo = (
            f"accepted_packs names {entry}; installed is {label}",
            f"Read it (law show {pack_id}), then write  {label}",
        )
    else:
        return None
    return Complaint("SC-119", what, "Nobody can have read what is not there, so nothing is judged by it.", todo)


def _is_country(pack_id: str) -> bool:
    return pack_id in pack_ids() and load(pack_id).kind == "country"


def _is_past(version: str, pack: Pack) -> bool:
    try:
        return date.fromisoformat(version) <= pack.version
    except ValueError:
        return False
