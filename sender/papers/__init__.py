"""Papers to show an authority, a person, or oneself: written once, read as HTML, Markdown, XLSX or plain text.

In: a ``Paper``, which is titles, facts, tables, bars and words, in one language. Out: one file that needs nothing
else: no script, no picture from elsewhere. What is missing is shown as missing, in every form, so that nobody takes
a gap for an answer. Knows nothing of what the papers say.
"""

from sender.papers.html import as_fragment, as_html
from sender.papers.markdown import as_markdown
from sender.papers.paper import (
    MISSING,
    Alarm,
    Bars,
    Block,
    Facts,
    Paper,
    Prose,
    Section,
    Table,
    joined,
    missing_in,
    without_gaps,
)
from sender.papers.plain import as_text
from sender.papers.sheet import as_xlsx
from sender.papers.written import COMPLAINTS, write

__all__ = [
    "COMPLAINTS",
    "MISSING",
    "Alarm",
    "Bars",
    "Block",
    "Facts",
    "Paper",
    "Prose",
    "Section",
    "Table",
    "as_fragment",
    "as_html",
    "as_markdown",
    "as_text",
    "as_xlsx",
    "joined",
    "missing_in",
    "without_gaps",
    "write",
]
