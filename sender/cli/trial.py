"""``send-campaign test``: one letter to an address of one's own, through the real relay, and a look at what arrives."""

from __future__ import annotations

import asyncio
import time
from contextlib import nullcontext
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter
from cyclopts.types import PositiveInt

from sender.cli.options import CampaignFile, Practice, typed_address
from sender.errors import Exit
from sender.model import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from sender.cli.words import Words
    from sender.model import Answer, Letter
    from sender.settings import Settings
    from sender.steps.house import House
    from sender.steps.trial import Trial

    News = Callable[[], Iterator[bytes]]


STATUS = {Outcome.DEFERRED: Exit.DEFERRED, Outcome.UNKNOWN: Exit.UNKNOWNS_WAIT}
_PAUSE = 1.0  # seconds between two looks into the mailbox


def trial(
    campaign: CampaignFile,
    /,
    *,
    to: Annotated[
        str,
        Parameter(
            allow_leading_hyphen=True, help="Where to send it: an address of your own; - reads it from standard input."
        ),
    ],
    canary: Annotated[
        str | None,
        Parameter(help="Where it arrives, maildir:PATH or imaps://user@host/FOLDER: what came of it is judged again."),
    ] = None,
    wait: Annotated[PositiveInt, Parameter(help="Seconds for the letter to arrive there.")] = 60,
    practice: Practice = False,
) -> Exit:
    """Send the letter of an invented contact to an address of your own, once the campaign's gates let it pass.

    With --canary the mail is read back as it arrived: pixels, links and headers that a relay changed are told (77), and
    signatures that it broke. In the mailbox nothing is marked or deleted.
    """
    from sender import pipeline
    from sender.cli import wiring
    from sender.cli.plans import show_refusal
    from sender.cli.terminal import err, out
    from sender.cli.words import Words
    from sender.steps.trial import trial_of

    address = typed_address(to)
    brief = pipeline.read(campaign)
    settings = wiring.settings_for(campaign)
    if not practice:
        wiring.demand_relay(settings)
    with wiring.opened(settings, practice=practice, create=wiring.may_begin(settings, practice=practice)) as house:
        tried = trial_of(house, brief, address)
        for verdict in tried.plan.refused:
            show_refusal(tried.plan, verdict, err(), settings.language)
        if tried.letter is None:
            return Exit.GATE_REFUSED
        with _news_of(settings, canary) as news:
            answer = asyncio.run(_send(house, tried.letter))
            out().print(f"{answer.outcome}: {answer.code} {answer.text}", markup=False)
            if news is None or answer.outcome is not Outcome.ACCEPTED:
                return STATUS.get(answer.outcome, Exit.AS_PLANNED)
            arrived = _arrived(news, tried.letter, wait)
        return _told(house, tried, arrived, Words(settings.language))


async def _send(house: House, letter: Letter) -> Answer:
    from sender.cli import wiring
    from sender.steps.trial import send_one

    async with wiring.relay(house) as access:
        return await send_one(access, letter)


def _news_of(settings: Settings, canary: str | None) -> AbstractContextManager[News | None]:
    """Opened before the letter goes out, so that a mailbox which cannot be read sends none."""
    from sender import feedback
    from sender.cli import wiring
    from sender.cli.collect import typed_mailbox

    if canary is None:
        return nullcontext()
    url = typed_mailbox(settings, canary)
    mailbox = feedback.Mailbox(str(url), **asdict(url))
    return feedback.watched(mailbox, lambda: wiring.mailbox_password(settings))


def _arrived(news: News, letter: Letter, seconds: int) -> bytes | None:
    from sender.steps.canary import is_of

    end = time.monotonic() + seconds
    while True:
        found = next((raw for raw in news() if is_of(letter, raw)), None)
        if found is not None or time.monotonic() > end:
            return found
        time.sleep(_PAUSE)


def _told(house: House, tried: Trial, arrived: bytes | None, words: Words) -> Exit:
    from sender.cli.plans import show_refusal
    from sender.cli.terminal import err, out
    from sender.steps.canary import judged
    from sender.steps.signing import identities

    if arrived is None:
        err().print(words("canary.not_there"), markup=False)
        return Exit.DEFERRED
    refused, changes = judged(tried, arrived, identities(house.settings))
    for verdict in refused:
        show_refusal(tried.plan, verdict, err(), words.language)
    for change in changes:
        err().print(words(f"canary.{change.code}", what=change.what), markup=False)
    if refused or changes:
        err().print(words("canary.changed_on_the_way"), markup=False)
        return Exit.GATE_REFUSED
    out().print(words("canary.as_sent"), markup=False)
    return Exit.AS_PLANNED
