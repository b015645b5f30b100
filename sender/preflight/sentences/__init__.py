"""Remarks in words, French or English: one file a language, one entry a code, facts in braces."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from sender.preflight.remarks import Remark

__all__ = ["LANGUAGES", "Saying", "catalogue", "say"]

LANGUAGES = ("fr", "en")


@dataclass(frozen=True, slots=True)
class Saying:
    """What was found, why it matters, what to do; the last two are empty where nothing is wrong."""

    what: str
    why: str = ""
    todo: str = ""

    def __str__(self) -> str:
        return "\n".join(filter(None, (self.what, self.why, self.todo)))


def say(remark: Remark, language: str) -> Saying:
    """The remark in words; other languages than French are answered in English."""
    said = catalogue("fr" if language.lower().startswith("fr") else "en")
    entry = said[remark.check].get(remark.code) or said["any"][remark.code]
    facts = {**remark.facts}
    if "demands" in facts:
        facts["demands"] = ", ".join(said["demand"][one] for one in str(facts["demands"]).split(", "))
    return Saying(*(entry.get(part, "").format_map(facts) for part in ("what", "why", "todo")))


@cache
def catalogue(language: str) -> Mapping[str, Any]:
    """Every entry: check, code, and its three parts."""
    return tomllib.loads(files(__name__).joinpath(f"{language}.toml").read_text(encoding="utf-8"))
