"""The word lists of the campaign gates, read once from ``words.toml`` and ``related.toml``.

All words are folded (`shown.folded`).
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from sender.gates.shown import folded


def _read(name: str) -> Mapping[str, Any]:
    return tomllib.loads(files("sender.gates").joinpath(name).read_text(encoding="utf-8"))


_DATA = _read("words.toml")


@dataclass(frozen=True, slots=True)
class Goods:
    """A kind of universal goods.

    ``trades``: the job functions whose own work they are; ``tools_too``: even where the offer names a tool.
    """

    name: str
    words: frozenset[str]
    trades: frozenset[str]
    tools_too: bool


def _folded(words: Iterable[str]) -> frozenset[str]:
    return frozenset(folded(word) for word in words)


UNIVERSAL = tuple(
    Goods(name, _folded(entry["words"]), frozenset(entry["trades"]), entry.get("tools_too", False))
    for name, entry in _DATA["universal"].items()
)
TOOLS = _folded(_DATA["tools"]["words"])
STOP_WORDS = _folded(_DATA["stop"]["words"])
AD_LABELS = _folded(_DATA["ad_labels"]["words"])
PRETEXT_MARKS = _folded(_DATA["pretexts"]["marks"])
PRETEXT_OPENINGS = _folded(_DATA["pretexts"]["openings"])
PRETEXTS = _folded(_DATA["pretexts"]["anywhere"])
NO_PRETEXTS = _folded(_DATA["pretexts"]["unless"])
REPLY_MARKS = _folded(_DATA["reply_marks"]["words"])
CONCEPTS = {
    name: tuple((one[1:] if one[0] == "-" else f" {one}").replace("$", " ") for one in beginnings)
    for name, beginnings in _read("related.toml")["concepts"].items()
}
"""Each with what to look for in folded text that stands between two spaces."""

REDIRECTORS = frozenset(_DATA["redirectors"]["domains"])
LOGIN_WORDS = _folded(_DATA["login"]["words"])
LOGIN_PHRASES = _folded(_DATA["login"]["phrases"])
