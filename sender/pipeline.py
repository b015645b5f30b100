"""The order of the steps; the only file that knows it.

    read     the campaign file, its templates, the head of its contact file
    judge    each contact by the contact gates, then the campaign by its own
    plan     the same, with contacts and decisions written down
    send     the letters of those who may get one, each attempt opened before the wire and closed after it

``check`` judges and composes and writes nothing; ``send`` follows a plan.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable, Coroutine, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from enum import Enum, auto
from itertools import islice
from pathlib import Path
from secrets import token_hex
from time import monotonic

from sqlalchemy import Connection

from sender import contacts, ledger
from sender.campaign import PARTS, digest, load
from sender.contacts import ContactFile, Double, Rejected, Row
from sender.delivery import RelayAccess, connect, deliver
from sender.desk import Clerk, LedgerDesk, end_task, keep_alive
from sender.errors import InputError, UsageError
from sender.facts import Bench, carries_notice, documents, matcher_beside
from sender.functions import Matcher, match
from sender.gates import CampaignFacts, Channels, consents_to_tracking, judge_campaign, judge_contact
from sender.house import House
from sender.letters import CannotCompose, Composer, Templates, synthetic_contacts
from sender.logs import get_logger
from sender.model import (
    Address,
    Answer,
    Campaign,
    Contact,
    ContactId,
    Decision,
    History,
    Letter,
    Rendering,
    Verdict,
)
from sender.plan import Plan, Reading, RejectedRow, Summary, Tally
from sender.store import Writer

COMPLAINTS = {"SC-107": "A test is addressed to somebody on the suppression list"}

log = get_logger()

BATCH = 1000  # contacts judged, and committed, at once

Judged = tuple[Contact, Decision]


@dataclass(frozen=True, slots=True)
class Brief:
    """A campaign as it was read: nothing of it is read again."""

    campaign: Campaign
    templates: Templates
    file: ContactFile
    digests: Mapping[str, str]
    matcher: Matcher = match


# --- read


def read(path: Path) -> Brief:
    """Campaign, templates and the head of the contact file. Raises InputError with every complaint, MissingFile."""
    campaign = load(path.absolute())
    templates = Templates.load(campaign)
    file = contacts.read(campaign.audience, campaign_language=campaign.language)
    templates.check_columns(file.more_columns)
    return Brief(campaign, templates, file, digest(campaign, templates.files()), matcher_beside(campaign))


# --- judge


@dataclass(slots=True)
class Judging:
    """Judges one campaign in one house; what it counts becomes the plan."""

    house: House
    brief: Brief
    reserved_allowed: bool
    tally: Tally
    uncomposable: Tally

    @classmethod
    def begin(cls, house: House, brief: Brief, *, reserved_allowed: bool) -> Judging:
        return cls(house, brief, reserved_allowed, Tally(), Tally())

    @property
    def bench(self) -> Bench:
        settings = self.house.settings
        return Bench(
            self.brief.campaign,
            self.house.accepted,
            self.house.today,
            settings.frequency_cap,
            self.reserved_allowed,
            carries_notice(self.brief.templates.syntax()),
            self.brief.matcher,
        )

    def contacts(self, people: list[tuple[Contact, History]]) -> list[Judged]:
        """Every contact gate about every contact, counted."""
        bench, judged = self.bench, []
        for contact, history in people:
            facts = bench.of(contact, history)
            decision = judge_contact(facts)
            self.tally.count(contact, decision, tracking=consents_to_tracking(facts))
            judged.append((contact, decision))
        return judged

    def campaign(self) -> tuple[Verdict, ...]:
        """Every campaign gate; content rules are those of the countries that may be written to."""
        brief, settings = self.brief, self.house.settings
        mailbox = settings.unsubscribe_mailbox
        return judge_campaign(
            CampaignFacts(
                today=self.house.today,
                campaign=brief.campaign,
                content=self.bench.content_rules(self.tally.countries),
                syntax=brief.templates.syntax(),
                renderings=tuple(self._samples()),
                channels=Channels(settings.pages_url, str(mailbox) if mailbox else None),
                documents=documents(brief.campaign.processing),
                consented_to_tracking=self.tally.to_send > 0 and self.tally.all_consent_to_tracking,
            )
        )

    def _samples(self) -> Iterator[Rendering]:
        """Letters to invented people; those who lack what the template must print have none, as real ones would."""
        templates = self.brief.templates
        for contact in synthetic_contacts(self.brief.campaign, templates.columns):
            try:
                yield templates.render(contact, self.house.links_for(contact))
            except CannotCompose:
                continue

    def plan(self, rows: Rows, verdicts: tuple[Verdict, ...]) -> Plan:
        tally = self.tally
        return Plan(
            campaign=self.brief.campaign,
            verdicts=verdicts,
            reading=rows.reading(),
            to_send=tally.to_send,
            held=tally.held(),
            held_contacts=tally.held_contacts,
            already=tally.already,
            erased=tally.erased,
            uncomposable=self.uncomposable.held(),
        )


@dataclass(slots=True)
class Rows:
    """The rows of the contact file in batches; what is no contact is kept for the report by its line."""

    file: ContactFile
    doubles: list[tuple[int, int]]
    rejected: list[RejectedRow]

    @classmethod
    def of(cls, file: ContactFile) -> Rows:
        return cls(file, [], [])

    def batches(self) -> Iterator[list[Contact]]:
        batch: list[Contact] = []
        for row in self.file:
            match row:
                case Row(contact=contact):
                    batch.append(contact)
                case Double(line=line, first_line=first):
                    self.doubles.append((line, first))
                case Rejected(line=line, code=code, why=why):
                    self.rejected.append(RejectedRow(line, code, why))
            if len(batch) == BATCH:
                yield batch
                batch = []
        if batch:
            yield batch

    def reading(self) -> Reading:
        report = self.file.report
        return Reading(report.rows, report.contacts, tuple(self.doubles), tuple(self.rejected), report.notes)


def check(house: House, brief: Brief, *, reserved_allowed: bool) -> Plan:
    """Judge everything and compose every letter; write nothing."""
    judging, rows = Judging.begin(house, brief, reserved_allowed=reserved_allowed), Rows.of(brief.file)
    compose = composing(house, brief)
    with house.store.read() as connection:
        campaign_id = ledger.known_campaign(connection, brief.campaign.name)
    for batch in rows.batches():
        for contact, decision in judging.contacts(looked_up(house, batch, campaign_id)):
            if decision.may_send:
                try_composing(judging.uncomposable, compose, contact)
    return judging.plan(rows, judging.campaign())


def looked_up(house: House, batch: list[Contact], campaign_id: int | None) -> list[tuple[Contact, History]]:
    """Contacts of a file as the base would have them after an import, with what is known of them."""
    hashes = {contact.email.key: house.hash_of(contact.email) for contact in batch}
    with house.store.read() as connection:
        stored = contacts.by_keys(connection, list(hashes))
        suppressed = contacts.lookup(connection, hashes.values())
        ids = [contact.id for contact in stored.values()]
        known = ledger.history(connection, campaign_id, ids, house.today)
    people = []
    for contact in batch:
        before = stored.get(contact.email.key)
        history = known[before.id] if before else History()
        suppression = history.suppression or suppressed.get(hashes[contact.email.key])
        people.append(
            (contacts.merge(before, contact) if before else contact, replace(history, suppression=suppression))
        )
    return people


def try_composing(uncomposable: Tally, compose: Callable[[Contact], Letter], contact: Contact) -> None:
    try:
        compose(contact if contact.id else replace(contact, id=NOBODY))
    except CannotCompose as reason:
        uncomposable.count(contact, Decision((Verdict("letter", False, (reason.finding,)),)))


NOBODY = ContactId("0" * 32)  # stands in for the id that a contact gets when it enters the base


def composing(house: House, brief: Brief) -> Callable[[Contact], Letter]:
    """The way from a contact to its letter: the same for check, preview and send."""
    campaign, templates = brief.campaign, brief.templates
    composer = Composer(campaign, templates, bounces=house.settings.bounces)
    domain = campaign.sender.from_.domain

    def compose(contact: Contact) -> Letter:
        name = ledger.message_id(house.base.base_id, campaign.name, contact.id, domain)
        rendering = templates.render(contact, house.links_for(contact))
        return composer.compose(rendering, message_id=name, date=house.now())

    return compose


# --- look and try


def preview(house: House, brief: Brief, folder: Path, *, contact: Address | None, number: int) -> Iterator[Path]:
    """Write the letters of one contact, or of the first few of the file, as files only their owner can read.

    Raises CannotCompose.
    """
    compose, templates = composing(house, brief), brief.templates
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    wanted = contact.key if contact else None
    found = (one for batch in Rows.of(brief.file).batches() for one in batch if wanted in {None, one.email.key})
    for count, one in enumerate(islice(found, 1 if wanted else number), start=1):
        someone = one if one.id else replace(one, id=NOBODY)
        rendering, letter = templates.render(someone, house.links_for(someone)), compose(someone)
        contents = {"html": shown_alone(rendering.html, templates).encode(), "txt": rendering.text.encode()}
        for kind, content in (contents | {"eml": letter.content}).items():
            yield private_file(folder / f"{brief.campaign.name}-{count}.{kind}", content)


def shown_alone(html: str, templates: Templates) -> str:
    """The HTML with its inline images inside, so that a browser can show it."""
    for image in templates.images.values():
        data = base64.b64encode(image.path.read_bytes()).decode()
        html = html.replace(f"cid:{image.cid}", f"data:image/{image.path.suffix[1:]};base64,{data}")
    return html


def private_file(path: Path, content: bytes) -> Path:
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_bytes(content)
    return path


def trial_letter(house: House, brief: Brief, to: Address) -> tuple[Plan, Letter | None]:
    """The letter of an invented contact, addressed to ``to``; None where a campaign gate refuses."""
    judging = Judging.begin(house, brief, reserved_allowed=True)
    verdicts = judging.campaign()
    plan = judging.plan(Rows.of(brief.file), verdicts)
    if plan.refused:
        return plan, None
    demand_no_objection(house, to)
    invented = synthetic_contacts(brief.campaign, brief.templates.columns)[0]
    return plan, composing(house, brief)(replace(invented, email=to, id=ContactId(token_hex(16))))


def demand_no_objection(house: House, address: Address) -> None:
    with house.store.write() as connection:
        ledger.take_in(connection, house.state)
        stopped = contacts.is_suppressed(connection, house.hash_of(address))
    if stopped:
        raise UsageError.of(
            "SC-107",
            "this address is on the suppression list",
            why="An objection wins over everything, tests included.",
            todo="Test with another address.",
        )


async def send_one(access: RelayAccess, letter: Letter) -> Answer:
    """Hand one letter over, outside any campaign."""
    session = await connect(access)
    try:
        return await session.send(letter)
    finally:
        await session.quit()


class Occasion(Enum):
    """Where now stands in a campaign's window."""

    EARLY = auto()
    OPEN = auto()
    OVER = auto()  # and nobody was told yet
    LONG_OVER = auto()


