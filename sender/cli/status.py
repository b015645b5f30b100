"""``send-campaign status``: where each campaign stands."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from sender.cli.options import Json, Practice
from sender.errors import Exit, UnknownsWait, Unreachable

if TYPE_CHECKING:
    from sender.cli.words import Words
    from sender.ledger import InLane
    from sender.settings import Settings


def status(
    campaign: Annotated[Path | None, Parameter(help="A campaign file; all campaigns of the project otherwise.")] = None,
    /,
    *,
    practice: Practice = False,
    json: Json = False,
) -> Exit:
    """Show how many letters of each campaign stand where, and which of them wait for a person."""
    from sender import ledger
    from sender.cli import wiring
    from sender.cli.as_json import standing_as_json
    from sender.cli.resume import pause_as_json, pause_lines
    from sender.cli.terminal import command, out, print_json, show_standing
    from sender.cli.words import Words

    settings = wiring.settings_for(campaign, log_needed=False)
    name = wiring.campaign_name(campaign) if campaign else None
    with wiring.opened(settings, practice=practice) as house:
        with suppress(UnknownsWait, Unreachable):  # a restored base, or one that may only be read, is shown as it is
            ledger.reap(house.store, house.state, house.now())
        with house.store.read() as connection:
            restored = ledger.restored(connection, house.state)  # first, lest a run end between the files and this read
            found = [one for one in ledger.standings(connection) if name in {None, one.name}]
            unknown = {one.id: ledger.unknowns(connection, one.id) for one in found}
            pauses = {one.id: ledger.pauses_of(connection, one.id) for one in found}
            lanes = {one.id: ledger.in_lanes(connection, one.id, house.now()) for one in found}
            hung = {one.id: ledger.hung(connection, house.state, one.id, house.now()) for one in found}
    if json:
        print_json(
            "status/1",
            {
                "restored": restored,
                "campaigns": [
                    standing_as_json(one, unknown[one.id], hung[one.id])
                    | {"paused": [pause_as_json(each, one.path, practice=practice) for each in pauses[one.id]]}
                    | {"lanes": [lane_as_json(each, settings) for each in lanes[one.id]]}
                    for one in found
                ],
            },
        )
    else:
        words = Words(settings.language)
        for one in found:
            show_standing(one, unknown[one.id], hung[one.id], out(), words, practice=practice)
            for line in pause_lines(pauses[one.id], one.path, words, practice=practice):
                out().print(f"  {line}", markup=False)
            for lane in lanes[one.id]:
                out().print(f"  {lane_words(lane, settings, words)}", markup=False)
        if not found:
            out().print(words("status.none") if name is None else words("status.none_of", campaign=name), markup=False)
        if restored:
            resolve = command("resolve", "--restored", practice=practice)
            out().print(words("status.restored", command=resolve), markup=False)
    unsent = [each for one in found if one.sums.waiting or one.sums.deferred for each in pauses[one.id]]
    if any(each.domain is None for each in unsent):
        return Exit.BREAKER
    if restored or any(unknown.values()):
        return Exit.UNKNOWNS_WAIT
    return Exit.DEFERRED if any(hung.values()) else Exit.AS_PLANNED


def lane_words(lane: InLane, settings: Settings, words: Words) -> str:
    from sender.cli.plans import limits_in_words

    receiver = receiver_in(lane, settings)
    if lane.limits:
        return words("lanes.slowed", receiver=receiver, n=lane.letters, limits=limits_in_words(lane.limits, words))
    return words("lanes.waiting", receiver=receiver, n=lane.letters)


def lane_as_json(lane: InLane, settings: Settings) -> dict[str, str | int | None]:
    limits = str(lane.limits) if lane.limits else None
    return {"receiver": receiver_in(lane, settings), "letters": lane.letters, "slowed_to": limits}


def receiver_in(lane: InLane, settings: Settings) -> str:
    """A provider's name, or a domain."""
    from sender.steps.pacing import receivers

    return next((one.name for one in receivers(settings) if one.lane == lane.lane), lane.domain)
