"""``send-campaign breach``: the notification of a data breach, prepared while the 72 hours run."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from cyclopts import Parameter
from cyclopts.types import NonNegativeInt

from sender.cli.options import Practice
from sender.cli.papers import Out, PaperLanguage, demand_kind, hand_over, language_of
from sender.errors import Exit, UsageError

COMPLAINTS = {"SC-804": "The times of the breach cannot be right"}


def breach(
    *,
    noticed: Annotated[datetime, Parameter(help="When you became aware of it; a time without zone is this machine's.")],
    what: Annotated[str | None, Parameter(help="What happened.")] = None,
    began: Annotated[datetime | None, Parameter(help="Since when it goes on, as far as is known.")] = None,
    people: Annotated[
        NonNegativeInt | None, Parameter(help="How many people are concerned; at most the whole base otherwise.")
    ] = None,
    consequences: Annotated[str | None, Parameter(help="What may follow for the people.")] = None,
    measures: Annotated[str | None, Parameter(help="What was done, and will be.")] = None,
    high_risk: Annotated[
        bool, Parameter(negative="", show_default=False, help="The risk is high: draft the letter to the people, too.")
    ] = False,
    out: Out = None,
    language: PaperLanguage = None,
    practice: Practice = False,
) -> Exit:
    """Prepare the notification to the authority (GDPR art. 33), and to the people (art. 34); the journal notes it.

    Nothing is sent. What was not said is named as missing: notify in time and complete it later (art. 33(4)).
    """
    from sender import __version__, ledger, record
    from sender.cli import wiring
    from sender.cli.terminal import out as console

    demand_kind(out)
    settings = wiring.settings_for(None, log_needed=False)
    spoken = language_of(language, settings.language)
    declared = record.declared_in(settings.project)
    with wiring.opened(settings, practice=practice) as house:
        now = house.now()
        seen, since = noticed.astimezone(), began.astimezone() if began else None
        demand_order(since, seen, now)
        found = record.Breach(what, seen, since, people, consequences, measures, high_risk)
        with house.store.write() as connection:
            held = record.possession(connection)
            word = {"noticed": seen.isoformat(), "due": found.due.isoformat(), "high_risk": high_risk}
            head = ledger.journal.append(connection, "breach", word, None, now)
        house.keep_head(head)
    made = record.Words(spoken)("paper.made", version=__version__, at=f"{now:%Y-%m-%d %H:%M} UTC")
    hand_over(record.breach_papers(found, declared.controller, held, spoken, now, made), out)
    if out:
        console().print(record.Words(spoken)("breach.reminder", due=f"{found.due:%Y-%m-%d %H:%M %Z}"), markup=False)
    return Exit.AS_PLANNED


def demand_order(began: datetime | None, noticed: datetime, now: datetime) -> None:
    """It began, was noticed, and is now reported."""
    if noticed <= now and (began is None or began <= noticed):
        return
    raise UsageError.of(
        "SC-804",
        "a breach begins before it is noticed, and is noticed before now",
        why="The 72 hours are counted from when it was noticed; nothing was written.",
        todo="Correct --noticed or --began, written like 2026-11-26T09:30",
    )
