"""``send-campaign audit``: how fit the base is, and whom a campaign could reach."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from sender.cli.options import Json, Practice
from sender.cli.papers import Out, PaperLanguage, demand_kind, hand_over, language_of
from sender.errors import Exit

if TYPE_CHECKING:
    from sender.record import Audit
    from sender.steps.reach import Reach


def audit(
    campaign: Annotated[Path | None, Parameter(help="A campaign file: whom of the base could it reach today?")] = None,
    /,
    *,
    out: Out = None,
    language: PaperLanguage = None,
    practice: Practice = False,
    json: Json = False,
) -> Exit:
    """Show the state of the base: sources, notices, bases, functions, ages, countries, deadlines, missing facts.

    With a campaign also which contacts every gate would let through today, and why not the others. Names nobody.
    """
    from sender import __version__, pipeline, record
    from sender.cli import wiring
    from sender.cli.terminal import print_json
    from sender.steps.purge import terms
    from sender.steps.reach import reach, reach_section

    demand_kind(out)
    brief = pipeline.read(campaign) if campaign else None
    settings = wiring.settings_for(campaign, log_needed=False)
    spoken = language_of(language, settings.language)
    country = record.declared_in(settings.project).controller.country
    with wiring.opened_or_borrowed(settings, practice=practice) as house:
        with house.store.read() as connection:
            found = record.audit(record.heads(connection), partial(terms, house, country), house.today)
        reserved = practice or settings.relay is None or wiring.relay_is_local(settings)
        reached = reach(house, brief, reserved_allowed=reserved) if brief else None
        now = house.now()
    if json:
        print_json("audit/1", {**audit_as_json(found), "reach": reach_as_json(reached, spoken) if reached else None})
        return Exit.AS_PLANNED
    made = record.Words(spoken)("paper.made", version=__version__, at=f"{now:%Y-%m-%d %H:%M} UTC")
    more = (reach_section(reached, spoken),) if reached else ()
    hand_over({"audit": record.audit_paper(found, spoken, made, more)}, out)
    return Exit.AS_PLANNED


def audit_as_json(found: Audit) -> dict[str, Any]:
    shares = [
        {"question": name, "answer": answer, "contacts": count}
        for name, counted in found.shares.items()
        for answer, count in counted.most_common()
    ]
    return {"contacts": found.contacts, "shares": shares}


def reach_as_json(found: Reach, language: str) -> dict[str, Any]:
    from sender.cli.as_json import held_as_json

    return {
        "campaign": found.campaign,
        "looked_at": found.looked_at,
        "reachable": found.reachable,
        "held_contacts": found.held_contacts,
        "already": found.already,
        "held": [held_as_json(one, language) for one in found.held],
        "refused_by": [verdict.gate for verdict in found.refused],
    }
