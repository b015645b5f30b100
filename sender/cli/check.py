"""``send-campaign check``: everything judged, every letter composed, nothing written or sent."""

from __future__ import annotations

from dataclasses import replace

from sender.cli.options import CampaignFile, Json, Practice
from sender.errors import Exit


def check(campaign: CampaignFile, /, *, practice: Practice = False, json: Json = False) -> Exit:
    """Judge every gate and try every rendering; send nothing."""
    from sender import pipeline
    from sender.cli import wiring
    from sender.cli.as_json import plan_as_json
    from sender.cli.terminal import out, print_json, show_plan

    brief = pipeline.read(campaign)
    settings = wiring.settings_for(campaign)
    with wiring.opened_or_borrowed(settings, practice=practice) as house:
        reserved = practice or settings.relay is None or wiring.relay_is_local(settings)
        plan = pipeline.check(house, brief, reserved_allowed=reserved)
        plan = replace(plan, warnings=wiring.warnings(house))
    status = Exit.GATE_REFUSED if plan.refused else Exit.AS_PLANNED
    if json:
        print_json("check/1", {"plan": plan_as_json(plan, settings.language), "exit": int(status)})
    else:
        show_plan(plan, out(), settings.language, practice=practice)
        words = "The campaign is refused." if plan.refused else "Every gate of the campaign lets it pass."
        out().print(f"{words} Nothing was sent.")
    return status
