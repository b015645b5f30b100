"""The real objects that a command works with, opened and matched to each other; ``cli/wiring.py`` builds it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from sender.errors import SenderError
from sender.keys import Keys, LiveRing
from sender.ledger import JournalHead, State, check_restored, has_news, journal, restored, take_in
from sender.links import Purpose, Ring, objection_url, sign
from sender.logs import get_logger
from sender.model import Address, Contact, Links
from sender.settings import Settings
from sender.steps.acceptance import Recorded, in_force
from sender.store import Base, Store


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class House:
    """``now`` is the only clock; ``practice``: nothing leaves the machine, and the base is one of its own.

    ``recorded``: what the journal says of rule packs, accepted, named by the settings when first used, or revoked.
    ``links``: the link keys as they are now, since they may be rotated while a command runs.
    """

    settings: Settings
    store: Store
    base: Base
    keys: Keys
    links: LiveRing
    state: State
    practice: bool = False
    now: Callable[[], datetime] = utc_now
    recorded: Recorded = field(default_factory=dict)

    @property
    def project(self) -> Path:
        return self.settings.project

    @property
    def accepted(self) -> frozenset[str]:
        """The rule packs that may allow more than DEFAULT. Raises SettingsError for one that is not installed."""
        return in_force(self.settings.accepted_packs, self.recorded)

    @property
    def ring(self) -> Ring:
        """The link keys; the last one signs."""
        return self.links.newest()

    @property
    def today(self) -> date:
        return self.now().astimezone().date()

    def hash_of(self, address: Address) -> bytes:
        return self.keys.suppression_hash(address)

    def keep_head(self, head: JournalHead) -> None:
        """Keep the journal's head apart from the base; never over the head of a base that this one is a backup of."""
        with self.store.read() as connection:
            old = restored(connection, self.state)
        if not old:
            self.state.keep_head(head)

    def take_in(self) -> None:
        """Suppress and journal what the objections file holds and the base has not seen."""
        with self.store.write() as connection:
            taken = take_in(connection, self.state)
            head = journal.head(connection)
        if taken:
            self.keep_head(head)

    def hear(self) -> None:
        """Take in what was said on the pages since, for who looks; a base that cannot be written is shown as it is."""
        with self.store.read() as connection:
            if not has_news(connection, self.state):
                return
        try:
            self.take_in()
        except SenderError as problem:
            get_logger().warning("objections", where="data base", codes=[one.code for one in problem.complaints])

    def demand_up_to_date(self) -> None:
        """Raise UnknownsWait where the base came back from a backup: before anything is written into it."""
        with self.store.read() as connection:
            check_restored(connection, self.state)

    def links_for(self, contact: Contact) -> Links:
        """The ways to stop that this contact's letter carries: page, mailbox, or both."""
        # Meets: RFC 8058 §3.1 (the URI says who and what), C2 (no clear address in it)
        token = sign(self.ring, Purpose.OBJECT, contact.id, self.hash_of(contact.email))
        page, mailbox = self.settings.pages_url, self.settings.unsubscribe_mailbox
        return Links(
            unsubscribe_url=objection_url(page, token) if page else None,
            unsubscribe_mailto=f"mailto:{mailbox}?subject=unsubscribe%20{token}" if mailbox else None,
        )
