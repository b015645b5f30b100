"""Why a letter is held or may go, in words: a gate's finding, or what kept a letter from being composed."""

from __future__ import annotations

from sender.gates import sentence
from sender.letters import REASONS
from sender.model import Finding

__all__ = ["reason"]


def reason(gate: str, finding: Finding, language: str) -> str:
    """On one line, without the rule."""
    if gate == "letter":
        return " ".join(REASONS[finding.code][language].format_map(finding.facts).split())
    return " ".join(sentence(gate, finding, language).split())
