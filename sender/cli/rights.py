"""What people ask of their own data on the public pages: a letter to the address on file, then what it allows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from sender import contacts, ledger
from sender.cli.dossier_json import as_json
from sender.cli.dossier_page import body, page
from sender.cli.person_export import packed
from sender.contacts import Pending, pending
from sender.links import LinkTarget
from sender.model import Address, Contact, ContactId
from sender.steps import rights
from sender.steps.dossier import Dossier, gather
from sender.steps.house import House
from sender.web import Claim, Known, Settled
from sender.web.pages import LANGUAGES

_CHANNEL = "page"


@dataclass(frozen=True, slots=True)
class OwnData:
    """Fills ``web.Rights``. Every method raises while the base is out of reach."""

    house: House

    # --- the letter

    def ask(self, target: LinkTarget, language: str, client: str | None, at: datetime) -> None:
        """Suppressed or not: whoever objected may see what is held, too. Not after a move that may be a stranger's."""
        # Meets: GDPR art. 12(6) (reasonable doubts on who is asking)
        house = self.house
        with house.store.write() as connection:
            ledger.take_in(connection, house.state)
            contact = contacts.by_id(connection, target.contact)
            if contact is None or not rights.may_get_a_letter(connection, house, contact, at):
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
        return None if dossiers is None else body(dossiers, language)

    def download(self, target: LinkTarget, language: str, at: datetime) -> bytes | None:
        dossiers = self._gathered(target, at)
        if dossiers is None:
            return None
        return packed(as_json(dossiers, language), page(dossiers, language), dossiers[0].made_at)

    def _gathered(self, target: LinkTarget, at: datetime) -> list[Dossier] | None:
        """What is held before anybody asked; that it was asked for, and answered, is in the register."""
        email = self._email(target, at)
        if email is None:
            return None
        with _with_copies(self.house) as opened:
            dossiers = [gather(each, email) for each in opened]
        rights.shown(self.house, dossiers[0].who, channel=_CHANNEL)
        return dossiers

    # --- what is asked of it

    def settle(self, target: LinkTarget, claim: Claim, said: Mapping[str, str], at: datetime) -> Settled:
        raise NotImplementedError

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
def _with_copies(house: House) -> Iterator[list[House]]:
    """The house and, where somebody has practised, the practice base, which may hold the same people."""
    from sender.cli import wiring

    if house.practice or not (house.project / wiring.PRACTICE_BASE).exists():
        yield [house]
        return
    with wiring.opened(house.settings, practice=True) as other:
        yield [house, other]
