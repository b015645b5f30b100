"""``send-campaign CAMPAIGN``: gates, plan, question, send, summary."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter
from cyclopts.types import PositiveInt

from sender.cli.options import CampaignFile, Create, Json, Practice, Yes
from sender.cli.signals import demand_unended, ending_signals, leave_terminal
from sender.errors import Exit

if TYPE_CHECKING:
    import asyncio
    from datetime import datetime

    from sender.cli.talk import Talk
    from sender.cli.words import Words
    from sender.model import Campaign
    from sender.pipeline import Brief, Planned
    from sender.steps.house import House
    from sender.steps.plan import Summary
    from sender.steps.workers import Workers

AcceptChanges = Annotated[
    bool,
    Parameter(negative="", show_default=False, help="Go on although the campaign was changed after its first mails."),
]


def send(
    campaign: CampaignFile,
    /,
    *,
    yes: Yes = False,
    limit: Annotated[PositiveInt | None, Parameter(help="Send at most so many letters.")] = None,
    practice: Practice = False,
    accept_changes: AcceptChanges = False,
    create: Create = False,
    json: Json = False,
) -> Exit:
    """Judge a campaign, show the plan, ask on a terminal, and send to those who may get it and have not got it."""
    import asyncio

    from sender import pipeline
    from sender.cli import wiring
    from sender.cli.talk import Talk
    from sender.delivery import quick_loop

    brief = pipeline.read(campaign)
    settings = wiring.settings_for(campaign)
    if not practice:
        wiring.demand_relay(settings)
    talk = Talk(settings.language, practice=practice, json=json, aloud=yes or json or practice)
    create = create or wiring.may_begin(settings, practice=practice)
    with wiring.opened(settings, practice=practice, create=create) as house:
        house.demand_up_to_date()
        if not practice and (status := out_of_time(house, brief, talk)) is not None:
            return status
        if (status := stopped_by_breaker(house, brief, talk)) is not None:
            return status
        access = None if practice else wiring.relay_access(settings)
        with pipeline.workers(house, brief, access) as crew:
            planned = planned_in(house, brief, accept_changes)
            if planned.plan.refused:
                talk.show(planned.plan)
                return talk.end(planned.plan, None, Exit.GATE_REFUSED)
            if planned.same_as and not accept_changes and not talk.wants_double(planned.same_as):
                pipeline.demand_new_content(planned)
            talk.show(planned.plan)
            if not talk.agreed(planned.plan, yes, limit):
                return talk.end(planned.plan, None, Exit.AS_PLANNED)
            demand_unended()
            with asyncio.Runner(loop_factory=quick_loop) as runner:
                summary, status = runner.run(sending(house, brief, planned, limit, crew))
            return talk.end(planned.plan, summary, status)


def out_of_time(house: House, brief: Brief, talk: Talk) -> Exit | None:
    """None while the campaign's window is open. That it has closed is said once, all else only where somebody listens.

    What a run that was killed had on the wire waits for a person all the same, and no run comes any more to tell.
    """
    from sender import pipeline
    from sender.campaign import window
    from sender.cli.terminal import command

    occasion, name, schedule = pipeline.occasion(house, brief.campaign), brief.campaign.name, brief.campaign.schedule
    if occasion is pipeline.Occasion.OPEN:
        return None
    if occasion is pipeline.Occasion.EARLY and schedule and schedule.not_before:
        lines = [talk.words("run.early", campaign=name, at=local(schedule.not_before, brief.campaign))]
    elif occasion is pipeline.Occasion.CLOSED and schedule and (opens := window(schedule, house.now()).opens):
        lines = [talk.words("run.closed", campaign=name, at=local(opens, brief.campaign))]
    else:
        lines = [talk.words("run.over", campaign=name)]
    unknown = pipeline.left_unknown(house, brief.campaign)
    if unknown:
        lines.append(talk.words("status.unknown", n=unknown, command=command("resolve", brief.campaign.path)))
    status = Exit.UNKNOWNS_WAIT if unknown else Exit.AS_PLANNED
    return talk.closed(lines, status, news=bool(unknown) or occasion is pipeline.Occasion.OVER)


def stopped_by_breaker(house: House, brief: Brief, talk: Talk) -> Exit | None:
    """A campaign that was stopped is not even judged; said at each run, since nothing goes out."""
    from sender import pipeline
    from sender.cli.resume import pause_lines

    pauses = pipeline.paused(house, brief.campaign)
    if all(one.domain is not None for one in pauses):
        return None
    lines = pause_lines(pauses, brief.campaign.path, talk.words, practice=house.practice)
    return talk.closed([*lines], Exit.BREAKER, news=True)


def planned_in(house: House, brief: Brief, accept_changes: bool) -> Planned:
    from sender import pipeline
    from sender.cli import wiring

    reserved = house.practice or wiring.relay_is_local(house.settings)
    people = wiring.people_of_the_real_base(house) if house.practice else nullcontext(lambda _batch: None)
    warnings = wiring.warnings(house, brief.campaign)  # asked before the plan itself is written down
    with people as carry_over:
        planned = pipeline.plan(
            house, brief, reserved_allowed=reserved, accept_changes=accept_changes, carry_over=carry_over
        )
    return replace(planned, plan=replace(planned.plan, warnings=(*planned.plan.warnings, *warnings)))


async def sending(
    house: House, brief: Brief, planned: Planned, limit: int | None, crew: Workers | None
) -> tuple[Summary, Exit]:
    """Send until done or until a signal comes; the summary, and the exit status that it deserves."""
    import asyncio

    from sender import pipeline
    from sender.cli import wiring
    from sender.cli.terminal import progress, watched
    from sender.cli.words import Words

    stop, words = asyncio.Event(), Words(house.settings.language)
    caught = stopped_by_signals(stop, words("run.stopping"))
    with progress(planned.plan.to_send, words("run.sending"), shown=watched()) as observe:
        async with wiring.relay(house) as access:
            summary = await pipeline.send(
                house, brief, planned, access, stop=stop, limit=limit, observe=observe, crew=crew
            )
    return replace(summary, words=words_after(summary, planned, house, words)), caught[0] if caught else deserved(
        summary
    )


def stopped_by_signals(stop: asyncio.Event, stopping: str) -> list[Exit]:
    """Set ``stop`` at the first signal; the list then holds the exit status. A second one ends the process at once."""
    from asyncio import get_running_loop

    caught: list[Exit] = []

    def on_signal(status: Exit) -> None:
        if caught:  # die as a kill would; the next run finds what was on the wire
            os._exit(status)
        caught.append(status)
        if status is Exit.HUNG_UP:
            leave_terminal()
        stop.set()
        print(stopping, file=sys.stderr)

    loop = get_running_loop()
    for number, status in {signal.SIGINT: Exit.INTERRUPTED, **ending_signals()}.items():
        loop.add_signal_handler(number, on_signal, status)
    return caught


def deserved(summary: Summary) -> Exit:
    """A breaker before all else: it stopped mails that would otherwise have gone out."""
    if summary.stopped:
        return Exit.BREAKER
    if summary.sums.unknown:
        return Exit.UNKNOWNS_WAIT
    later = summary.sums.deferred or (summary.pauses and summary.sums.waiting) or summary.hung
    return Exit.DEFERRED if later else Exit.AS_PLANNED


def words_after(summary: Summary, planned: Planned, house: House, words: Words) -> tuple[str, ...]:
    """What a person should know or do next."""
    from sender.cli.resume import pause_lines
    from sender.cli.terminal import command, hung_words
    from sender.cli.wiring import PRACTICE_MAILBOX

    said, sums = [], summary.sums
    if planned.plan.finished:
        said.append(words("summary.nothing_left"))
    if summary.all_refused:
        said.append(words("summary.all_refused"))
    if summary.practice:
        said.append(words("summary.practised", folder=house.project / PRACTICE_MAILBOX))
    if sums.unknown:
        resolve = command("resolve", planned.plan.campaign.path, practice=summary.practice)
        said += [words("summary.unknown", n=sums.unknown), words("summary.settle", command=resolve)]
    said += [hung_words(run, words) for run in summary.hung]
    said += pause_lines(summary.pauses, planned.plan.campaign.path, words, practice=summary.practice)
    if sums.waiting and not summary.pauses:
        said.append(waiting_words(summary, planned.plan.campaign, words))
    if sums.deferred:
        said.append(words("summary.deferred", n=sums.deferred))
    return (*said, words("summary.head", head=summary.head))


def waiting_words(summary: Summary, campaign: Campaign, words: Words) -> str:
    """Why letters wait, and when the same command goes on with them."""
    if summary.ceiling is not None:
        return words("summary.ceiling", n=summary.sums.waiting, ceiling=summary.ceiling)
    if summary.opens is not None:
        return words("summary.closed", n=summary.sums.waiting, at=local(summary.opens, campaign))
    return words("summary.waiting", n=summary.sums.waiting)


def local(at: datetime, campaign: Campaign) -> str:
    """A moment as the campaign's schedule counts."""
    assert campaign.schedule is not None  # noqa: S101 - for the type checker
    return f"{at.astimezone(campaign.schedule.zone):%Y-%m-%d %H:%M %Z}"
