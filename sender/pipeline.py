"""The order of the steps; the only file that knows it.

    read     the campaign file, its templates, the head of its contact file
    judge    each contact by the contact gates, then the campaign by its own
    plan     the same, with contacts and decisions written down
    send     the letters of those who may get one, each attempt opened before the wire and closed after it

``check`` judges and composes and writes nothing; ``send`` follows a plan.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Coroutine, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import Enum, auto
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from sender import contacts, ledger
from sender.campaign import PARTS, window
from sender.errors import InputError, UsageError
from sender.law import fingerprint
from sender.logs import get_logger
from sender.model import Campaign, Contact, History, Outcome, Verdict
from sender.settings import Settings
from sender.steps import acceptance
from sender.steps.brief import Brief, Rows, read
from sender.steps.facts import documents, vocabulary
from sender.steps.house import House
from sender.steps.judging import Judging, composing, looked_up, try_composing
from sender.steps.pacing import pace_of
from sender.steps.plan import Plan, Summary
from sender.steps.signing import signer_of
from sender.steps.wishes import Wishes
from sender.store import Writer

if TYPE_CHECKING:
    import asyncio

    from sender.delivery import RelayAccess
    from sender.steps.claims import Claims
    from sender.steps.clerk import Clerk
    from sender.steps.desk import Compose
    from sender.steps.workers import Workers

__all__ = [
    "Brief",
    "Occasion",
    "Planned",
    "check",
    "demand_new_content",
    "left_unknown",
    "occasion",
    "paused",
    "plan",
    "read",
    "send",
    "workers",
]

log = get_logger()


def check(house: House, brief: Brief, *, reserved_allowed: bool) -> Plan:
    """Judge everything and compose every letter; write nothing but what the pages heard meanwhile.

    What would sign the letters is read, but does not sign.
    """
    house.hear()
    signer_of(house, brief.campaign)
    judging, rows = Judging.begin(house, brief, reserved_allowed=reserved_allowed), Rows(house, brief)
    compose = composing(house, brief, None)
    with house.store.read() as connection:
        campaign_id = ledger.known_campaign(connection, brief.campaign.name)
    for batch in rows.batches():
        for contact, decision in judging.contacts(looked_up(house, batch, campaign_id)):
            if decision.may_send:
                try_composing(judging.uncomposable, compose, contact)
    return judging.plan(rows, judging.campaign())


class Occasion(Enum):
    """Where now stands in a campaign's window."""

    EARLY = auto()
    CLOSED = auto()  # until the next of its hours
    OPEN = auto()
    OVER = auto()  # and nobody was told yet
    LONG_OVER = auto()


def occasion(house: House, campaign: Campaign) -> Occasion:
    """Out of its hours a run is quiet; after ``not_after`` it says so once, and the journal remembers."""
    schedule, now = campaign.schedule, house.now()
    if schedule is None:
        return Occasion.OPEN
    if schedule.not_before and now < schedule.not_before:
        return Occasion.EARLY
    if not schedule.not_after or now < schedule.not_after:
        return Occasion.CLOSED if window(schedule, now).opens else Occasion.OPEN
    word = {"campaign": campaign.name, "not_after": schedule.not_after.isoformat()}
    with house.store.write() as connection:
        if ledger.journal.holds(connection, "time_over", word):
            return Occasion.LONG_OVER
        head = ledger.journal.append(connection, "time_over", word, None, now)
    house.keep_head(head)
    return Occasion.OVER


def left_unknown(house: House, campaign: Campaign) -> int:
    """How many letters wait for ``resolve``, those included that a killed run has left on the wire."""
    ledger.reap(house.store, house.state, house.now())
    with house.store.read() as connection:
        known = ledger.known_campaign(connection, campaign.name)
        return 0 if known is None else ledger.sums(connection, known).unknown


def paused(house: House, campaign: Campaign) -> tuple[ledger.Pause, ...]:
    """What breakers have stopped of a campaign, itself first; nothing where it was never run."""
    with house.store.read() as connection:
        known = ledger.known_campaign(connection, campaign.name)
        return () if known is None else ledger.pauses_of(connection, known)


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
    from sender.steps.documents import keep_documents

    signer_of(house, brief.campaign)
    identity = identified(house, brief, accept_changes=accept_changes)
    judging, rows = Judging.begin(house, brief, reserved_allowed=reserved_allowed), Rows(house, brief)
    with house.store.write() as connection:
        ledger.take_in(connection, house.state)
        reading = ledger.begin_reading(connection, identity.id)
        import_id = import_of(house, brief, connection)
    for batch in rows.batches():
        carry_over(batch)
        enrol(judging, batch, identity.id, reading, import_id)
    verdicts = judging.campaign()
    with house.store.write() as connection:
        ledger.withdraw(connection, identity.id, reading)
        acceptance.pin(connection, house.settings.accepted_packs, house.recorded, house.now())
        decided = what_was_decided(judging, connection, identity, reading, verdicts)
        warnings = keep_documents(connection, house, brief.campaign)
        head = ledger.journal.append(connection, "decided", decided, None, house.now())
        doubles = ledger.probable_doubles(connection, identity.id)
    house.keep_head(head)
    log.info("planned", campaign=identity.name, **counted(decided))
    made = replace(judging.plan(rows, verdicts), probable_doubles=len(doubles), warnings=warnings)
    return Planned(made, identity.id, reading, identity.same_as)


