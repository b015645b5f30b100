"""A paper as plain text, for a terminal or a mail."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import wrap

from sender.papers.paper import Alarm, Bars, Block, Facts, Paper, Prose, Table, number

__all__ = ["as_text"]

_WIDTH = 100
_LABEL = 38
_BAR = 24


def as_text(paper: Paper) -> str:
    return "\n".join(_lines(paper)).rstrip() + "\n"


def _lines(paper: Paper) -> Iterator[str]:
    yield from (paper.title, *filter(None, (paper.subtitle,)))
    for section in paper.sections:
        yield from ("", section.title)
        for block in section.blocks:
            yield from ("  " + line if line else "" for line in _block(block, paper))
    if paper.made:
        yield from ("", paper.made)


def _block(block: Block, paper: Paper) -> Iterator[str]:
    match block:
        case Prose(text=text):
            yield from _wrapped(text)
        case Alarm(text=text):
            yield from (f"! {line}" for line in _wrapped(text))
        case Facts(rows=rows):
            for name, value in rows:
                yield from _fact(name, f"[{paper.missing}]" if value is None else value)
        case Table():
            yield from _table(block, paper)
        case Bars(rows=rows):
            for label, count in rows:
                bar = "█" * round(_BAR * min(1.0, block.share(count)))
                shown = f"{number(count, paper.language):>10} {100 * block.share(count):>4.0f} %"
                yield f"{label:<{_LABEL}} {shown}  {bar}".rstrip()


def _wrapped(text: str, width: int = _WIDTH) -> list[str]:
    return [line for part in text.splitlines() for line in wrap(part, width) or [""]]


def _fact(name: str, value: str) -> Iterator[str]:
    first, *rest = _wrapped(value, _WIDTH - _LABEL) or [""]
    yield f"{name:<{_LABEL}} {first}".rstrip()
    yield from (f"{'':<{_LABEL}} {line}".rstrip() for line in rest)


def _table(table: Table, paper: Paper) -> Iterator[str]:
    rows = [tuple(_cell(value, paper) for value in row) for row in table.rows]
    widths = [max(map(len, column)) for column in zip(table.heads, *rows, strict=True)]
    right = [any(isinstance(row[place], int) for row in table.rows) for place in range(len(widths))]
    for row in (table.heads, *rows):
        yield _row(row, widths, right)


def _row(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    padded = (
        cell.rjust(width) if at_right else cell.ljust(width)
        for cell, width, at_right in zip(cells, widths, right, strict=True)
    )
    return "  ".join(padded).rstrip()


def _cell(value: str | int | None, paper: Paper) -> str:
    if value is None:
        return f"[{paper.missing}]"
    return number(value, paper.language) if isinstance(value, int) else " ".join(value.split())
