"""``send-campaign test``: one letter to an address of one's own, through the real relay."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from sender.cli.options import CampaignFile, Practice, typed_address
from sender.errors import Exit
from sender.model import Outcome

if TYPE_CHECKING:
    from sender.model import Answer, Letter
    from sender.steps.house import House


STATUS = {Outcome.DEFERRED: Exit.DEFERRED, Outcome.UNKNOWN: Exit.UNKNOWNS_WAIT}


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
    practice: Practice = False,
) -> Exit:
    """Send the letter of an invented contact to an address of your own, once the campaign's gates let it pass."""
    from sender import pipeline
    from sender.cli import wiring
    from sender.cli.plans import show_refusal
    from sender.cli.terminal import err, out
    from sender.steps.trial import trial_letter

    address = typed_address(to)
    brief = pipeline.read(campaign)
    settings = wiring.settings_for(campaign)
    if not practice:
        wiring.demand_relay(settings)
    with wiring.opened(settings, practice=practice, create=wiring.may_begin(settings, practice=practice)) as house:
        plan, letter = trial_letter(house, brief, address)
        for verdict in plan.refused:
            show_refusal(plan, verdict, err(), settings.language)
        if letter is None:
            return Exit.GATE_REFUSED
        answer = asyncio.run(_send(house, letter))
    out().print(f"{answer.outcome}: {answer.code} {answer.text}", markup=False)
    return STATUS.get(answer.outcome, Exit.AS_PLANNED)


async def _send(house: House, letter: Letter) -> Answer:
    from sender.cli import wiring
    from sender.steps.trial import send_one

    async with wiring.relay(house) as access:
        return await send_one(access, letter)