def counted(decided: Mapping[str, object]) -> dict[str, object]:
    return {key: decided[key] for key in ("reading", "to_send", "held", "already", "erased", "refused_by")}


def identified(house: House, brief: Brief, *, accept_changes: bool) -> ledger.Identity:
    """The campaign as the ledger knows it. Changed in mid-campaign it is refused until the changes are accepted."""
    campaign = brief.campaign
    with house.store.write() as connection:
        identity = ledger.identify(
            connection,
            campaign.name,
            campaign.path,
            brief.digests,
            house.now(),
            sender=campaign.sender.name,
            record=campaign.processing.record,
            basis=campaign.basis.value,
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


def enrol(judging: Judging, batch: list[Contact], campaign_id: int, reading: int, import_id: int | None) -> None:
    house = judging.house
    with house.store.write() as connection:
        entered = entered_in(house, connection, batch, import_id)
        judging.tally.erased += len(entered.erased)
        histories = dict.fromkeys(entered.strangers, History())
        met = [contact.id for contact in entered.contacts if contact.id not in histories]
        histories |= ledger.history(connection, campaign_id, met, house.today)
        judged = judging.contacts([(contact, histories[contact.id]) for contact in entered.contacts])
        titles = {contact.id: contact.title for contact, _ in judged}
        decided = [(contact.id, decision) for contact, decision in judged]
        ledger.enrol(connection, campaign_id, reading, decided, titles)


def import_of(house: House, brief: Brief, connection: Connection) -> int | None:
    """The entry under which the base keeps where the file's contacts come from; None for a selection on the base."""
    audience = brief.campaign.audience
    if audience.select is not None:
        return None
    file = contacts.imports.FileRead.at(audience.contacts, audience.default)
    return contacts.imports.known(connection, file, house.now())


def entered_in(house: House, connection: Connection, batch: list[Contact], import_id: int | None) -> contacts.Upserted:
    """Rows of a file enter the base; contacts of the base are read again, as they stand in this transaction."""
    if import_id is None:
        return contacts.Upserted(tuple(contacts.page(connection, [contact.id for contact in batch])))
    return contacts.upsert(connection, batch, hash_of=house.hash_of, now=house.now(), import_id=import_id)


def what_was_decided(
    judging: Judging,
    connection: Connection,
    identity: ledger.Identity,
    reading: int,
    verdicts: tuple[Verdict, ...],
) -> dict[str, object]:
    """The journal's entry: numbers and digests that the decisions, kept in the ledger, can be compared with."""
    brief, tally = judging.brief, judging.tally
    packs = sorted({pack for rules in judging.bench.content_rules(tally.countries) for pack in rules.packs})
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
        "because": brief.campaign.offer.because,
        "functions": list(brief.campaign.offer.functions),
        "override": brief.campaign.offer.override,
        "indirect_override": brief.campaign.processing.indirect_override,
        "vocabulary": vocabulary(brief.campaign),
        "packs": {pack: fingerprint(pack.partition("@")[0]) for pack in packs},
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

_LETTERS_EACH = 500  # for fewer a worker is not worth its start


_ROW = 20  # bytes of a contact file, at least


def workers(house: House, brief: Brief, access: RelayAccess | None) -> AbstractContextManager[Workers | None]:
    """The processes that are to send, as many as the settings say; None where this one will send by itself.

    To be called before the plan, while this process is small, before any other thread runs and before the event loop.
    ``access``: None in practice, whose relay runs in this process.
    """
    from sender.steps.workers import Task, Workers, can_fork

    settings, file = house.settings, brief.campaign.audience.contacts
    rows = file.stat().st_size // _ROW if brief.file else None
    count = min(_worth_having(settings, rows), settings.connections)
    if access is None or count < 2 or not can_fork():
        return nullcontext()
    compose = composing(house, brief, signer_of(house, brief.campaign))
    task = Task(access, compose, settings.window, house.now)
    try:
        return Workers(task, [len(range(first, settings.connections, count)) for first in range(count)])
    except OSError as problem:  # no room for more processes: this one does it all
        log.warning("no workers", why=os.strerror(problem.errno or 0))
        return nullcontext()


def _worth_having(settings: Settings, letters: int | None) -> int:
    """So many workers for so many letters; None: for as many as there may be."""
    if settings.workers:
        return settings.workers
    cores = os.cpu_count() or 1
    return cores if letters is None else min(cores, letters // _LETTERS_EACH)


def until(house: House, brief: Brief) -> datetime | None:
    """When a run that begins now has to end: with the campaign, or with its hours."""
    schedule = None if house.practice else brief.campaign.schedule
    if schedule is None:
        return None
    return min(filter(None, [schedule.not_after, window(schedule, house.now()).closes]), default=None)


async def send(
    house: House,
    brief: Brief,
    planned: Planned,
    access: RelayAccess,
    *,
    stop: asyncio.Event,
    limit: int | None = None,
    observe: Callable[[int], None] = lambda _count: None,
    crew: Workers | None = None,
) -> Summary:
    """Hand over what may be sent. What was on the wire when something failed is settled as far as it can be known.

    ``crew``: those who send, where this process does not because there is more to send than it had better do alone.
    """
    from sender.delivery import RelayRefusesSender
    from sender.steps.claims import Claims
    from sender.steps.clerk import Clerk

    started, begun, schedule = monotonic(), house.now(), None if house.practice else brief.campaign.schedule
    pace = pace_of(house, brief.campaign, planned.campaign_id)
    letters = planned.plan.to_send if limit is None else min(limit, planned.plan.to_send)
    if crew and _worth_having(house.settings, letters) > 1:
        deliver: Callable[[Claims], Coroutine[None, None, None]] = crew.deliver
    else:
        compose = composing(house, brief, signer_of(house, brief.campaign))
        settings = house.settings
        deliver = partial(
            by_itself, access=access, compose=compose, connections=settings.connections, window=settings.window
        )
    run = ledger.start(house.store, house.state, planned.campaign_id, house.now(), pace)
    log.info("run started", campaign=brief.campaign.name, run=run.id, practice=house.practice, limit=limit)
    writer = Writer(house.store)
    try:
        wishes = Wishes(brief.campaign.topics, house.today)
        not_after = schedule.not_after if schedule else None
        clerk = Clerk(writer, house.state, run, house.now, not_after, wishes.against, pace)
        claims = Claims(
            clerk,
            planned.reading,
            stop=stop,
            until=until(house, brief),
            limit=limit,
            observe=observe,
            bury=lambda: ledger.reap(house.store, house.state, house.now()),
        )
        await at_work(clerk, deliver(claims))
    except RelayRefusesSender as refusal:
        if refusal.judgement is None:  # else it paused the campaign, and the summary says so
            raise
    finally:
        writer.close()
        head = ledger.end(house.store, house.state, run, house.now())
        log.info("run ended", campaign=brief.campaign.name, run=run.id, opened=run.opened, journal_head=str(head))
    with house.store.read() as connection:
        sums, of_run = ledger.sums(connection, planned.campaign_id), ledger.run_sums(connection, run.id)
        answers = ledger.answers(connection, planned.campaign_id)
        hung = ledger.hung(connection, house.state, planned.campaign_id, house.now())
        pauses = ledger.pauses_of(connection, planned.campaign_id)
        day = ledger.today(connection, pace.from_domain, house.now())
    log.info("sums", campaign=brief.campaign.name, audience=sums.audience, **asdict(sums))
    return Summary(
        brief.campaign.name,
        sums,
        claims.tally[Outcome.ACCEPTED],
        monotonic() - started,
        house.practice,
        str(head),
        refused_now=of_run.refused,
        deferred_now=of_run.deferred,
        answers=answers,
        hung=hung,
        pauses=pauses,
        paused_now=any(one.since >= begun for one in pauses),
        opens=window(schedule, house.now()).opens if schedule else None,
        ceiling=pace.warm_up.ceiling(day.best) if pace.warm_up and not day.left(pace.warm_up) else None,
    )


async def by_itself(claims: Claims, *, access: RelayAccess, compose: Compose, connections: int, window: int) -> None:
    """Compose and send in this process."""
    from sender.delivery import deliver
    from sender.steps.desk import LedgerDesk
    from sender.steps.office import LedgerOffice

    desk = LedgerDesk(LedgerOffice(claims), compose, over=lambda: claims.over)
    try:
        await deliver(access, desk, connections=connections, window=window, stop=claims.stop)
    finally:
        await desk.finish()


async def at_work(clerk: Clerk, delivering: Coroutine[None, None, None]) -> None:
    """Deliver while the clerk writes and the lease is prolonged; whoever fails first ends the others."""
    import asyncio

    from sender.steps.clerk import end_task, keep_alive

    helpers = [asyncio.create_task(clerk.serve()), asyncio.create_task(keep_alive(clerk.writer, clerk.run, clerk.now))]
    work = asyncio.ensure_future(delivering)
    try:
        done, _ = await asyncio.wait([work, *helpers], return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        await end_task(work)
        try:
            await clerk.finish()
        finally:
            for task in helpers:
                await end_task(task)
