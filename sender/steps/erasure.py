"""Removes a person from everything that this program keeps, and says which of the firm's own files still hold them.

What stays: a keyed hash of the address, which keeps the person out of every later import, and entries of the proof
that name nobody. The word goes to the objections file first, apart from the data base, so that a base that comes back
from a backup erases the person again.
"""

from __future__ import annotations

import binascii
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Select, Table, delete, func, select, update

from sender import contacts, ledger
from sender.campaign import load as load_campaign
from sender.errors import Place, SenderError, Unreachable
from sender.model import Address, Contact, ContactId
from sender.steps.holdings import HOLDINGS, Fate, Subject, Whose, subject
from sender.steps.house import House
from sender.store import schema

__all__ = ["COMPLAINTS", "Foreseen", "Trace", "erase", "erase_again", "foresee", "spreadsheets"]

COMPLAINTS = {"SC-615": "A file that names the person cannot be deleted"}

PREVIEWS, PRACTICE_MAILBOX = "previews", "practice-mailbox"


@dataclass(frozen=True, slots=True)
class Trace:
    """A file of the firm's own that names the person. ``lines`` is empty where it could not be searched."""

    path: Path
    lines: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What erasing would do. ``rows``: how many, by table, of those that are deleted or blanked."""

    who: Subject
    rows: Mapping[str, int]
    files: tuple[Path, ...]


def foresee(house: House, address: Address) -> Foreseen:
    with house.store.read() as connection:
        who = subject(connection, house, address)
        rows = {
            one.table.name: int(
                connection.execute(select(func.count()).select_from(one.table).where(one.theirs(who))).scalar_one()
            )
            for one in HOLDINGS
            if one.fate is not Fate.KEPT
        }
        exports = [Path(path) for path in connection.execute(exports_of(who)).scalars()]
    named = [path for path in exports if path.exists()]
    return Foreseen(
        who,
        {table: n for table, n in rows.items() if n},
        (*named, *own_files(house.project, who.addresses, filter(None, [who.contact]))),
    )


def erase(house: House, foreseen: Foreseen) -> bool:
    """Do it. False where bytes of the person may still lie in the data base's log, which somebody reads just now."""
    # Meets: GDPR art. 17, art. 5(2); FR F11
    who, now = foreseen.who, house.now()
    own = house.hash_of(who.address)
    known = who.contact.id if who.contact else None
    hashes = [house.hash_of(address) for address in who.addresses]
    for each in hashes:
        house.state.record_objection(known or ledger.NOBODY, each, now, "erased")
    for path in foreseen.files:  # first: whoever is erased in the base leaves no word of which files are theirs
        delete_file(path)
    with house.store.write() as connection:
        for each in hashes:
            contacts.suppress(connection, each, "erased", now)
        forget(connection, who)
        record = ledger.journal.append
        contacts.answered(connection, known, own, "erasure", "erased", today=house.today, record=record, now=now)
        head = record(connection, "erased", {"rows": dict(foreseen.rows)}, known, now)
    house.keep_head(head)
    return house.store.scrub()


def erase_again(house: House) -> int:
    """A base that came back from a backup forgets those who were erased since; returns how many they were."""
    now = house.now()
    with house.store.write() as connection:
        ledger.take_in(connection, house.state)
        back = list(_come_back(connection))
        for contact in back:
            who = subject(connection, house, contact.email)
            for path in connection.execute(exports_of(who)).scalars():
                delete_file(Path(path))
            forget(connection, who)
            ledger.journal.append(connection, "erased", {"again": True}, contact.id, now)
    if back:
        house.store.scrub()
    return len(back)


