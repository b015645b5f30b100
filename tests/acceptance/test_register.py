"""The record of processing, through the installed command."""

from __future__ import annotations

from openpyxl import load_workbook

from tests.project import SPRING, Project


def test_the_record_is_whole_where_all_is_declared_and_loud_where_not(project: Project) -> None:
    """The example declares everything but its relay's protection, since it has none."""
    project.practise()
    assert project.here("register", "--practice", "--json").json["entries"] == [
        {"reference": "PROSP-01", "missing": ["connection to the relay"]}
    ]

    (project.campaign.parent / "processing.yaml").unlink()
    written = project.here("register", "--practice", "--out", "record.xlsx", "--language", "fr")
    assert "missing" in written.err
    book = load_workbook(project.campaign.parent / "record.xlsx")
    assert book.sheetnames == ["Liste", "PROSP-01"]
    cells = [cell.value for row in book["PROSP-01"].iter_rows() for cell in row]
    assert cells.count("À COMPLÉTER") >= 15
    assert "lia-2026.md, version 2026-03-18" in " ".join(str(cell) for cell in cells)


def test_another_text_under_the_same_version_is_said(project: Project) -> None:
    """The first text stays kept; the plan warns until the version is a new one."""
    project.practise()
    test = project.campaign.parent / "lia-2026.md"
    test.write_text(test.read_text(encoding="utf-8") + "\nMore.\n", encoding="utf-8")

    warned = project.run(SPRING, "--practice", "--yes", "--accept-changes", "--json").json

    assert any("lia-2026.md" in warning for warning in warned["plan"]["warnings"])
