"""Verdicts in words, French or English: ``sentences/<language>.toml`` holds one entry for each code of each gate."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from sender.catalogue import Saying, spoken
from sender.functions import FUNCTIONS
from sender.model import Fact, Finding

LANGUAGES = ("fr", "en")


def say(gate: str, finding: Finding, language: str) -> Saying:
    """The finding in words; why and what to do are given where a campaign gate refuses, empty elsewhere."""
    catalogue, words = _catalogue(spoken(language)), _words(spoken(language))
    entry = catalogue[gate].get(finding.code) or catalogue["any"][finding.code]
    values = {name: _word(value, words) for name, value in finding.facts.items()}
    return Saying.of(entry, values)


def sentence(gate: str, finding: Finding, language: str) -> str:
    """The finding in words, each part on a line of its own."""
    return str(say(gate, finding, language))


def cited(finding: Finding, language: str) -> str:
    """The rule as it is cited; rules of the house have words, the law's are names."""
    rule = finding.rule or ""
    return _words(spoken(language)).get(rule, rule)


@cache
def _catalogue(language: str) -> Mapping[str, Any]:
    return tomllib.loads(files(__name__).joinpath(f"{language}.toml").read_text(encoding="utf-8"))


@cache
def _words(language: str) -> Mapping[str, str]:
    """What stands in facts as codes: the gates' own, and the job functions."""
    functions = {slug: function.labels[language] for slug, function in FUNCTIONS.items()}
    return {**functions, **_catalogue(language)["words"]}


def _word(value: Fact, words: Mapping[str, str]) -> str:
    if isinstance(value, tuple):
        return ", ".join(words.get(item, item) for item in value)
    return words.get(str(value), str(value))
