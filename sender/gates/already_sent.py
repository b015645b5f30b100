"""Refuses whoever this campaign has reached, may have reached, or was refused for good."""

from __future__ import annotations

from sender.gates.facts import ContactFacts
from sender.gates.verdicts import Findings, allow, refuse
from sender.model import LetterState, Verdict

_AGAIN = {
    None: "first",
    LetterState.WAITING: "first",
    LetterState.HELD: "first",
    LetterState.WITHDRAWN: "first",
    LetterState.DEFERRED: "deferred",
}
_DONE = (LetterState.SENDING, LetterState.ACCEPTED, LetterState.REFUSED, LetterState.UNKNOWN)
FINDINGS: Findings = {"first": (), "deferred": (), **{state.value: () for state in _DONE}, "other": ("state",)}
_RULE = "one letter a campaign"


def judge(facts: ContactFacts) -> Verdict:
    already = facts.history.already
    if already in _AGAIN:
        return allow("already_sent", _AGAIN[already], _RULE)
    if already in _DONE:
        return refuse("already_sent", already.value, _RULE)
    return refuse("already_sent", "other", _RULE, ("state", str(already)))
