"""How a preflight is shown: what is wrong or not known in three parts, what passed as a number; JSON has it all."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from rich.markup import escape

from sender.cli.words import Words
from sender.preflight import Level, say

if TYPE_CHECKING:
    from rich.console import Console

    from sender.preflight import Remark
    from sender.steps.preflight import Preflight

_COLOURS = {Level.FAILED: "red", Level.WARNING: "yellow", Level.UNKNOWN: "yellow"}


def show_preflight(found: Preflight, console: Console, language: str) -> None:
    """The worst first."""
    words = Words(language)
    if found.not_asked:
        console.print(f"  {words(f'preflight.{found.not_asked}')}", markup=False)
    counts = Counter(remark.level for remark in found.remarks)
    if counts:
        parts = [words(f"preflight.{level}", n=counts[level]) for level in Level if counts[level]]
        console.print(f"  {words('preflight.counts', parts=', '.join(parts))}", markup=False)
    for level, colour in _COLOURS.items():
        for remark in found.remarks:
            if remark.level is level:
                _show(remark, words(f"preflight.is_{level}"), colour, console, language)


def _show(remark: Remark, label: str, colour: str, console: Console, language: str) -> None:
    console.print(f"[{colour}]{label}[/{colour}] {remark.check}.{remark.code}: {escape(remark.where)}")
    for line in str(say(remark, language)).splitlines():
        console.print(f"  {line}", markup=False)


def preflight_as_json(found: Preflight, language: str) -> dict[str, Any]:
    return {"not_asked": found.not_asked, "remarks": [_as_json(remark, language) for remark in found.remarks]}


def _as_json(remark: Remark, language: str) -> dict[str, Any]:
    said = say(remark, language)
    return {
        "level": remark.level,
        "check": remark.check,
        "code": remark.code,
        "where": remark.where,
        "facts": dict(remark.facts),
        "what": said.what,
        "why": said.why or None,
        "todo": said.todo or None,
    }
