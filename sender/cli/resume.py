"""``send-campaign resume``: go on with what a breaker has stopped; and the words for what is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from sender.cli.options import Json, Practice
from sender.errors import Exit, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sender.cli.words import Words
    from sender.ledger import Pause
    from sender.steps.house import House

COMPLAINTS = {"SC-531": "Nothing of this is paused"}


def resume(
    campaign: Annotated[Path, Parameter(help="The campaign file.")],
    /,
    *,
    domain: Annotated[str | None, Parameter(help="Go on with this domain alone.")] = None,
    why: Annotated[str | None, Parameter(help="What was mended; kept in the journal.")] = None,
    practice: Practice = False,
    json: Json = False,
) -> Exit:
    """Go on with a campaign that a breaker has stopped, or with a domain that it paused; counts begin anew.

    Nothing is sent by this: the next run of the campaign sends.
    """
    from sender import ledger
    from sender.cli import wiring
    from sender.cli.terminal import command, out, print_json
    from sender.cli.words import Words
    from sender.contacts.imports import whoever_runs
    from sender.steps.pacing import pace_of_receivers

    settings, name = wiring.settings_for(campaign), wiring.campaign_name(campaign)
    with wiring.opened(settings, practice=practice) as house:
        house.demand_up_to_date()
        named = None if domain is None else _hash_of(house, domain)
        pace = pace_of_receivers(house)
        with house.store.write() as connection:
            known = ledger.campaign_id_of(connection, name)
            head = ledger.lift(connection, known, named, house.now(), by=whoever_runs(), why=why, pace=pace)
            left = ledger.pauses_of(connection, known)
        if head is None:
            raise _not_paused(campaign, practice=practice)
        house.keep_head(head)
    if json:
        content = [pause_as_json(one, campaign, practice=practice) for one in left]
        print_json("resume/1", {"campaign": name, "paused": content})
        return Exit.AS_PLANNED
    words = Words(settings.language)
    out().print(words("paused.resumed", command=command(campaign, practice=practice)), markup=False)
    for line in pause_lines(left, campaign, words, practice=practice):
        out().print(line, markup=False)
    return Exit.AS_PLANNED


def _hash_of(house: House, domain: str) -> bytes:
    from sender.cli.exclusions import no_domain
    from sender.contacts import PatternError, pattern_as_address

    try:
        return house.hash_of(pattern_as_address(domain))
    except PatternError:
        raise no_domain() from None


def _not_paused(campaign: Path, *, practice: bool) -> UsageError:
    from sender.cli.terminal import command

    error = UsageError.of(
        "SC-531",
        "nothing of this is paused",
        why="Nothing was changed; counts go on as they were.",
        todo=f"See what is paused, and since when, with: {command('status', campaign, practice=practice)}",
    )
    assert isinstance(error, UsageError)  # noqa: S101 - for the type checker
    return error


# --- what is paused, in words


def pause_lines(pauses: Sequence[Pause], path: str | Path, words: Words, *, practice: bool = False) -> Iterator[str]:
    """Of each: what is paused and why, what for, and how to go on."""
    for one in pauses:
        facts = {"since": f"{one.since:%Y-%m-%d %H:%M} UTC", "events": one.events, "mails": one.mails}
        facts |= {"domain": one.domain or words("paused.nobodys"), "answer": one.enhanced or "5.7"}
        yield words(f"paused.{one.reason.value}", **facts)
        yield "  " + words("paused.why_campaign" if one.domain is None else "paused.why_domain")
        yield "  " + words(f"paused.{one.reason.value}_todo", command=_going_on(one, path, practice=practice))


def pause_as_json(one: Pause, path: str | Path, *, practice: bool = False) -> dict[str, Any]:
    return {
        "domain": one.domain,
        "reason": one.reason.value,
        "events": one.events,
        "mails": one.mails,
        "enhanced": one.enhanced,
        "since": one.since.isoformat(),
        "go_on": _going_on(one, path, practice=practice),
    }


def _going_on(one: Pause, path: str | Path, *, practice: bool) -> str:
    from sender.cli.terminal import command

    return command("resume", path, *(["--domain", one.domain] if one.domain else []), practice=practice)