def occasion(house: House, campaign: Campaign) -> Occasion:
    """Before ``not_before`` a run is quiet; after ``not_after`` it says so once, and the journal remembers."""
    schedule, now = campaign.schedule, house.now()
    if schedule and schedule.not_before and now < schedule.not_before:
        return Occasion.EARLY
    if not schedule or not schedule.not_after or now < schedule.not_after:
        return Occasion.OPEN
    word = {"campaign": campaign.name, "not_after": schedule.not_after.isoformat()}
    with house.store.write() as connection:
        if ledger.journal.holds(connection, "time_over", word):
            return Occasion.LONG_OVER
        head = ledger.journal.append(connection, "time_over", word, None, now)
    house.keep_head(head)
    return Occasion.OVER


# --- plan


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan whose decisions stand in the ledger."""

    plan: Plan
    campaign_id: int
    reading: int
    same_as: tuple[str, ...]


def plan(
    house: House,
    brief: Brief,
    *,
    reserved_allowed: bool,
    accept_changes: bool = False,
    carry_over: Callable[[list[Contact]], None] = lambda _batch: None,
) -> Planned:
    """Bring the file's contacts into the base, judge them, write the decisions down.

    ``carry_over`` sees each batch before it is judged: practice takes the real base's suppressions over there.
    """
    identity = identified(house, brief, accept_changes=accept_changes)
    judging, rows = Judging.begin(house, brief, reserved_allowed=reserved_allowed), Rows.of(brief.file)
    with house.store.write() as connection:
        ledger.take_in(connection, house.state)
        reading = ledger.begin_reading(connection, identity.id)
    for batch in rows.batches():
        carry_over(batch)
        enrol(judging, batch, identity.id, reading)
    verdicts = judging.campaign()
    with house.store.write() as connection:
        ledger.withdraw(connection, identity.id, reading)
        decided = what_was_decided(judging, connection, identity, reading, verdicts)
        head = ledger.journal.append(connection, "decided", decided, None, house.now())
        before, doubles = ledger.sums(connection, identity.id), ledger.probable_doubles(connection, identity.id)
    house.keep_head(head)
    log.info("planned", campaign=identity.name, **counted(decided))
    made = replace(judging.plan(rows, verdicts), before=before, probable_doubles=len(doubles))
    return Planned(made, identity.id, reading, identity.same_as)


def counted(decided: Mapping[str, object]) -> dict[str, object]:
    return {key: decided[key] for key in ("reading", "to_send", "held", "already", "erased", "refused_by")}


def identified(house: House, brief: Brief, *, accept_changes: bool) -> ledger.Identity:
    """The campaign as the ledger knows it. Changed in mid-campaign it is refused until the changes are accepted."""
    campaign = brief.campaign
    with house.store.write() as connection:
        identity = ledger.identify(
            connection, campaign.name, campaign.path, brief.digests, house.now(), sender=campaign.sender.name
        )
        if not identity.changed:
            return identity
        if accept_changes:
            ledger.accept_changes(connection, identity, brief.digests, house.now())
            return identity
    raise InputError.of(
        "SC-522",
        f"{campaign.name} was changed after its first mails: {', '.join(PARTS[part] for part in identity.changed)}",
        why="Some people have had the campaign as it was; the others would get something else under its name.",
        todo="Undo the change, give the new version a name of its own, or add --accept-changes.",
        place=campaign.place("campaign"),
    )


def enrol(judging: Judging, batch: list[Contact], campaign_id: int, reading: int) -> None:
    house = judging.house
    with house.store.write() as connection:
        entered = contacts.upsert(connection, batch, hash_of=house.hash_of, now=house.now())
        judging.tally.erased += len(entered.erased)
        ids = [contact.id for contact in entered.contacts]
        histories = ledger.history(connection, campaign_id, ids, house.today)
        judged = judging.contacts([(contact, histories[contact.id]) for contact in entered.contacts])
        ledger.enrol(connection, campaign_id, reading, [(contact.id, decision) for contact, decision in judged])


def what_was_decided(
    judging: Judging,
    connection: Connection,
    identity: ledger.Identity,
    reading: int,
    verdicts: tuple[Verdict, ...],
) -> dict[str, object]:
    """The journal's entry: numbers and digests that the decisions, kept in the ledger, can be compared with."""
    brief, tally = judging.brief, judging.tally
    return {
        "campaign": identity.name,
        "reading": reading,
        "to_send": tally.to_send,
        "held": tally.held_contacts,
        "already": tally.already,
        "erased": tally.erased,
        "decisions": ledger.decisions_digest(connection, identity.id),
        "refused_by": [verdict.gate for verdict in verdicts if not verdict.passed],
        "content": dict(brief.digests),
        "balancing_test": documents(brief.campaign.processing).balancing_test,
        "packs": sorted({pack for rules in judging.bench.content_rules(tally.countries) for pack in rules.packs}),
    }


