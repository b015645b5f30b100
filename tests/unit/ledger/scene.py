"""A campaign with an audience, as the ledger's tests need it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

from sqlalchemy import insert, update

from sender import ledger
from sender.ledger import UNPACED, Claim, Closing, Opened, Pace, Run, State
from sender.model import Answer, ContactId, Decision, Finding, Outcome, Sums, Verdict
from sender.store import Store
from sender.store.schema import contacts
from tests.databases import NOW

SEND = Decision((Verdict("address", True, (Finding("valid"),)), Verdict("basis", True, (Finding("opt_out"),))))
HELD = Decision((Verdict("address", True, (Finding("valid"),)), Verdict("basis", False, (Finding("no_consent"),))))

ACCEPTED = Answer(Outcome.ACCEPTED, 250, "2.0.0", "Ok: queued as 4F1", "dot")
REFUSED = Answer(Outcome.REFUSED, 550, "5.7.1", "<jean.dupont@example.org>: no", "RCPT")
BOUNCED = Answer(Outcome.REFUSED, 550, "5.1.1", "unknown user", "RCPT", hard_bounce=True)
DEFERRED = Answer(Outcome.DEFERRED, 451, "4.3.0", "later", "RCPT")
UNKNOWN = Answer(Outcome.UNKNOWN, stage="dot")


def contact_id(number: int) -> ContactId:
    return ContactId(f"{number:032x}")


def hash_of(number: int) -> bytes:
    return sha256(str(number).encode()).digest()


def domain(name: str) -> bytes:
    return sha256(name.encode()).digest()


def lives_at(scene: Scene, name: str, numbers: range) -> None:
    """So many of the contacts have addresses of this domain."""
    with scene.store.write() as connection:
        for number in numbers:
            mine = contacts.c.id == contact_id(number)
            values = {"domain_hash": domain(name), "email": f"p{number}@{name}", "email_key": f"p{number}@{name}"}
            connection.execute(update(contacts).where(mine).values(values))


@dataclass
class Scene:
    """One base, one machine, one campaign."""

    store: Store
    state: State
    campaign: int = 0
    now: datetime = NOW
    pace: Pace = UNPACED

    @classmethod
    def make(cls, store: Store, folder: Path, audience: int = 0) -> Scene:
        scene = cls(store, State(folder))
        with store.write() as connection:
            scene.campaign = ledger.identify(connection, "spring", Path("/c/spring.yaml"), {"offer": "a"}, NOW).id
        scene.people(range(audience))
        scene.read_audience(dict.fromkeys(range(audience), SEND))
        return scene

    def people(self, numbers: range) -> None:
        rows = [
            {
                "id": contact_id(number),
                "email_key": f"p{number}@example.org",
                "email": f"p{number}@example.org",
                "source_kind": "trade_show",
                "address_hash": hash_of(number),
                "created_at": NOW,
                "updated_at": NOW,
            }
            for number in numbers
        ]
        if rows:
            with self.store.write() as connection:
                connection.execute(insert(contacts), rows)

    def read_audience(self, decided: dict[int, Decision]) -> int:
        """One whole reading of the contact file."""
        with self.store.write() as connection:
            reading = ledger.begin_reading(connection, self.campaign)
            batch = [(contact_id(number), decision) for number, decision in decided.items()]
            ledger.enrol(connection, self.campaign, reading, batch)
            ledger.withdraw(connection, self.campaign, reading)
        return reading

    def start(self) -> Run:
        return ledger.start(self.store, self.state, self.campaign, self.now, self.pace)

    def claim(self, run: Run, limit: int = 100) -> tuple[Claim, ...]:
        with self.store.write() as connection:
            return ledger.claim(connection, self.campaign, run.id, limit, self.now, self.pace)

    def open(self, run: Run, claims: tuple[Claim, ...]) -> list[Opened]:
        with self.store.write() as connection:
            wanted = [ledger.Wanted(one, f"<{one.contact}@example.org>", f"For {one.contact}") for one in claims]
            results = ledger.open_attempts(connection, self.state, wanted, self.now, pace=self.pace)
        opened = [one for one in results if isinstance(one, Opened)]
        run.opened_more(len(opened))
        return opened

    def close(self, opened: list[Opened], answer: Answer) -> None:
        with self.store.write() as connection:
            ledger.close_attempts(connection, [Closing(one, answer) for one in opened], self.now, pace=self.pace)

    def send(self, run: Run, answer: Answer, limit: int = 100) -> list[Opened]:
        opened = self.open(run, self.claim(run, limit))
        self.close(opened, answer)
        return opened

    def sums(self) -> Sums:
        with self.store.read() as connection:
            return ledger.sums(connection, self.campaign)

    def later(self, **how: float) -> None:
        self.now += timedelta(**how)


def die(run: Run) -> None:
    """What the kernel does at ``kill -9``: the lock opens, nothing else happens."""
    run.lock.release()
