"""Papers in every form: what is missing is loud, what is hostile is text."""

from __future__ import annotations

import stat
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook
from selectolax.lexbor import LexborHTMLParser as HTMLParser

from sender.errors import UsageError
from sender.papers import (
    Alarm,
    Bars,
    Facts,
    Paper,
    Prose,
    Section,
    Table,
    as_html,
    as_markdown,
    as_text,
    as_xlsx,
    joined,
    missing_in,
    write,
)

HOSTILE = '=HYPERLINK("http://x.example")<script>|*'


def paper(language: str = "en") -> Paper:
    blocks = (
        Prose(HOSTILE),
        Alarm("Look here"),
        Facts((("controller", "Éluard"), ("contract", None))),
        Table(("name", "count"), ((HOSTILE, 12345), ("other", 7))),
        Bars((("France", 75), ("others", 25)), 100),
    )
    return Paper("Title", "Under it", language, (Section("Part", blocks),), "made today")


def test_a_missing_fact_is_loud_in_every_form() -> None:
    """Nobody takes a gap for an answer."""
    assert list(missing_in(paper())) == ["contract"]
    assert '<span class="missing">MISSING</span>' in as_html(paper())
    assert "**À COMPLÉTER**" in as_markdown(paper("fr"))
    assert "[MISSING]" in as_text(paper())
    cells = [cell.value for row in workbook().iter_rows() for cell in row]
    assert "MISSING" in cells


def workbook() -> object:
    return load_workbook(BytesIO(as_xlsx({"PROSP/01": paper()})))["PROSP-01"]


def test_a_page_runs_nothing_and_fetches_nothing() -> None:
    """What is hostile is shown as it is written."""
    page = HTMLParser(as_html(paper()))

    assert page.css("script, img, link, iframe, a") == []
    assert HOSTILE in page.body.text()  # type: ignore[union-attr]
    assert "default-src 'none'" in as_html(paper())


def test_no_text_becomes_a_formula_or_a_link() -> None:
    """A company called =HYPERLINK(...) is a company."""
    cells = [cell for row in workbook().iter_rows() for cell in row if cell.value == HOSTILE]  # type: ignore[attr-defined]

    assert cells
    assert {cell.data_type for cell in cells} == {"s"}
    assert {cell.hyperlink for cell in cells} == {None}


def test_bars_are_pictures_of_their_numbers() -> None:
    """Three quarters are three quarters of the width."""
    widths = [node.attributes["width"] for node in HTMLParser(as_html(paper())).css(".bars rect:not(.whole)")]

    assert widths == ["75.0", "25.0"]


def test_numbers_are_written_as_the_language_has_them() -> None:
    assert "12,345" in as_text(paper())
    assert "12\u202f345" in as_text(paper("fr"))


def test_bars_of_nothing_divide_by_nothing() -> None:
    """An empty base has shares, too."""
    assert Bars((), 0).share(0) == 0.0


def test_papers_joined_keep_all_their_sections() -> None:
    assert [section.title for section in joined([paper(), paper()]).sections] == ["Part", "Title", "Part"]


def test_a_paper_is_for_its_owner_alone(tmp_path: Path) -> None:
    """It may name people."""
    write(tmp_path / "x.html", "old")
    write(tmp_path / "x.html", "new")

    assert (tmp_path / "x.html").read_text() == "new"
    assert stat.S_IMODE((tmp_path / "x.html").stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [tmp_path / "x.html"]


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as raised:
        write(tmp_path / "none" / "x.html", "x")

    assert raised.value.complaints[0].code == "SC-801"