def demand_new_content(planned: Planned) -> None:
    """The same content under a new name would reach the same people twice, unless a person wants just that."""
    if planned.same_as:
        raise UsageError.of(
            "SC-523",
            f"the same content was sent before as {', '.join(planned.same_as)}",
            why="Under a new name everybody would get it again.",
            todo="Run the campaign under its old name, or confirm on a terminal or with --accept-changes.",
        )


# --- send


async def send(
    house: House,
    brief: Brief,
    planned: Planned,
    access: RelayAccess,
    *,
    stop: asyncio.Event,
    limit: int | None = None,
    observe: Callable[[int], None] = lambda _count: None,
) -> Summary:
    """Hand over what may be sent. What was on the wire when something failed is settled as far as it can be known."""
    started, schedule = monotonic(), brief.campaign.schedule
    not_after = schedule.not_after if schedule and not house.practice else None
    run = ledger.start(house.store, house.state, planned.campaign_id, house.now())
    log.info("run started", campaign=brief.campaign.name, run=run.id, practice=house.practice, limit=limit)
    writer = Writer(house.store)
    try:
        clerk = Clerk(writer, house.state, run, house.now, not_after)
        desk = LedgerDesk(clerk, composing(house, brief), reading=planned.reading, limit=limit, observe=observe)
        await at_work(clerk, desk, run, deliver(access, desk, connections=house.settings.connections, stop=stop))
    finally:
        writer.close()
        head = ledger.end(house.store, house.state, run, house.now())
        log.info("run ended", campaign=brief.campaign.name, run=run.id, opened=run.opened, journal_head=str(head))
    with house.store.read() as connection:
        sums = ledger.sums(connection, planned.campaign_id)
    log.info("sums", campaign=brief.campaign.name, audience=sums.audience, **asdict(sums))
    return Summary(brief.campaign.name, sums, desk.accepted, monotonic() - started, house.practice, str(head))


async def at_work(clerk: Clerk, desk: LedgerDesk, run: ledger.Run, delivering: Coroutine[None, None, None]) -> None:
    """Deliver while the clerk writes and the lease is prolonged; whoever fails first ends the others."""
    helpers = [asyncio.create_task(clerk.serve()), asyncio.create_task(keep_alive(clerk.writer, run, clerk.now))]
    work = asyncio.ensure_future(delivering)
    try:
        done, _ = await asyncio.wait([work, helpers[1]], return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        await end_task(work)
        try:
            await desk.finish()
        finally:
            for task in helpers:
                await end_task(task)
