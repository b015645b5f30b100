"""How gates answer: verdicts about contacts are made once for equal facts, so that a million of them stay cheap."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from sender.errors import Place
from sender.model import Fact, Finding, Verdict

Findings = Mapping[str, tuple[str, ...]]
"""Every code that a gate can give, with the names of the facts that come with it."""


@lru_cache(maxsize=4096)
def _contact_verdict(gate: str, passed: bool, code: str, rule: str, facts: tuple[tuple[str, Fact], ...]) -> Verdict:
    return Verdict(gate, passed, (Finding(code, dict(facts), rule),))


def allow(gate: str, code: str, rule: str = "", *facts: tuple[str, Fact]) -> Verdict:
    """A contact gate lets pass; facts as pairs."""
    return _contact_verdict(gate, True, code, rule, facts)


def refuse(gate: str, code: str, rule: str = "", *facts: tuple[str, Fact]) -> Verdict:
    """A contact gate refuses; facts as pairs."""
    return _contact_verdict(gate, False, code, rule, facts)


def found(code: str, rule: str, place: Place | None = None, **facts: Fact) -> Finding:
    """One finding of a campaign gate."""
    return Finding(code, facts, rule, place)


def unless_found(gate: str, findings: Iterable[Finding], passed: Finding) -> Verdict:
    """Refuse with every finding; where there is none, pass with ``passed``."""
    seen: list[Finding] = []
    for finding in findings:
        if finding not in seen:
            seen.append(finding)
    return Verdict(gate, not seen, tuple(seen) or (passed,))
