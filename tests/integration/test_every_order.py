"""Every order of import, change of address, merging, objection, erasure, consent, list, backup, restore and sending.

One rule is checked: nobody who objected (and gave no new consent since), who is on a list or who was erased is ever
opened for sending again. The letters are enrolled as if every gate had let them pass, so that what stops them is what
stands at the last moment: the query and the triggers. Only the relay is missing: an opened letter is accepted at once.
"""

from __future__ import annotations

import atexit
import shutil
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import delete, text

from sender import contacts, ledger
from sender.address import parse
from sender.cli import wiring
from sender.contacts import rectification
from sender.errors import UnknownsWait
from sender.ledger import Closing, Opened, journal
from sender.model import Address, Answer, Consent, Contact, ContactId, Outcome
from sender.settings import load
from sender.steps import erasure
from sender.steps.house import House
from sender.store.schema import contacts as contacts_table
from tests.databases import NOW
from tests.unit.ledger.scene import SEND

ACCEPTED = Answer(Outcome.ACCEPTED, 250, "2.0.0", "Ok", "dot")
PEOPLE = 2
ADDRESSES = 2 * PEOPLE  # each has a second one, to which the first may be changed
MEMORY = Path("/dev/shm")  # a power cut is not what is tried here
SPELLINGS = ("p{n}@gmail.com", "P.{n}+x@googlemail.com", "p{n}+fair@GMAIL.com")


def spelled(who: int, how: int = 0) -> Address:
    return parse(SPELLINGS[how].format(n=who) if who < PEOPLE else f"p{who}@firm.example")


@dataclass
class Told:
    """What one copy of the base must know of the holder of an address."""

    objected: bool = False
    excluded: bool = False
    bounced: bool = False


@dataclass
class Model:
    """``groups``: addresses that mean one contact, since it was corrected or merged."""

    people: list[Told] = field(default_factory=lambda: [Told() for _ in range(ADDRESSES)])
    groups: list[set[int]] = field(default_factory=list)

    def names(self, who: int) -> set[int]:
        return next((group for group in self.groups if who in group), {who})

    def join(self, *numbers: int) -> None:
        """What was said of one was said of all."""
        group = set().union(*(self.names(number) for number in numbers))
        self.groups = [each for each in self.groups if each.isdisjoint(group)] + [group]
        told = [self.people[number] for number in group]
        objected, excluded = any(one.objected for one in told), any(one.excluded for one in told)
        for one in told:
            one.objected, one.excluded = objected, excluded

    def part(self, who: int) -> None:
        self.groups = [group for group in self.groups if who not in group]


anybody = st.integers(0, ADDRESSES - 1)
person = st.sampled_from([0, 0, 0, *range(ADDRESSES)])  # much has to happen to one of them
how = st.integers(0, len(SPELLINGS) - 1)


@cache
def founded() -> Path:
    """A new base with its keys, made once and copied for each order that is tried."""
    folder = Path(mkdtemp(prefix="every-order-founded-"))
    atexit.register(shutil.rmtree, folder)
    opened_in(folder, create=True).store.close()
    return folder


def opened_in(folder: Path, *, create: bool = False) -> House:
    own = {"keys": folder / "keys", "state": folder / "state", "database": f"sqlite:///{folder}/b.db"}
    return wiring.open_house(load(folder).model_copy(update=own), practice=False, create=create)


