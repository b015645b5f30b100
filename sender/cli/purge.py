"""``send-campaign contacts purge``: who has been kept long enough leaves the base."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter
from cyclopts.types import NonNegativeInt, PositiveInt

from sender.cli.options import Json, Practice, Yes
from sender.errors import Exit

if TYPE_CHECKING:
    from rich.console import Console

    from sender.cli.words import Words
    from sender.steps.house import House
    from sender.steps.purge import Foreseen, Purge

NAMES_SHOWN = 1000


def purge(
    *,
    ask_first: Annotated[
        Path | None,
        Parameter(help="Write those whose term ends soon or has ended, and who were never asked, into this CSV file."),
    ] = None,
    within: Annotated[PositiveInt, Parameter(help="How many days before the end people are asked.")] = 60,
    answer: Annotated[NonNegativeInt, Parameter(help="How many days who was asked has to answer.")] = 30,
    names: Annotated[
        bool, Parameter(negative="", show_default=False, help="List the addresses that would go.")
    ] = False,
    yes: Yes = False,
    practice: Practice = False,
    json: Json = False,
) -> Exit:
    """Delete who is past the term that the law lets their details be kept; shows first what it would do.

    The term runs from collection or the last contact that came from the person; an opened mail is none. Without a
    terminal nothing is deleted unless --yes is given; with --yes it is quiet where there is nothing to do.
    """
    from sender.cli import wiring
    from sender.cli.terminal import ask, err, out, print_json, watched
    from sender.cli.words import Words
    from sender.record import declared_in
    from sender.steps import purge as steps

    settings = wiring.settings_for(None)
    words = Words(settings.language)
    country = declared_in(settings.project).controller.country
    how = steps.Purge(country, ask_first is not None, within, answer)
    with wiring.opened(settings, practice=practice) as house:
        house.demand_up_to_date()
        found = steps.foresee(house, how)
        if not json and (found.due or found.to_ask or not yes):
            show(found, out(), words)
        if names:
            for address in steps.names(house, how, NAMES_SHOWN):
                out().print(f"  {address}", markup=False)
        wanted = bool(found.due or found.to_ask) and (yes or (watched() and ask(question(found, words), words)))
        asked = list_asked(house, how, ask_first) if wanted and ask_first else 0
        gone = steps.purge(house, how) if wanted else 0
    if json:
        print_json("purge/1", {**as_json(found), "deleted": gone, "asked": asked})
    elif wanted:
        out().print(words("purge.deleted", n=gone), markup=False)
        if asked and ask_first:
            out().print(words("purge.asked", n=asked, file=ask_first), markup=False)
    elif found.due and not watched():
        err().print(words("purge.not_without_yes"), markup=False)
    return Exit.AS_PLANNED


def list_asked(house: House, how: Purge, file: Path) -> int:
    """First the file: nobody is taken for asked who is on no list."""
    from sender.papers import write
    from sender.steps.purge import remember_asked, to_ask

    people, page = to_ask(house, how)
    if people:
        write(file, page)
        remember_asked(house, how, people)
    return len(people)


def show(found: Foreseen, console: Console, words: Words) -> None:
    """Counts by what the term runs from, and by country; nobody is named."""
    console.print(words("purge.looked_at", n=found.looked_at), markup=False)
    for row in found.rows():
        where, since = words(f"purge.is_{row.standing.value}"), words(f"purge.since_{row.word}")
        console.print(f"  {row.contacts:>8}  {where}  {row.country or '??'}  {since}  [{row.rule}]", markup=False)
    if found.to_ask:
        console.print(f"  {found.to_ask:>8}  {words('purge.to_ask')}", markup=False)
    if not found.due and not found.to_ask:
        console.print(words("purge.nobody"), markup=False)


def question(found: Foreseen, words: Words) -> str:
    return words("purge.question", n=found.due) if found.due else words("purge.question_ask", n=found.to_ask)


def as_json(found: Foreseen) -> dict[str, object]:
    return {
        "looked_at": found.looked_at,
        "due": found.due,
        "to_ask": found.to_ask,
        "groups": [
            {
                "standing": row.standing.value,
                "since": row.word,
                "country": row.country,
                "rule": row.rule,
                "contacts": row.contacts,
            }
            for row in found.rows()
        ],
    }
