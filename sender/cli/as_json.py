"""What ``--json`` prints, version 1; docs/reference/json.md describes it. A change of meaning gets a new version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sender.cli.terminal import print_json
from sender.errors import Complaint, Exit
from sender.model import LetterState

if TYPE_CHECKING:
    from sender.ledger import CampaignStanding, HungRun, RelayAnswer, UnknownLetter
    from sender.model import Finding, Sums, Verdict
    from sender.steps.plan import Held, Plan, Summary


def plan_as_json(plan: Plan, language: str) -> dict[str, Any]:
    reading = plan.reading
    return {
        "campaign": plan.campaign.name,
        "reading": {
            "rows": reading.rows,
            "contacts": reading.contacts,
            "doubles": [{"line": line, "first_line": first} for line, first in reading.doubles],
            "rejected": [{"line": row.line, "code": row.code, "reason": row.reason} for row in reading.rejected],
            "notes": list(reading.notes),
        },
        "verdicts": [verdict_as_json(verdict, language) for verdict in plan.verdicts],
        "to_send": plan.to_send,
        "already": plan.already,
        "erased": plan.erased,
        "held_contacts": plan.held_contacts,
        "held": [held_as_json(held, language) for held in plan.held],
        "uncomposable": [held_as_json(held, language) for held in plan.uncomposable],
        "probable_doubles": plan.probable_doubles,
        "slow": [asdict(one) | {"rate": str(one.rate)} for one in plan.slow],
        "too_slow": plan.too_slow,
        "day": asdict(plan.day) if plan.day else None,
        "warnings": list(plan.warnings),
    }


def verdict_as_json(verdict: Verdict, language: str) -> dict[str, Any]:
    findings = [finding_as_json(verdict.gate, finding, language) for finding in verdict.findings]
    return {"gate": verdict.gate, "passed": verdict.passed, "findings": findings}


def finding_as_json(gate: str, finding: Finding, language: str) -> dict[str, Any]:
    from sender.cli.plans import reason

    return {
        "code": finding.code,
        "sentence": reason(gate, finding, language),
        "rule": finding.rule,
        "facts": dict(finding.facts),
        "place": str(finding.place) if finding.place else None,
    }


def held_as_json(held: Held, language: str) -> dict[str, Any]:
    return {"gate": held.gate, "contacts": held.contacts, **finding_as_json(held.gate, held.finding, language)}


def standing_as_json(
    standing: CampaignStanding, unknown: Sequence[UnknownLetter], hung: Sequence[HungRun]
) -> dict[str, Any]:
    return {
        "name": standing.name,
        "path": standing.path,
        "live_runs": standing.live_runs,
        "sums": sums_as_json(standing.sums),
        "hung": [hung_as_json(one) for one in hung],
        "unknown": [unknown_as_json(one) for one in unknown],
    }


def hung_as_json(run: HungRun) -> dict[str, Any]:
    return {"process": run.process, "silent_since": run.silent_since.isoformat(), "letters": run.letters}


def unknown_as_json(letter: UnknownLetter) -> dict[str, Any]:
    """``message_id`` and ``opened_at`` are null where a restored base has lost the attempt."""
    opened = letter.opened_at.isoformat() if letter.opened_at else None
    return {"contact": letter.contact, "message_id": letter.message_id, "opened_at": opened}


def sums_as_json(sums: Sums) -> dict[str, int]:
    return {"audience": sums.audience} | {state.value: getattr(sums, state.value) for state in LetterState}


def summary_as_json(summary: Summary, path: Path) -> dict[str, Any]:
    from sender.cli.resume import pause_as_json

    return {
        "campaign": summary.campaign,
        "practice": summary.practice,
        **sums_as_json(summary.sums),
        "answers": [answer_as_json(one) for one in summary.answers],
        "hung": [hung_as_json(one) for one in summary.hung],
        "paused": [pause_as_json(one, path, practice=summary.practice) for one in summary.pauses],
        "accepted_now": summary.sent_now,
        "refused_now": summary.refused_now,
        "seconds": round(summary.seconds, 3),
        "journal_head": summary.head,
        "words": list(summary.words),
    }


def answer_as_json(answer: RelayAnswer) -> dict[str, Any]:
    """Codes only: the relay's own words may name people."""
    return {
        "state": answer.state.value,
        "code": answer.code,
        "enhanced": answer.enhanced,
        "stage": answer.stage,
        "letters": answer.letters,
    }


def print_error(complaints: Sequence[Complaint], status: Exit) -> None:
    """What went wrong, for a script; none where a signal ended the command."""
    print_json("error/1", {"exit": int(status), "errors": [error_as_json(one) for one in complaints]})


def error_as_json(complaint: Complaint) -> dict[str, str | None]:
    return {
        "code": complaint.code,
        "what": complaint.what,
        "why": complaint.why,
        "todo": complaint.todo,
        "place": str(complaint.place) if complaint.place else None,
    }
