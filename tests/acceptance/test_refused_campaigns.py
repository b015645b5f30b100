"""Campaigns that a campaign gate refuses: each case of tests/bad/gate-* is right but for one thing.

What is right, tests/bad/sound/ has.
``expected.txt``: the exit status, then a line for each finding, ``gate.code``.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sender.gates import CAMPAIGN_GATES
from tests.project import ROOT, Project

CASES = sorted(path.parent.name for path in (ROOT / "tests" / "bad").glob("gate-*/expected.txt"))
GATES = ("identity", "unsubscribe", "offer", "subject", "tracking", "register")


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A copy of the folder of cases: runs leave a log and a data base beside ``sender.toml``."""
    place = tmp_path_factory.mktemp("bad")
    shutil.copytree(ROOT / "tests" / "bad", place / "project")
    return Project.empty(place)


def expected(case: str) -> tuple[int, list[str]]:
    status, *findings = (ROOT / "tests" / "bad" / case / "expected.txt").read_text().split()
    return int(status), findings


@pytest.mark.parametrize("case", CASES)
def test_check_names_what_is_wrong_and_judges_the_contacts_all_the_same(bad: Project, case: str) -> None:
    """Just the expected findings, each with its place; of two contacts one could be sent to."""
    result = bad.run("check", f"{case}/campaign.yaml", "--json")

    plan = result.json["plan"]
    findings = [
        (f"{verdict['gate']}.{finding['code']}", finding["place"])
        for verdict in plan["verdicts"]
        for finding in verdict["findings"]
        if not verdict["passed"]
    ]
    assert (result.status, [name for name, _ in findings]) == expected(case)
    assert all(Path(place.split(":")[0]).is_relative_to(bad.folder / case) for _, place in findings)
    assert (plan["to_send"], plan["held_contacts"]) == (1, 1)


@pytest.mark.parametrize("gate", GATES)
def test_nothing_of_a_refused_campaign_is_sent(bad: Project, gate: str) -> None:
    """Practised, it is refused with the same words; the mailbox does not even come into being."""
    case = next(case for case in CASES if case.startswith(f"gate-{gate}"))

    result = bad.run(f"{case}/campaign.yaml", "--practice", "--yes")

    status, findings = expected(case)
    assert result.status == status
    assert all(f"refused {finding}: " in result.err for finding in findings)
    assert "held           1" in result.err
    assert f"Nothing was sent: the campaign was refused by {gate}." in result.err
    assert bad.mails("practice-mailbox") == []


def test_each_campaign_gate_has_a_case() -> None:
    names = {gate.name for gate in CAMPAIGN_GATES}

    assert names == set(GATES) == {case.split("-")[1] for case in CASES}
