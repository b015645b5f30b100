"""The gates in order, and the two ways through them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Generic, TypeVar

from sender.gates import (
    address,
    already_sent,
    basis,
    frequency,
    identity,
    notice,
    offer,
    register,
    relevance,
    retention,
    source,
    subject,
    suppressed,
    topics,
    tracking,
    unsubscribe,
)
from sender.gates.facts import CampaignFacts, ContactFacts
from sender.model import Decision, Finding, Verdict

F = TypeVar("F")
FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Gate(Generic[F]):
    """One gate: its name, what it refuses in one sentence, every code it can give with the names of its facts."""

    name: str
    description: str
    judge: Callable[[F], Verdict]
    findings: Mapping[str, tuple[str, ...]]


def _gate(module: ModuleType) -> Gate[F]:
    name = module.__name__.rpartition(".")[2]
    findings = {**module.FINDINGS, FAULT: ("error",)}
    return Gate(name, (module.__doc__ or "").strip().splitlines()[0], module.judge, findings)


CAMPAIGN_GATES: tuple[Gate[CampaignFacts], ...] = (
    _gate(identity),
    _gate(unsubscribe),
    _gate(offer),
    _gate(subject),
    _gate(tracking),
    _gate(register),
)
CONTACT_GATES: tuple[Gate[ContactFacts], ...] = (
    _gate(address),
    _gate(suppressed),
    _gate(topics),
    _gate(source),
    _gate(notice),
    _gate(basis),
    _gate(relevance),
    _gate(retention),
    _gate(frequency),
    _gate(already_sent),
)


def judge_campaign(
    facts: CampaignFacts, gates: tuple[Gate[CampaignFacts], ...] = CAMPAIGN_GATES
) -> tuple[Verdict, ...]:
    """What each campaign gate says. Without gates the answer is one refusal."""
    return _answers(facts, gates) or (Verdict("campaign", False, (Finding(FAULT, {"error": "NoGates"}),)),)


def judge_contact(facts: ContactFacts, gates: tuple[Gate[ContactFacts], ...] = CONTACT_GATES) -> Decision:
    """What each contact gate says. Equal answers are the same object, so that the ledger stores them once."""
    verdicts = _answers(facts, gates)
    # Verdicts that a cached decision holds stay alive, so that no other object can have their identity.
    key = tuple(map(id, verdicts))
    known = _decisions.get(key)
    if known is not None:
        return known
    if len(_decisions) >= _MOST_DECISIONS:
        _decisions.clear()
    decision = _decisions[key] = Decision(verdicts)
    return decision


_MOST_DECISIONS = 8192
_decisions: dict[tuple[int, ...], Decision] = {}


def _answers(facts: F, gates: tuple[Gate[F], ...]) -> tuple[Verdict, ...]:
    try:
        return tuple([gate.judge(facts) for gate in gates])
    except Exception:
        return tuple([_answer(gate, facts) for gate in gates])


def _answer(gate: Gate[F], facts: F) -> Verdict:
    try:
        return gate.judge(facts)
    except Exception as error:  # an error inside a gate means no mail; its text may hold personal data
        return Verdict(gate.name, False, (Finding(FAULT, {"error": type(error).__name__}),))