class EveryOrder(RuleBasedStateMachine):
    """The model remembers in plain words what the base keeps in rows; an objection and an erasure outlive the base."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(mkdtemp(prefix="every-order-", dir=MEMORY if MEMORY.is_dir() else None))
        shutil.copytree(founded(), self.folder, dirs_exist_ok=True)
        self.clock = NOW
        self.model, self.erased = Model(), set[int]()
        self.backups: list[tuple[Path, Model]] = []
        self.never_restored = True
        self.campaigns = self.steps = 0
        self.house = self.open()

    def open(self) -> House:
        return replace(opened_in(self.folder), now=self.now)

    def now(self) -> datetime:
        """Every look at the clock is later than the one before."""
        self.clock += timedelta(minutes=1)
        return self.clock

    def teardown(self) -> None:
        self.house.store.close()
        shutil.rmtree(self.folder)

    # --- people come in and change

    @rule(who=st.lists(st.tuples(person, how), min_size=1, max_size=ADDRESSES, unique_by=lambda one: one[0]))
    def import_a_file(self, who: list[tuple[int, int]]) -> None:
        """However their addresses are written."""
        people = [Contact(ContactId(""), spelled(number, spelling)) for number, spelling in who]
        with self.house.store.write() as connection:
            entered = contacts.upsert(connection, people, hash_of=self.house.hash_of, now=self.now())
        assert {self.person_of(contact.email) for contact in entered.contacts}.isdisjoint(self.erased_in_base())

    def erased_in_base(self) -> set[int]:
        """Those whose erasure this copy has taken in."""
        with self.house.store.read() as connection:
            hashes = {self.house.hash_of(spelled(number)): number for number in self.erased}
            return {hashes[one] for one in contacts.erased(connection, hashes)}

    @staticmethod
    def person_of(address: Address) -> int:
        return int(address.key[1 : address.key.index("@")])

    @rule(who=person)
    def purge(self, who: int) -> None:
        """The contact's time is over; what the person said stays."""
        with self.house.store.write() as connection:
            found = contacts.by_email(connection, spelled(who))
            if found:
                connection.execute(delete(contacts_table).where(contacts_table.c.id == found.id))
                self.model.part(who)

    @rule(who=anybody, other=anybody)
    def change_address(self, who: int, other: int) -> None:
        """What the holder said goes along, there and back; where a consent freed one of them, that stays open."""
        house = self.house
        if self.freed(who, other):
            return
        with house.store.write() as connection:
            ledger.take_in(connection, house.state)
            found = contacts.by_email(connection, spelled(who))
            taken = contacts.by_email(connection, spelled(other))
            if found is None or (taken and taken.id != found.id) or other in self.erased:
                return
            changed = rectification.corrected(found, {"email": spelled(other).spec})
            rectification.rectify(
                connection, found, changed, hash_of=house.hash_of, record=journal.append, now=self.now()
            )
        self.model.join(who, other)

    @rule(who=anybody, other=anybody)
    def merge(self, who: int, other: int) -> None:
        """Two contacts become one; who said no as either is not mailed as the other."""
        house = self.house
        if self.freed(who, other):
            return
        with house.store.write() as connection:
            ledger.take_in(connection, house.state)
            kept, gone = (contacts.by_email(connection, spelled(one)) for one in (who, other))
            if kept is None or gone is None or kept.id == gone.id:
                return
            ledger.leave_to(connection, kept.id, gone.id)
            contacts.merge_doubles(connection, kept, gone, hash_of=house.hash_of, record=journal.append, now=self.now())
        self.model.join(who, other)

    def freed(self, *numbers: int) -> bool:
        group = set().union(*(self.model.names(number) for number in numbers))
        return any(self.lifted(number, reason) for number in group for reason in ("objected", "excluded"))

    # --- what people say

    @rule(who=person, spelling=how, reaches_base=st.booleans())
    def object_(self, who: int, spelling: int, reaches_base: bool) -> None:
        """By a link or by telephone, also while the base cannot be written."""
        address, now = spelled(who, spelling), self.now()
        with self.house.store.read() as connection:
            found = contacts.by_email(connection, address)
        hashed = self.house.hash_of(address)
        self.house.state.record_objection(found.id if found else ledger.NOBODY, hashed, now)
        if reaches_base:
            with self.house.store.write() as connection:
                contacts.object_to_mail(connection, address, hashed, record=journal.append, now=now)
                head = journal.head(connection)
            self.house.keep_head(head)
        for copy in [self.model, *(model for _, model in self.backups)]:
            for name in copy.names(who):
                copy.people[name].objected = True  # the file lies apart: every older copy hears of it

    @rule(who=person, early=st.booleans(), proof=st.sampled_from(["double_opt_in", "signed", "log_only"]))
    def consent(self, who: int, early: bool, proof: str) -> None:
        """Proved and new it brings the person back; written down late, or a mere note, it does not."""
        house = self.house
        given = NOW if early else self.now()
        words = Consent(given.date(), "v1", "form", proof=proof, details={"at": given.isoformat()})
        with house.store.write() as connection:
            ledger.take_in(connection, house.state)
            found = contacts.by_email(connection, spelled(who))
            if found is None:
                return
            contacts.grant(connection, found.id, words, record=journal.append, now=self.now())
            contacts.lift_by_consent(connection, found.id, words, record=journal.append, now=self.clock)
        if not early and proof != "log_only":
            told = self.model.people[self.person_of(found.email)]
            told.objected = told.excluded = False
            told.bounced = told.bounced and proof != "double_opt_in"

    @rule(who=person, reaches_base=st.booleans())
    def change_of_mind(self, who: int, reaches_base: bool) -> None:
        """No, yes, no: the last word holds."""
        self.object_(who, 0, reaches_base=True)
        self.consent(who, early=False, proof="double_opt_in")
        self.object_(who, 0, reaches_base=reaches_base)

    @rule(who=person)
    def withdraw(self, who: int) -> None:
        with self.house.store.write() as connection:
            found = contacts.by_email(connection, spelled(who))
            if found:
                contacts.withdraw(connection, found.id, on=self.clock.date(), record=journal.append, now=self.now())

    @rule(who=anybody)
    def erase(self, who: int) -> None:
        erasure.erase(self.house, erasure.foresee(self.house, spelled(who)))
        self.erased |= self.model.names(who)
        self.model.part(who)

    # --- what others say

    @rule(who=anybody, hashed=st.booleans())
    def exclusion_list(self, who: int, hashed: bool) -> None:
        written = spelled(who).spec
        path = self.folder / "list.txt"
        path.write_text(sha256(written.encode()).hexdigest() if hashed else written)
        house = self.house
        before, new = self.lifted(who, "excluded"), not self.stands(who, "excluded")
        contacts.exclude(
            house.store,
            path,
            reason="excluded",
            origin="list",
            column=None,
            hash_of=house.hash_of,
            record=journal.append,
            now=self.now(),
        )
        if not before:
            self.model.people[who].excluded = True
        for name in self.model.names(who) - {who} if new else ():
            self.model.people[name].excluded |= not self.lifted(name, "excluded")

    def lifted(self, who: int, reason: str) -> bool:
        """A list in a new edition does not undo a consent given since the first one."""
        return self.stands(who, reason, "lifted_at IS NOT NULL")

    def stands(self, who: int, reason: str, how: str = "1 = 1") -> bool:
        query = f"SELECT 1 FROM suppressions WHERE hash = :hash AND reason = :reason AND {how}"
        with self.house.store.read() as connection:
            asked = {"hash": self.house.hash_of(spelled(who)), "reason": reason}
            return connection.execute(text(query), asked).first() is not None

    @rule(who=anybody)
    def bounce(self, who: int) -> None:
        with self.house.store.write() as connection:
            contacts.suppress(connection, self.house.hash_of(spelled(who)), "bounced", self.now())
        self.model.people[who].bounced = True

    # --- the base goes and comes back

    @precondition(lambda self: len(self.backups) < 2)
    @rule()
    def back_up(self) -> None:
        copy = self.folder / f"backup-{len(self.backups)}.db"
        self.house.store.close()
        shutil.copy(self.folder / "b.db", copy)
        self.backups.append((copy, deepcopy(self.model)))
        self.house = self.open()

    @precondition(lambda self: self.backups)
    @rule(which=st.integers(0, 1))
    def restore(self, which: int) -> None:
        """The older copy sends nothing until it was told so; then it goes on, with what the files apart remember."""
        copy, model = self.backups[which % len(self.backups)]
        self.house.store.close()
        for left in self.folder.glob("b.db*"):
            left.unlink()
        shutil.copy(copy, self.folder / "b.db")
        self.house = self.open()
        self.model, self.never_restored = deepcopy(model), False
        house = self.house
        with house.store.read() as connection:
            old = ledger.restored(connection, house.state)
        if old:
            try:
                house.demand_up_to_date()
            except UnknownsWait:
                pass
            else:
                raise AssertionError("an old copy goes on as if nothing were")
        ledger.settle_restored(house.store, house.state, self.now())
        erasure.erase_again(house)

    # --- sending

    @invariant()
    def a_campaign_goes_to_whom_it_may(self) -> None:
        """To everybody in the base, after every second step: between two of them the base may not have heard of all."""
        self.steps += 1
        if self.steps % 2:
            self.send()

    def send(self) -> None:
        house, campaign = self.house, self.new_campaign()
        run = ledger.start(house.store, house.state, campaign, self.now())
        with house.store.write() as connection:
            claims = ledger.claim(connection, campaign, run.id, 100, self.now())
            people = {one.contact: contacts.by_id(connection, one.contact) for one in claims}
        with house.store.write() as connection:
            wanted = [ledger.Wanted(one, f"<{one.contact}@x.example>", "") for one in claims]
            opened = [
                one
                for one in ledger.open_attempts(connection, house.state, wanted, self.now())
                if isinstance(one, Opened)
            ]
            run.opened_more(len(opened))
            ledger.close_attempts(connection, [Closing(one, ACCEPTED) for one in opened], self.now())
        ledger.end(house.store, house.state, run, self.now())
        self.check(people, {one.claim.contact for one in opened})
        with house.store.read() as connection:
            sums = ledger.sums(connection, campaign)
        assert (sums.audience, sums.accepted) == (sums.accepted + sums.held + sums.unknown, len(opened))

    def new_campaign(self) -> int:
        """Everybody was let pass by every gate, however long ago."""
        self.campaigns += 1
        name = f"campaign-{self.campaigns}"
        with self.house.store.write() as connection:
            found = ledger.identify(connection, name, Path(f"/c/{name}.yaml"), {"offer": name}, self.now())
            reading = ledger.begin_reading(connection, found.id)
            ledger.enrol(connection, found.id, reading, [(one.id, SEND) for one in contacts.walk(connection)])
        return found.id

    def check(self, claimed: dict[ContactId, Contact | None], opened: set[ContactId]) -> None:
        mailed = {self.person_of(one.email) for name, one in claimed.items() if one and name in opened}
        stopped = {n for n, told in enumerate(self.model.people) if told.objected or told.excluded or told.bounced}
        assert mailed.isdisjoint(self.erased), "somebody erased was opened for sending"
        assert mailed.isdisjoint(stopped), "somebody who may not be mailed was opened for sending"
        if self.never_restored:
            waiting = {self.person_of(one.email) for one in claimed.values() if one}
            assert mailed == waiting - stopped - self.erased, "somebody who may be mailed was not"

    # --- always

    @invariant()
    def the_books_are_right(self) -> None:
        with self.house.store.read() as connection:
            assert journal.verify(connection) is None

    @invariant()
    def an_erased_person_has_no_row(self) -> None:
        with self.house.store.read() as connection:
            for number in self.erased_in_base():
                assert contacts.by_email(connection, spelled(number)) is None


TestEveryOrder = EveryOrder.TestCase
TestEveryOrder.settings = settings(
    max_examples=15,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
