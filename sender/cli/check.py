"""``send-campaign check``: everything judged, every letter composed, nothing written or sent."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sender.cli.options import CampaignFile, Json, Practice
from sender.errors import Exit

if TYPE_CHECKING:
    from sender.steps.plan import Plan
    from sender.steps.preflight import Preflight


def check(campaign: CampaignFile, /, *, practice: Practice = False, json: Json = False) -> Exit:
    """Judge every gate, try every rendering, ask the DNS what receivers will ask; send nothing."""
    from sender import pipeline
    from sender.cli import wiring
    from sender.cli.as_json import plan_as_json
    from sender.cli.plans import show_plan
    from sender.cli.preflight import preflight_as_json, show_preflight
    from sender.cli.terminal import out, print_json
    from sender.cli.words import Words
    from sender.steps.preflight import preflight

    brief = pipeline.read(campaign)
    settings = wiring.settings_for(campaign)
    with wiring.opened_or_borrowed(settings, practice=practice) as house:
        reserved = practice or settings.relay is None or wiring.relay_is_local(settings)
        plan = pipeline.check(house, brief, reserved_allowed=reserved)
        plan = replace(plan, warnings=wiring.warnings(house, brief.campaign))
        found = preflight(house, brief, plan.receivers, practice=practice)
    status = status_of(plan, found)
    language = settings.language
    if json:
        said = {"plan": plan_as_json(plan, language), "preflight": preflight_as_json(found, language)}
        print_json("check/1", {**said, "exit": int(status)})
    else:
        show_plan(plan, out(), language, practice=practice)
        show_preflight(found, out(), language)
        out().print(Words(language)(verdict(plan, found)), markup=False)
    return status


def status_of(plan: Plan, found: Preflight) -> Exit:
    """A gate stops the campaign; what the preflight finds does not, but is no success either."""
    if plan.refused:
        return Exit.GATE_REFUSED
    return Exit.SETTINGS_WRONG if found.failed else Exit.AS_PLANNED


def verdict(plan: Plan, found: Preflight) -> str:
    """The key of the last line: a campaign that passes but reaches nobody is no success."""
    if plan.refused:
        return "check.refused"
    if found.failed:
        return "check.unwelcome"
    if plan.to_send == 0:
        return "check.nobody_left" if plan.already else "check.nobody"
    if plan.to_send <= sum(held.contacts for held in plan.uncomposable):
        return "check.no_letter"
    return "check.passed"