def forget(connection: Connection, who: Whose) -> None:
    """Apply what ``HOLDINGS`` says; letters that wait are withdrawn, since nobody is there to get them."""
    (theirs,) = (holding.theirs(who) for holding in HOLDINGS if holding.table is schema.letters)
    waiting = schema.letters.c.state.in_(("waiting", "deferred"))
    connection.execute(update(schema.letters).where(theirs, waiting).values(state="withdrawn", claimed_by=None))
    for holding in HOLDINGS:
        if holding.fate is Fate.BLANKED:
            blank = dict.fromkeys(holding.blanked)
            connection.execute(update(holding.table).where(holding.theirs(who)).values(blank))
    for holding in reversed(HOLDINGS):  # the contact last: rows of consents go only with their contact
        if holding.fate is Fate.DELETED and not _goes_with_contact(holding.table):
            connection.execute(delete(holding.table).where(holding.theirs(who)))


def _goes_with_contact(table: Table) -> bool:
    """Rows that the data base deletes together with the contact, and only then."""
    return any(key.ondelete == "CASCADE" for key in table.foreign_keys)


def _come_back(connection: Connection) -> Iterator[Contact]:
    """Contacts of the base who are on the list of the erased."""
    meets = schema.suppressions.c.hash == schema.contacts.c.address_hash
    gone = select(schema.contacts.c.id).join(schema.suppressions, meets).where(schema.suppressions.c.reason == "erased")
    yield from contacts.page(connection, [ContactId(one) for one in connection.execute(gone).scalars()])


def delete_file(path: Path) -> None:
    """Raises Unreachable where it stays."""
    try:
        path.unlink(missing_ok=True)
    except OSError as problem:
        raise Unreachable.of(
            "SC-615",
            f"{COMPLAINTS['SC-615']}: {problem.strerror}",
            why="The erasure stopped here, so that it does not look done while this file is there; no mail is sent.",
            todo="Let this user delete the file, or delete it yourself; then run the erasure again.",
            place=Place(str(path)),
        ) from None


def exports_of(who: Whose) -> Select[str]:
    return select(schema.exports.c.path).where(schema.exports.c.contact_id.in_(who.ids))


# --- files of ours


def own_files(project: Path, addresses: Iterable[Address], people: Iterable[Contact]) -> Iterator[Path]:
    """Previews and practice mails that name the people. The three files of one preview go together."""
    needles = _needles(addresses, people)
    named = {path.stem for path in _files(project / PREVIEWS) if _names(path, needles)}
    yield from (path for path in _files(project / PREVIEWS) if path.stem in named)
    for folder in ("new", "cur", "tmp"):
        yield from (path for path in _files(project / PRACTICE_MAILBOX / folder) if _names(path, needles))


def _needles(addresses: Iterable[Address], people: Iterable[Contact]) -> tuple[bytes, ...]:
    texts = {address.spec for address in addresses}
    for one in people:
        texts.add(one.email.spec)
        if one.first_name and one.last_name:
            texts.add(f"{one.first_name} {one.last_name}")
    return tuple({text.lower().encode() for text in texts})


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_file()) if folder.is_dir() else []


def _names(path: Path, needles: Iterable[bytes]) -> bool:
    """As it stands in the file, and with the encoding of mail bodies undone."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return False
    plain = (content + b"\n" + binascii.a2b_qp(content)).decode(errors="replace").lower().encode()
    return any(needle in plain for needle in needles)


# --- files of the firm's own


def spreadsheets(house: House, who: Subject) -> list[Trace]:
    """The contact files that were read into the base, and the campaigns', where they still hold the person."""
    with house.store.read() as connection:
        paths = {Path(path) for path in connection.execute(select(schema.imports.c.path)).scalars() if path}
        campaigns = [Path(path) for path in connection.execute(select(schema.campaigns.c.path)).scalars()]
    paths |= set(filter(None, map(_contact_file, campaigns)))
    traces = (_trace(path, who) for path in sorted(paths) if path.exists())
    return [trace for trace in traces if trace is not None]


def _contact_file(campaign: Path) -> Path | None:
    try:
        audience = load_campaign(campaign).audience if campaign.exists() else None
    except SenderError:  # a campaign that is no longer whole names no file
        return None
    return audience.contacts if audience and audience.select is None else None


def _trace(path: Path, who: Subject) -> Trace | None:
    try:
        lines = contacts.lines_naming(path, who.addresses)
    except SenderError:
        return Trace(path, ())
    return Trace(path, lines) if lines else None
