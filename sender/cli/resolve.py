"""``send-campaign resolve``: letters whose fate is unknown, and data bases that came back from a backup."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from sender.cli.options import Json, Practice
from sender.errors import Exit, UsageError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from sender.ledger import LogFindings, Settled
    from sender.steps.house import House

COMPLAINTS = {"SC-103": "No campaign is named", "SC-104": "The relay's log cannot be read"}

Names = Annotated[tuple[str, ...], Parameter(negative="", consume_multiple=True)]


def resolve(
    campaign: Annotated[Path | None, Parameter(help="The campaign file.")] = None,
    /,
    *,
    postfix_log: Annotated[Path | None, Parameter(help="A log of the relay (Postfix), read for Message-IDs.")] = None,
    log_from: Annotated[datetime | None, Parameter(help="The log is complete from then on.")] = None,
    log_until: Annotated[
        datetime | None, Parameter(help="The log is complete up to then; letters of its last 15 minutes stay.")
    ] = None,
    accepted: Names = (),
    not_accepted: Names = (),
    all_accepted: Annotated[
        bool, Parameter(negative="", show_default=False, help="Take every unknown letter for accepted.")
    ] = False,
    restored: Annotated[
        bool,
        Parameter(
            negative="",
            show_default=False,
            help="The data base came back from a backup: make every unsettled letter unknown.",
        ),
    ] = False,
    practice: Practice = False,
    json: Json = False,
) -> Exit:
    """List unknown letters, or settle them from the relay's log or by hand; nothing is sent.

    Parameters
    ----------
    accepted
        Message-IDs (or contact ids) of letters that the relay took.
    not_accepted
        Message-IDs of letters that it certainly did not take; they are sent again by the next run.
    """
    from sender import ledger
    from sender.cli import wiring
    from sender.cli.terminal import command

    settings = wiring.settings_for(campaign)
    with wiring.opened(settings, practice=practice) as house:
        if restored:
            return make_unknown(house)
        if campaign is None:
            raise UsageError.of(
                "SC-103",
                "no campaign is named",
                why="Letters are settled campaign by campaign.",
                todo=f"Name the file: {command('resolve', 'spring.yaml', practice=practice)}",
            )
        name = wiring.campaign_name(campaign)
        from_log = None
        if postfix_log:
            findings, ids = read_log(postfix_log, log_from, log_until), wiring.message_ids(house, campaign)
            from_log = partial(ledger.settle_from_log, findings=findings, now=house.now(), message_id_of=ids)
        return settle(house, name, from_log, (accepted, not_accepted), all_accepted, json)


def make_unknown(house: House) -> Exit:
    from sender import ledger
    from sender.cli.terminal import out
    from sender.cli.words import Words
    from sender.steps.erasure import erase_again

    count, words = ledger.settle_restored(house.store, house.state, house.now()), Words(house.settings.language)
    erased = erase_again(house)
    out().print(words("resolve.restored", n=count))
    if erased:
        out().print(words("resolve.erased_again", n=erased))
    return Exit.UNKNOWNS_WAIT if count else Exit.AS_PLANNED


def settle(
    house: House,
    name: str,
    from_log: Callable[[Connection, int], Settled] | None,
    by_hand: tuple[tuple[str, ...], tuple[str, ...]],
    all_accepted: bool,
    json: bool,
) -> Exit:
    from sender import ledger
    from sender.cli.as_json import unknown_as_json
    from sender.cli.terminal import out, print_json, show_unknown
    from sender.cli.words import Words

    ledger.reap(house.store, house.state, house.now())
    with house.store.write() as connection:
        campaign_id = ledger.campaign_id_of(connection, name)
        settled: list[Settled] = []
        if from_log:
            settled.append(from_log(connection, campaign_id))
        if any(by_hand):
            yes, no = by_hand
            settled.append(
                ledger.settle_by_hand(connection, campaign_id, accepted=yes, not_accepted=no, now=house.now())
            )
        if all_accepted:
            settled.append(ledger.settle_all_accepted(connection, campaign_id, house.now()))
        left, head = ledger.unknowns(connection, campaign_id), ledger.journal.head(connection)
        sums = ledger.sums(connection, campaign_id)
    house.keep_head(head)
    accepted, waiting = sum(one.accepted for one in settled), sum(one.waiting for one in settled)
    if json:
        letters = [unknown_as_json(one) for one in left]
        counts = {"accepted": accepted, "waiting": waiting, "unknown": sums.unknown}
        print_json("resolve/1", {"campaign": name, **counts, "letters": letters})
    else:
        words = Words(house.settings.language)
        if settled:
            counts = {"accepted": accepted, "waiting": waiting, "unknown": sums.unknown}
            out().print(", ".join(words(f"resolve.{name}", n=count) for name, count in counts.items()) + ".")
        show_unknown(left, out(), words)
        if not sums.unknown:
            out().print(words("resolve.none"))
    return Exit.UNKNOWNS_WAIT if sums.unknown else Exit.AS_PLANNED


def read_log(path: Path, since: datetime | None, until: datetime | None) -> LogFindings:
    """What the relay's log says. A time without a zone is this machine's."""
    from sender import ledger
    from sender.errors import MissingFile, Place

    zoned = [one.astimezone() if one else None for one in (since, until)]
    try:
        with path.open(encoding="utf-8", errors="replace") as lines:
            return ledger.read_log(lines, complete_from=zoned[0], until=zoned[1])
    except OSError as problem:
        raise MissingFile.of(
            "SC-104",
            f"the log cannot be read: {problem.strerror}",
            why="Nothing was settled.",
            todo="Name a file that this user may read.",
            place=Place(str(path)),
        ) from problem
