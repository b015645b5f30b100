"""Papers as one workbook, a sheet each: the one home of XlsxWriter."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any

from sender.papers.paper import Alarm, Bars, Block, Facts, Paper, Prose, Table

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

__all__ = ["as_xlsx"]

_WIDTHS = (38, 60, 24, 24, 18, 18)
_SHEET_NAME = 31  # characters, says the format


def as_xlsx(sheets: Mapping[str, Paper], *, created: datetime | None = None) -> bytes:
    """``sheets``: the paper of each sheet by its name. ``created`` makes equal content equal bytes."""
    from xlsxwriter import Workbook

    page = BytesIO()
    with Workbook(page, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        book.set_properties({"created": (created or datetime.now(UTC)).replace(tzinfo=None)})
        styles = {name: book.add_format(look) for name, look in _LOOKS.items()}
        for name, paper in sheets.items():
            _Sheet(book.add_worksheet(_named(name)), styles, paper).write()
    return page.getvalue()


_TOP: dict[str, Any] = {"valign": "top", "text_wrap": True}
_LOOKS: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 14},
    "section": {"bold": True, "bg_color": "#D9E6F2", "border": 1, "border_color": "#BBBBBB"},
    "head": {"bold": True, "bottom": 1, **_TOP},
    "label": {"font_color": "#444444", **_TOP},
    "value": _TOP,
    "number": {"num_format": "#,##0", "valign": "top"},
    "missing": {"bold": True, "font_color": "#9A1F1F", "bg_color": "#FDECEC", **_TOP},
}


def _named(name: str) -> str:
    """What the format allows in the name of a sheet."""
    return re.sub(r"[\[\]:*?/\\]", "-", name).strip("'")[:_SHEET_NAME] or "-"


class _Sheet:
    """Writes one paper downwards. Only ``write_string`` and ``write_number``: no text becomes a formula or a link."""

    def __init__(self, sheet: Worksheet, styles: Mapping[str, Any], paper: Paper) -> None:
        self._sheet, self._styles, self._paper, self._row = sheet, styles, paper, 0

    def write(self) -> None:
        for column, width in enumerate(_WIDTHS):
            self._sheet.set_column(column, column, width)
        self._sheet.set_landscape()
        self._sheet.set_paper(9)  # A4
        self._sheet.fit_to_pages(1, 0)
        self._line((self._paper.title,), "title")
        self._line((self._paper.subtitle,), "label")
        for section in self._paper.sections:
            self._row += 1
            self._line((section.title, ""), "section")
            for block in section.blocks:
                self._block(block)
        self._row += 1
        self._line((self._paper.made,), "label")

    def _block(self, block: Block) -> None:
        match block:
            case Prose(text=text):
                self._merged(text, "value")
            case Alarm(text=text):
                self._merged(text, "missing")
            case Facts(rows=rows):
                for name, value in rows:
                    self._line((name, value), "label")
            case Table(heads=heads, rows=rows):
                self._line(heads, "head")
                for row in rows:
                    self._line(row)
            case Bars(rows=rows):
                for row in rows:
                    self._line(row)

    def _merged(self, text: str, style: str) -> None:
        self._sheet.merge_range(self._row, 0, self._row, 1, "", self._styles[style])
        self._sheet.write_string(self._row, 0, text, self._styles[style])
        self._sheet.set_row(self._row, 15 * sum(1 + len(line) // 95 for line in text.splitlines() or [""]))
        self._row += 1

    def _line(self, cells: tuple[str | int | None, ...], style: str = "value") -> None:
        for column, value in enumerate(cells):
            look = "value" if style == "label" and column else style
            if value is None:
                self._sheet.write_string(self._row, column, self._paper.missing, self._styles["missing"])
            elif isinstance(value, int):
                self._sheet.write_number(self._row, column, value, self._styles["number"])
            else:
                self._sheet.write_string(self._row, column, value, self._styles[look])
        self._row += 1
