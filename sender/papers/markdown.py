"""A paper as Markdown, for a folder under version control."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sender.papers.paper import Alarm, Bars, Block, Facts, Paper, Prose, Table, number

__all__ = ["as_markdown"]


def as_markdown(paper: Paper) -> str:
    return "\n".join(_lines(paper)).rstrip() + "\n"


def _lines(paper: Paper) -> Iterator[str]:
    yield from (f"# {_words(paper.title)}", "", _words(paper.subtitle), "")
    for section in paper.sections:
        yield from (f"## {_words(section.title)}", "")
        for block in section.blocks:
            yield from _block(block, paper)
            yield ""
    if paper.made:
        yield from ("---", "", _words(paper.made))


def _block(block: Block, paper: Paper) -> Iterator[str]:
    match block:
        case Prose(text=text):
            yield _words(text)
        case Alarm(text=text):
            yield f"> **{_words(text)}**"
        case Facts(rows=rows):
            yield from _table(("", ""), [(name, value) for name, value in rows], paper)
        case Table(heads=heads, rows=rows):
            yield from _table(heads, rows, paper)
        case Bars(rows=rows):
            yield from _table(("", "", "%"), [(*row, f"{100 * block.share(row[1]):.0f}") for row in rows], paper)


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str | int | None, ...]], paper: Paper) -> Iterator[str]:
    yield "| " + " | ".join(heads) + " |"
    yield "|" + " --- |" * len(heads)
    for row in rows:
        yield "| " + " | ".join(_cell(value, paper) for value in row) + " |"


def _cell(value: str | int | None, paper: Paper) -> str:
    if value is None:
        return f"**{paper.missing}**"
    return number(value, paper.language) if isinstance(value, int) else _words(value).replace("\n", "<br>")


def _words(text: str) -> str:
    """What means something to Markdown is made to mean itself."""
    for sign in "\\`*_[]<|":
        text = text.replace(sign, "\\" + sign)
    return text
