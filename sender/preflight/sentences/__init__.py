"""Remarks in words, French or English: one file a language, one entry a code, facts in braces."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from sender.catalogue import Saying, spoken
from sender.preflight.remarks import Remark

__all__ = ["LANGUAGES", "catalogue", "say"]

LANGUAGES = ("fr", "en")


def say(remark: Remark, language: str) -> Saying:
    """The remark in words; other languages than French are answered in English."""
    said = catalogue(spoken(language))
    entry = said[remark.check].get(remark.code) or said["any"][remark.code]
    facts = {**remark.facts}
    if "demands" in facts:
        facts["demands"] = ", ".join(said["demand"][one] for one in str(facts["demands"]).split(", "))
    return Saying.of(entry, facts)


@cache
def catalogue(language: str) -> Mapping[str, Any]:
    """Every entry: check, code, and its three parts."""
    return tomllib.loads(files(__name__).joinpath(f"{language}.toml").read_text(encoding="utf-8"))
