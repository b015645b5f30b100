"""The state of the base, through the installed command."""

from __future__ import annotations

from collections import Counter

from tests.acceptance.conftest import Practised
from tests.project import SPRING


def test_every_share_adds_up_and_reach_agrees_with_the_run(practised: Practised) -> None:
    """Each question is answered once for everybody; whom the run mailed is now tried before."""
    found = practised.project.run("audit", SPRING, "--practice", "--json").json

    sums: Counter[str] = Counter()
    for share in found["shares"]:
        sums[share["question"]] += share["contacts"]
    assert {count for question, count in sums.items() if question != "missing"} == {found["contacts"]} == {58}
    reach = found["reach"]
    assert reach["reachable"] + reach["held_contacts"] + reach["already"] == reach["looked_at"] == 58
    assert reach["already"] == 41
    assert {"question": "term", "answer": "due", "contacts": 1} in found["shares"]


def test_the_page_names_nobody(practised: Practised) -> None:
    project = practised.project

    assert project.run("audit", SPRING, "--practice", "--out", "audit.html").status == 0
    body = (project.folder / "audit.html").read_text(encoding="utf-8").partition("<body>")[2]
    assert ".example" not in body
    assert body.count("<svg") > 10
