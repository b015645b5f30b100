"""A paper as one HTML page: for a telephone, a screen and a sheet of paper; dark where the reader wants it so."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from sender.papers.paper import Alarm, Bars, Block, Facts, Paper, Prose, Section, Table, number

__all__ = ["as_fragment", "as_html"]

# Nothing may be fetched and nothing may run, even if a text that slipped through unescaped asked for it.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #59636e; --line: #d5dae0; --bar: #2f6f9f; --ground: #fff;
  --alarm: #9a1f1f; --alarm-ground: #fdecec; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ed; --soft: #9aa4af; --line: #3a424b; --bar: #6cb0e0;
  --ground: #15181c; --alarm: #ff9c9c; --alarm-ground: #3a1a1a; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 62rem; padding: 1.5rem 1rem 3rem; color: var(--ink); background: var(--ground);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: break-word; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 .25rem; }
h2 { font-size: 1.15rem; margin: 2.2rem 0 .6rem; padding-bottom: .25rem; border-bottom: 1px solid var(--line); }
.soft, footer { color: var(--soft); }
footer { margin-top: 3rem; font-size: .85rem; }
p { margin: .5rem 0; max-width: 46rem; white-space: pre-line; }
dl { display: grid; grid-template-columns: minmax(10rem, 17rem) 1fr; gap: .35rem 1.5rem; margin: .6rem 0; }
dt { color: var(--soft); } dd { margin: 0; white-space: pre-line; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; margin: .6rem 0; }
table { border-collapse: collapse; width: 100%; font-size: .95rem; }
td { white-space: pre-line; }
th, td { text-align: left; vertical-align: top; padding: .35rem .9rem .35rem 0; border-bottom: 1px solid var(--line); }
th { font-weight: 600; } .n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.bars { table-layout: auto; } .bars td { border: 0; padding: .2rem .9rem .2rem 0; vertical-align: middle; }
.bars td:first-child { width: 42%; } .bars svg { display: block; width: 100%; min-width: 4rem; height: .8rem; }
.bars rect { fill: var(--bar); } .bars .whole { fill: var(--line); opacity: .45; }
.alarm, .missing { color: var(--alarm); background: var(--alarm-ground); font-weight: 600; }
.alarm { padding: .6rem .9rem; border-left: .3rem solid var(--alarm); } .missing { padding: 0 .4rem; }
@media (max-width: 34rem) { dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .6rem; }
  body { padding: 1rem .9rem 2rem; } .bars { font-size: .88rem; } .bars td { padding-right: .5rem; }
  .scroll thead { display: none; } .scroll :is(table, tbody, tr, td) { display: block; }
  .scroll tr { padding: .5rem 0; border-bottom: 1px solid var(--line); } .scroll td { border: 0; padding: .1rem 0; }
  .scroll td::before { content: attr(data-head) "\\a0 "; color: var(--soft); } .scroll .n { text-align: left; } }
@media print { :root { --ink: #000; --soft: #444; --line: #bbb; --bar: #2f6f9f; --ground: #fff; --alarm: #9a1f1f;
  --alarm-ground: #fff; } body { max-width: none; padding: 0; font-size: 10pt; } h2 { break-after: avoid; }
  tr, dt, dd, .alarm { break-inside: avoid; } .scroll { overflow: visible; }
  rect, .alarm, .missing { print-color-adjust: exact; } @page { margin: 18mm 15mm; } }
"""


def as_html(paper: Paper) -> str:
    title = escape(paper.title)
    return (
        f'<!DOCTYPE html>\n<html lang="{paper.language}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="robots" content="noindex">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f'<h1>{title}</h1>\n<p class="soft">{escape(paper.subtitle)}</p>\n{as_fragment(paper)}'
        f"<footer>{escape(paper.made)}</footer>\n</body>\n</html>\n"
    )


def as_fragment(paper: Paper) -> str:
    """The sections alone, to stand in a page that has its own head and style."""
    return "".join(_section(section, paper) for section in paper.sections)


def _section(section: Section, paper: Paper) -> str:
    blocks = "".join(_block(block, paper) for block in section.blocks)
    return f"<h2>{escape(section.title)}</h2>\n{blocks}"


def _block(block: Block, paper: Paper) -> str:
    match block:
        case Prose(text=text):
            return f"<p>{escape(text)}</p>\n"
        case Alarm(text=text):
            return f'<p class="alarm">{escape(text)}</p>\n'
        case Facts(rows=rows):
            pairs = "".join(f"<dt>{escape(name)}</dt><dd>{_value(value, paper)}</dd>\n" for name, value in rows)
            return f"<dl>\n{pairs}</dl>\n"
        case Table():
            return _table(block, paper)
        case Bars():
            return _bars(block, paper)


def _value(value: str | None, paper: Paper) -> str:
    return escape(value) if value is not None else f'<span class="missing">{paper.missing}</span>'


def _table(table: Table, paper: Paper) -> str:
    numeric = [any(isinstance(row[place], int) for row in table.rows) for place in range(len(table.heads))]
    heads = "".join(_cell("th", escape(head), right) for head, right in zip(table.heads, numeric, strict=True))
    rows = "".join(f"<tr>{''.join(_cells(row, table.heads, numeric, paper))}</tr>\n" for row in table.rows)
    return f'<div class="scroll"><table>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table></div>\n'


def _cells(
    row: tuple[str | int | None, ...], heads: tuple[str, ...], numeric: list[bool], paper: Paper
) -> Iterator[str]:
    """Each cell carries its column's head, which stands before it where the page is too narrow for columns."""
    for value, head, right in zip(row, heads, numeric, strict=True):
        shown = number(value, paper.language) if isinstance(value, int) else value
        yield _cell("td", _value(shown, paper), right, f' data-head="{escape(head)}"')


def _cell(tag: str, content: str, right: bool, more: str = "") -> str:
    kind = ' class="n"' if right else ""
    return f"<{tag}{kind}{more}>{content}</{tag}>"


def _bars(bars: Bars, paper: Paper) -> str:
    rows = "".join(_bar(label, count, bars, paper) for label, count in bars.rows)
    return f'<table class="bars">\n<tbody>\n{rows}</tbody>\n</table>\n'


def _bar(label: str, count: int, bars: Bars, paper: Paper) -> str:
    """The picture says nothing that the numbers beside it do not: it is hidden from those who listen to the page."""
    width = round(100 * min(1.0, bars.share(count)), 2)
    picture = (
        '<svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect class="whole" width="100" height="10"/><rect width="{width}" height="10"/></svg>'
    )
    share = f"{100 * bars.share(count):.0f}\u202f%" if paper.language == "fr" else f"{100 * bars.share(count):.0f}%"
    return (
        f'<tr><td>{escape(label)}</td><td>{picture}</td><td class="n">{number(count, paper.language)}</td>'
        f'<td class="n soft">{share}</td></tr>\n'
    )
