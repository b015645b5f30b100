"""The word lists of the campaign gates, read once from ``words.toml``. All words are folded (`shown.folded`)."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files

from sender.gates.shown import folded

_DATA = tomllib.loads(files("sender.gates").joinpath("words.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class Goods:
    """A kind of universal goods; ``trades``: the job functions whose own work they are."""

    name: str
    words: frozenset[str]
    trades: frozenset[str]


def _folded(words: Iterable[str]) -> frozenset[str]:
    return frozenset(folded(word) for word in words)


UNIVERSAL = tuple(
    Goods(name, _folded(entry["words"]), frozenset(entry["trades"])) for name, entry in _DATA["universal"].items()
)
TOOLS = _folded(_DATA["tools"]["words"])
STOP_WORDS = _folded(_DATA["stop"]["words"])
AD_LABELS = _folded(_DATA["ad_labels"]["words"])
REPLY_MARKS = _folded(_DATA["reply_marks"]["words"])
CONCEPTS = {
    name: tuple((one[1:] if one[0] == "-" else f" {one}").replace("$", " ") for one in beginnings)
    for name, beginnings in _DATA["concepts"].items()
}
"""Each with what to look for in folded text that stands between two spaces."""

REDIRECTORS = frozenset(_DATA["redirectors"]["domains"])
LOGIN_WORDS = _folded(_DATA["login"]["words"])
LOGIN_PHRASES = _folded(_DATA["login"]["phrases"])
