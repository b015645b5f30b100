"""The HTML of a letter, read tag by tag: what a browser would have to mend, pictures without words, broken links.

A parser that mends as browsers do would not say what it mended; this one keeps the open elements itself, and so can
name the tag that was left open and not only the end of the file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from html.parser import HTMLParser

from sender.preflight.hrefs import fault_of
from sender.preflight.remarks import visible

__all__ = ["Blemish", "blemishes"]

# HTML standard §13.1.2
_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)
_OPTIONAL = frozenset(
    {"p", "li", "td", "th", "tr", "tbody", "thead", "tfoot", "dt", "dd", "option", "optgroup", "colgroup", "caption"}
    | {"html", "head", "body", "rp", "rt"}
)
_TABLE = frozenset({"table"})
_ROWS = frozenset({"tbody", "thead", "tfoot"})
_CELLS = frozenset({"td", "th"})
_NOT_CELLS = _TABLE | _ROWS | {"tr"}
_IN_TABLE = _ROWS | _CELLS | {"tr", "caption", "colgroup", "col", "script", "style", "template", "form", "input"}
_BLOCKS = frozenset(
    {"address", "article", "aside", "blockquote", "center", "details", "div", "dl", "fieldset", "figure", "footer"}
    | {"form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "main", "nav", "ol", "p", "pre", "section"}
    | {"table", "ul"}
)
# §13.1.2.4: the start tag that ends an element of the first kind, up to one of the second
_ENDS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "li": (frozenset({"li"}), frozenset({"ul", "ol", "menu"})),
    "dt": (frozenset({"dt", "dd"}), frozenset({"dl"})),
    "dd": (frozenset({"dt", "dd"}), frozenset({"dl"})),
    "td": (_CELLS, frozenset({"tr"}) | _TABLE),
    "th": (_CELLS, frozenset({"tr"}) | _TABLE),
    "tr": (frozenset({"tr"}), _ROWS | _TABLE),
    "tbody": (_ROWS, _TABLE),
    "thead": (_ROWS, _TABLE),
    "tfoot": (_ROWS, _TABLE),
    "body": (frozenset({"head"}), frozenset({"html"})),
}
_MOST = 200  # of one letter; who has more begins with these


@dataclass(frozen=True, slots=True)
class Blemish:
    """``at``: where in the text; ``tag``: the tag that stands there; ``what``: the name that its sentence needs."""

    code: str
    at: int
    tag: str
    what: str = ""


@dataclass(frozen=True, slots=True)
class _Open:
    name: str
    at: int
    tag: str


def blemishes(text: str) -> tuple[Blemish, ...]:
    """In the order in which they stand."""
    reader = _Reader(text)
    with suppress(AssertionError):  # how the standard library's reader gives up on a <![declaration it does not know
        reader.feed(text)
        reader.close()
    found = [*reader.found, *reader.left_open(), *reader.links()]
    return tuple(sorted(found[:_MOST], key=lambda one: one.at))


class _Reader(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[Blemish] = []
        self._lines = [0]
        for line in text.split("\n"):
            self._lines.append(self._lines[-1] + len(line) + 1)
        self._open: list[_Open] = []
        self._targets: set[str] = set()
        self._links: list[tuple[str | None, int, str]] = []

    def left_open(self) -> Iterator[Blemish]:
        return self._unclosed(self._open)

    def links(self) -> Iterator[Blemish]:
        for href, at, tag in self._links:
            if code := fault_of(href, self._targets):
                yield Blemish(code, at, tag, visible(href or ""))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at, written = self._at(), self.get_starttag_text() or f"<{tag}"
        self._attributes(tag, attrs, at, written)
        self._end_implied(tag)
        self._placed(tag, at, written)
        if tag not in _VOID:
            self._open.append(_Open(tag, at, written))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A slash before the end of a tag means nothing in HTML; who writes it on an element means that it is empty."""
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        at = self._at()
        for depth in range(len(self._open) - 1, -1, -1):
            name = self._open[depth].name
            if name == tag:
                self.found += self._unclosed(self._open[depth + 1 :])
                del self._open[depth:]
                return
            if name in _CELLS | _TABLE and tag not in _NOT_CELLS | _CELLS:
                break  # an end tag does not reach out of its cell
        if tag not in _VOID:
            self.found.append(Blemish("stray_end", at, f"</{tag}", tag))

    def handle_data(self, data: str) -> None:
        if data.strip() and self._open and self._open[-1].name in _NOT_CELLS:
            parent = self._open[-1]
            self.found.append(Blemish("outside_cell", parent.at, parent.tag, "text"))

    def _attributes(self, tag: str, attrs: Sequence[tuple[str, str | None]], at: int, written: str) -> None:
        names = [name for name, _ in attrs]
        values = dict(reversed(attrs))
        for name in dict.fromkeys(names):
            if names.count(name) > 1:
                self.found.append(Blemish("attribute_twice", at, written, visible(name)))
            # HTML standard §13.1.2.3: what no name may hold; mostly a quote is missing before it
            if any(letter in name for letter in "\"'<="):
                self.found.append(Blemish("attribute_garbled", at, written, visible(name)))
        self._targets |= {value for name in ("id", "name") if (value := values.get(name))}
        if tag == "img" and "alt" not in values:
            self.found.append(Blemish("no_alt", at, written, visible(values.get("src") or "")))
        if tag in {"a", "area"} and "href" in values:
            self._links.append((values["href"], at, written))

    def _end_implied(self, tag: str) -> None:
        if tag in _BLOCKS and self._open and self._open[-1].name == "p":
            self._open.pop()
        kinds, bounds = _ENDS.get(tag, (frozenset(), frozenset()))
        for depth in range(len(self._open) - 1, -1, -1):
            if self._open[depth].name in bounds or not kinds:
                return
            if self._open[depth].name in kinds:
                self.found += self._unclosed(self._open[depth + 1 :])
                del self._open[depth:]
                return

    def _placed(self, tag: str, at: int, written: str) -> None:
        names = [one.name for one in self._open]
        if tag in _NOT_CELLS | _CELLS and tag != "table" and "table" not in names:
            self.found.append(Blemish("outside_table", at, written, tag))
        elif names and names[-1] in _NOT_CELLS and tag not in _IN_TABLE:
            self.found.append(Blemish("outside_cell", at, written, tag))

    def _unclosed(self, elements: Sequence[_Open]) -> Iterator[Blemish]:
        return (Blemish("unclosed", one.at, one.tag, one.name) for one in elements if one.name not in _OPTIONAL)

    def _at(self) -> int:
        line, column = self.getpos()
        return self._lines[line - 1] + column
