"""What people ask of their own data on the public pages: a letter to the address on file, then what it allows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from sender import contacts, ledger
from sender.cli.dossier_json import as_json
from sender.cli.dossier_page import body, page
from sender.cli.person_export import packed
from sender.contacts import Pending, pending
from sender.errors import SenderError
from sender.links import LinkTarget
from sender.logs import get_logger
from sender.model import Address, Contact, ContactId
from sender.papers import Paper
from sender.steps import erasure, rights
from sender.steps.dossier import Dossier, gather
from sender.steps.house import House
from sender.steps.registration import use_of
from sender.web import Claim, Done, Known, Settled
from sender.web.pages import LANGUAGES

_CHANNEL = "page"


@dataclass(frozen=True, slots=True)
class OwnData:
    """Fills ``web.Rights``. Every method raises while the base is out of reach."""

    house: House

    # --- the letter

    def ask(self, target: LinkTarget, language: str, client: str | None, at: datetime) -> None:
        """Suppressed or not: whoever objected may see what is held, too. Not to an address that a link moved to."""
        # Meets: GDPR art. 12(6) (reasonable doubts on who is asking)
        house = self.house
        with house.store.write() as connection:
            ledger.take_in(connection, house.state)
            contact = contacts.by_id(connection, target.contact)
            if contact is None or not rights.may_get_a_letter(connection, house, contact):
                return
            own, spoken = house.hash_of(contact.email), contact.language if contact.language in LANGUAGES else language
            wish = Pending(pending.DATA, contact.email, own, at, {"language": spoken}, client, contact.id)
            pending.asked(connection, wish)

    def look(self, target: LinkTarget, at: datetime) -> Known | None:
        with self.house.store.read() as connection:
            found = self._found(connection, target, at)
        if found is None:
            return None
        wish, contact = found
        return Known(contact.email, wish.said["language"], rights.correctable(contact))

    # --- what is held

    def see(self, target: LinkTarget, language: str, at: datetime) -> str | None:
        dossiers = self._gathered(target, at)
        return None if dossiers is None else body(dossiers, language, self._notice(language), "dossier.on_page")

    def download(self, target: LinkTarget, language: str, at: datetime) -> bytes | None:
        dossiers = self._gathered(target, at)
        if dossiers is None:
            return None
        shown = page(dossiers, language, self._notice(language), "dossier.on_page")
        return packed(as_json(dossiers, language), shown, dossiers[0].made_at)

    def _notice(self, language: str) -> Paper | None:
        """A declaration that is wrong keeps nobody from their data; the pages tell of it where they show the notice."""
        try:
            return use_of(self.house, language)
        except SenderError as error:
            get_logger().error("data", where="notice", codes=[one.code for one in error.complaints])
            return None

    def _gathered(self, target: LinkTarget, at: datetime) -> list[Dossier] | None:
        """What is held before anybody asked; that it was asked for, and answered, is in the register."""
        email = self._email(target, at)
        if email is None:
            return None
        with _with_copies(self.house) as (opened, _):
            dossiers = [gather(each, email) for each in opened]
        rights.shown(self.house, dossiers[0].who, channel=_CHANNEL)
        return dossiers

    # --- what is asked of it

    def settle(self, target: LinkTarget, claim: Claim, said: Mapping[str, str], at: datetime) -> Settled:
        if claim is Claim.OBJECT:
            return self._stop(target, at)
        email = self._email(target, at)
        if email is None:
            return Settled(Done.GONE)
        if claim is Claim.CORRECT:
            return self._correct(email, said)
        if claim is Claim.DELETE:
            return self._delete(email)
        rights.restrict(self.house, email, channel=_CHANNEL)
        return Settled(Done.YES)

    def _stop(self, target: LinkTarget, at: datetime) -> Settled:
        """Where the base is away or busy the file is enough: every transaction that opens an attempt reads it."""
        # Meets: GDPR art. 21(3)
        try:
            email = self._email(target, at)
            if email is None:
                return Settled(Done.GONE)
            rights.stop(self.house, email, channel=_CHANNEL)
        except SenderError as error:
            get_logger().warning("data", where="objection", codes=[one.code for one in error.complaints])
            self.house.state.record_objection(target.contact, target.address_hash, at)
        return Settled(Done.YES)

    def _correct(self, email: Address, said: Mapping[str, str]) -> Settled:
        """What differs from what stands there; nothing of it where one thing is not understood."""
        with self.house.store.read() as connection:
            contact = contacts.by_email(connection, email)
        if contact is None:
            return Settled(Done.GONE)
        stands = rights.correctable(contact)
        changed = {name: said[name] for name in stands if said.get(name, stands[name]) != stands[name]}
        unclear = tuple(name for name, text in changed.items() if not rights.understood(contact, name, text))
        if unclear:
            return Settled(Done.UNCLEAR, unclear=unclear)
        if changed:
            with _with_copies(self.house) as (opened, _):
                for each in opened:
                    rights.correct(each, email, changed, channel=_CHANNEL)
        return Settled(Done.YES)

    def _delete(self, email: Address) -> Settled:
        """At once, but for the firm's own spreadsheets, which no program changes, and what somebody else practised.

        Where there is one of these, the request stands open.
        """
        # Meets: GDPR art. 17(1), 12(3)
        with _with_copies(self.house) as (opened, whole):
            foreseen = [erasure.foresee(each, email) for each in opened]
            who = foreseen[0].who
            due = rights.received(self.house, who, "erasure", channel=_CHANNEL).due_on
            try:
                traces = erasure.spreadsheets(self.house, who)
                clean = [erasure.erase(each, one) for each, one in zip(opened, foreseen, strict=True)]
            except Exception as error:
                get_logger().error("data", where="erasure", error=type(error).__name__)
                return Settled(Done.OPEN, due)
        if not all(clean):
            get_logger().warning("data", where="erasure", error="the data base's log is being read")
        for trace in traces:
            get_logger().warning("erased person in a file", path=str(trace.path), lines=list(trace.lines))
        if whole and not traces:
            return Settled(Done.YES)
        rights.received(self.house, who, "erasure", channel=_CHANNEL)
        return Settled(Done.PARTLY, due)

    # --- whose

    def _email(self, target: LinkTarget, at: datetime) -> Address | None:
        with self.house.store.read() as connection:
            found = self._found(connection, target, at)
        return found[1].email if found else None

    def _found(self, connection: Connection, target: LinkTarget, at: datetime) -> tuple[Pending, Contact] | None:
        """Only while the letter's time runs, the person is there, and its address is still theirs."""
        wish = pending.look_up(connection, target.contact, pending.DATA, target.address_hash, at)
        contact = contacts.by_id(connection, ContactId(wish.contact)) if wish and wish.contact else None
        if wish is None or contact is None or self.house.hash_of(contact.email) != target.address_hash:
            return None
        return wish, contact


@contextmanager
def _with_copies(house: House) -> Iterator[tuple[list[House], bool]]:
    """The house and, where somebody has practised, the practice base, which may hold the same people.

    Beside them, whether that is all: who practised may be a user whose keys are not ours to read.
    """
    from sender.cli import wiring

    bases, whole = [house], True
    with ExitStack() as stack:
        if not house.practice and (house.project / wiring.PRACTICE_BASE).exists():
            try:
                bases.append(stack.enter_context(wiring.opened(house.settings, practice=True)))
            except SenderError as error:
                get_logger().error("data", where="practice base", codes=[one.code for one in error.complaints])
                whole = False
        yield bases, whole
