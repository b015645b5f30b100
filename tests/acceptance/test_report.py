"""A campaign accounted for, through the installed command."""

from __future__ import annotations

import re

from tests.acceptance.conftest import Practised
from tests.project import SPRING


def test_a_report_adds_up_and_says_why(practised: Practised) -> None:
    """Everybody is in one of the states; every gate has a ground for every letter that was tried."""
    found = practised.project.run("report", SPRING, "--practice", "--json").json

    states = {state: count for state, count in found["sums"].items() if state != "audience"}
    assert sum(states.values()) == found["sums"]["audience"] == 58
    by_gate: dict[str, int] = {}
    for ground in found["lawful"]:
        by_gate[ground["gate"]] = by_gate.get(ground["gate"], 0) + ground["letters"]
    assert len(by_gate) == 10
    assert set(by_gate.values()) == {found["tried"]} == {states["accepted"]}
    assert found["record"] == "PROSP-01"
    assert found["journal_whole"]


def test_a_report_names_people_only_when_asked(practised: Practised) -> None:
    """An authority first sees numbers."""
    run, file = practised.project.run, practised.project.folder / "report.html"

    assert run("report", SPRING, "--practice", "--out", "report.html").status == 0
    body = file.read_text(encoding="utf-8").partition("<body>")[2]
    assert not re.search(r"[\w.-]+@[\w-]+\.(example|fr|com)", body)
    assert run("report", SPRING, "--practice", "--out", "report.html", "--with-people").status == 0
    assert file.read_text(encoding="utf-8").count(".example") >= 58


def test_a_report_is_written_as_its_name_says(practised: Practised) -> None:
    """A name that says nothing is refused before the work is done."""
    refused = practised.project.run("report", SPRING, "--practice", "--out", "report.pdf")

    assert refused.status == 64
    assert "SC-802" in refused.err
