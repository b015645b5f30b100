"""``send-campaign report``: one campaign accounted for, to be shown to whoever may ask."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from sender.cli.options import Json, Practice
from sender.cli.papers import Out, PaperLanguage, demand_kind, hand_over, language_of
from sender.errors import Exit

if TYPE_CHECKING:
    from sender.steps.campaign_paper import CampaignAccount, Ground


def report(
    campaign: Annotated[Path, Parameter(help="The campaign file, or the campaign's name.")],
    /,
    *,
    out: Out = None,
    with_people: Annotated[
        bool, Parameter(negative="", show_default=False, help="List every letter with its address and name, too.")
    ] = False,
    language: PaperLanguage = None,
    practice: Practice = False,
    json: Json = False,
) -> Exit:
    """Account for a campaign: sums, grounds, answers, rules and hashes; no personal data unless asked for."""
    from sender.cli import wiring
    from sender.cli.terminal import command, print_json
    from sender.steps.campaign_paper import account_of, campaign_paper

    demand_kind(out)
    settings = wiring.settings_for(campaign, log_needed=False)
    spoken = language_of(language, settings.language)
    name = wiring.campaign_name(campaign)
    with wiring.opened(settings, practice=practice) as house:
        found = account_of(house, name, with_people=with_people and not json)
        now = house.now()
    if json:
        print_json("report/1", account_as_json(found, spoken))
        return Exit.AS_PLANNED
    resolve = command("resolve", found.account.path, practice=practice)
    hand_over({name: campaign_paper(found, spoken, now, practice=practice, resolve=resolve)}, out)
    return Exit.AS_PLANNED


def account_as_json(found: CampaignAccount, language: str) -> dict[str, Any]:
    from sender.cli.as_json import answer_as_json, sums_as_json, unknown_as_json

    account = found.account
    first, last = account.first_attempt, account.last_attempt
    return {
        "campaign": account.name,
        "record": account.record,
        "basis": account.basis,
        "sums": sums_as_json(found.sums),
        "held": [ground_as_json(one, language) for one in found.held()],
        "lawful": [ground_as_json(one, language) for one in found.lawful()],
        "tried": found.tried,
        "runs": account.runs,
        "attempts": account.attempts,
        "first_attempt": first.isoformat() if first else None,
        "last_attempt": last.isoformat() if last else None,
        "answers": [answer_as_json(one) for one in found.answers],
        "unknown": [unknown_as_json(one) for one in found.unknown],
        "packs": [{"pack": label, "accepted": word is not None} for label, word in found.packs],
        "digests": [{"part": part, "digest": digest} for part, digest in sorted(account.digests.items())],
        "journal_head": str(found.head),
        "journal_whole": found.flaw is None,
    }


def ground_as_json(ground: Ground, language: str) -> dict[str, Any]:
    from sender.cli.as_json import finding_as_json

    return {"gate": ground.gate, "letters": ground.letters, **finding_as_json(ground.gate, ground.finding, language)}
