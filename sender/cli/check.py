"""``send-campaign check``: everything judged, every letter composed, nothing written or sent."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sender.cli.options import CampaignFile, Json, Practice
from sender.errors import Exit

if TYPE_CHECKING:
    from sender.steps.plan import Plan


def check(campaign: CampaignFile, /, *, practice: Practice = False, json: Json = False) -> Exit:
    """Judge every gate and try every rendering; send nothing."""
    from sender import pipeline
    from sender.cli import wiring
    from sender.cli.as_json import plan_as_json
    from sender.cli.plans import show_plan
    from sender.cli.terminal import out, print_json
    from sender.cli.words import Words

    brief = pipeline.read(campaign)
    settings = wiring.settings_for(campaign)
    with wiring.opened_or_borrowed(settings, practice=practice) as house:
        reserved = practice or settings.relay is None or wiring.relay_is_local(settings)
        plan = pipeline.check(house, brief, reserved_allowed=reserved)
        plan = replace(plan, warnings=wiring.warnings(house, brief.campaign))
    status = Exit.GATE_REFUSED if plan.refused else Exit.AS_PLANNED
    if json:
        print_json("check/1", {"plan": plan_as_json(plan, settings.language), "exit": int(status)})
    else:
        show_plan(plan, out(), settings.language, practice=practice)
        out().print(Words(settings.language)(verdict(plan)), markup=False)
    return status


def verdict(plan: Plan) -> str:
    """The key of the last line: a campaign that passes but reaches nobody is no success."""
    if plan.refused:
        return "check.refused"
    if plan.to_send == 0:
        return "check.nobody_left" if plan.already else "check.nobody"
    if plan.to_send <= sum(held.contacts for held in plan.uncomposable):
        return "check.no_letter"
    return "check.passed"
