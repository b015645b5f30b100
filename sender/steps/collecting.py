"""Applies what came back: objections, complaints and bounces take effect, unknown letters are settled.

A mail names its letter by the token of its link or by its Message-ID, which its recipient alone can know; what it says
of addresses in words counts for nothing, so that a forged mail changes nothing. A batch is committed before its mails
are marked as done: one that is read twice changes nothing the second time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from sqlalchemy import Connection

from sender import contacts, ledger
from sender.feedback import Found, Kind, Return, understood
from sender.ledger import SentLetter, journal
from sender.links import LinkTarget, Purpose, verify
from sender.model import ContactId
from sender.steps.house import House

__all__ = ["SOFT_CAMPAIGNS", "Collected", "collect", "complained", "counted_by_hand", "understood_alone"]

SOFT_CAMPAIGNS = 3
"""A mailbox that was full, or away, in as many campaigns is taken for gone."""

_BATCH = 100
_ABOUT_A_LETTER = frozenset({Kind.STOP, Kind.COMPLAINT, Kind.HARD, Kind.SOFT, Kind.ON_ITS_WAY})


@dataclass(slots=True)
class Collected:
    """How many mails of each kind were dealt with; ``left``: for a person to read; ``settled``: unknown letters.

    ``stopped``: campaigns that a breaker stopped because of them.
    """

    done: Counter[Kind] = field(default_factory=Counter)
    left: int = 0
    settled: int = 0
    suppressed: int = 0
    stopped: int = 0

    @property
    def mails(self) -> int:
        return self.left + sum(self.done.values())


def collect(house: House, mails: Iterable[Found], result: Collected) -> None:
    """Deal with the mails, batch by batch; ``result`` is added to."""
    remaining: Iterator[Found] = iter(mails)
    while some := list(islice(remaining, _BATCH)):
        finished = _Batch(house, result).apply([(mail, understood(mail.raw)) for mail in some])
        for mail in finished:
            mail.done()


def understood_alone(house: House, raw: bytes) -> Collected:
    """One mail, as a pipe hands it over."""
    result = Collected()
    collect(house, [Found(raw, lambda: None)], result)
    return result


@dataclass(slots=True)
class _Batch:
    house: House
    result: Collected

    def apply(self, mails: list[tuple[Found, Return]]) -> list[Found]:
        """Those that nobody has to look at any more. The word of a person goes to the file apart first."""
        now = self.house.now()
        with self.house.store.read() as connection:
            letters = ledger.sent_letters(connection, [name for _, one in mails for name in one.message_ids])
            aims = [(mail, said, self._aim(connection, said, letters)) for mail, said in mails]
        for _, said, aim in aims:
            self._keep_apart(said, aim, now)
        finished = []
        with self.house.store.write() as connection:
            for mail, said, aim in aims:
                if self._applied(connection, said, aim, now):
                    self.result.done[said.kind] += 1
                    finished.append(mail)
                else:
                    self.result.left += 1
            head = journal.head(connection)
        self.house.keep_head(head)
        return finished

    def _aim(
        self, connection: Connection, said: Return, letters: dict[str, SentLetter]
    ) -> tuple[LinkTarget | None, SentLetter | None]:
        """Whom it is about, and by which letter."""
        if said.kind is Kind.UNSUBSCRIBE:
            ring = self.house.links.for_token
            return next((to for one in said.tokens if (to := verify(ring(one), one, Purpose.OBJECT))), None), None
        letter = next((letters[name] for name in said.message_ids if name in letters), None)
        address = ledger.address_of(connection, letter) if letter else None
        return (LinkTarget(letter.contact, address) if letter and address else None), letter

    def _keep_apart(self, said: Return, aim: tuple[LinkTarget | None, SentLetter | None], now: datetime) -> None:
        # Meets: GDPR art. 21(3); DESIGN 4.4
        reason = {Kind.UNSUBSCRIBE: "objected", Kind.STOP: "objected", Kind.COMPLAINT: "complained"}.get(said.kind)
        if reason and aim[0]:
            self.house.state.record_objection(aim[0].contact, aim[0].address_hash, now, reason)

    def _applied(
        self,
        connection: Connection,
        said: Return,
        aim: tuple[LinkTarget | None, SentLetter | None],
        now: datetime,
    ) -> bool:
        """False where a person has to read it. Who was erased since is named by a letter and has no address."""
        whom, letter = aim
        if said.kind is Kind.ABSENT:
            return True
        if said.kind is Kind.UNSUBSCRIBE and whom:
            self._object(connection, whom, now)
            return True
        if said.kind not in _ABOUT_A_LETTER or letter is None:
            return False
        if said.kind is not Kind.STOP:
            self.result.settled += ledger.settle_taken(connection, letter, now)
        if said.kind in {Kind.COMPLAINT, Kind.HARD, Kind.SOFT}:
            self.result.stopped += counted(connection, letter, said.kind, said.status, now)
        if whom:
            self._say(connection, said.kind, whom, now)
        return True

    def _say(self, connection: Connection, kind: Kind, whom: LinkTarget, now: datetime) -> None:
        if kind is Kind.STOP:
            self._object(connection, whom, now)
        elif kind is Kind.COMPLAINT:
            self.result.suppressed += complained(connection, whom.contact, whom.address_hash, now)
        elif kind is Kind.HARD:
            self._bounced(connection, whom, now, "report")
        elif kind is Kind.SOFT and ledger.soft_bounces(connection, whom.contact) >= SOFT_CAMPAIGNS:
            self._bounced(connection, whom, now, "soft")

    def _object(self, connection: Connection, whom: LinkTarget, now: datetime) -> None:
        record, new = journal.append, not contacts.is_suppressed(connection, whom.address_hash)
        contacts.object_to_mail(connection, whom.contact, whom.address_hash, record=record, now=now)
        self.result.suppressed += new

    def _bounced(self, connection: Connection, whom: LinkTarget, now: datetime, origin: str) -> None:
        self.result.suppressed += contacts.suppress(connection, whom.address_hash, "bounced", now, origin=origin)


def counted(connection: Connection, letter: SentLetter, kind: Kind, status: str | None, now: datetime) -> bool:
    """Write down what came back for a letter, once. Says whether that is one too many, which stops the campaign."""
    if not ledger.note_return(connection, letter, kind.value, status, now) or kind is Kind.SOFT:
        return False
    return ledger.count_return(connection, letter.campaign_id, complaint=kind is Kind.COMPLAINT, now=now)


def counted_by_hand(connection: Connection, contact: ContactId, kind: Kind, now: datetime) -> bool:
    """The same where nobody says which letter it was: the person's newest."""
    letter = ledger.newest_letter(connection, contact)
    return letter is not None and counted(connection, letter, kind, None, now)


def complained(connection: Connection, contact: ContactId | None, address_hash: bytes, now: datetime) -> bool:
    """Journalled once. Only where there is a contact: an entry about nobody would tell nothing."""
    new = contacts.suppress(connection, address_hash, "complained", now)
    if new:
        journal.append(connection, "complaint", {"address_hash": address_hash.hex()}, contact, now)
    return new
