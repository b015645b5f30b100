"""The two commands that everybody meets first."""

from __future__ import annotations

import re

from tests.acceptance.conftest import Practised
from tests.project import SPRING, Project


def test_the_demo_sends_to_those_it_may_and_holds_the_others(practised: Practised) -> None:
    """Each row is sent to, held, doubled or rejected, and the mailbox holds one mail per accepted letter."""
    result = practised.first

    assert result.status == 0, result.err
    summary = result.json["summary"]
    reading = result.json["plan"]["reading"]
    assert reading["rows"] == reading["contacts"] + len(reading["doubles"]) + len(reading["rejected"]) == 60
    assert summary["accepted"] + summary["held"] == reading["contacts"]
    assert len(practised.project.mails()) == summary["accepted"] >= 38


def test_every_gate_that_a_file_can_decide_holds_somebody(practised: Practised) -> None:
    """The example shows each contact gate at work."""
    held = {group["gate"] for group in practised.first.json["plan"]["held"]}

    assert held >= {"address", "source", "notice", "basis", "relevance", "retention"}


def test_a_second_run_mails_nobody(practised: Practised) -> None:
    """The same command again says that nothing is left and exits with 0; every mail is there once."""
    assert practised.second.status == 0
    assert "Nothing was left to send" in practised.second.out
    mails = practised.project.mails()
    assert len({mail["Message-ID"] for mail in mails}) == len(mails) == practised.first.json["summary"]["accepted"]


def test_nobody_is_mailed_twice_by_two_runs_at_once(project: Project) -> None:
    """Two senders started together share the letters; no Message-ID and no recipient appears twice."""
    runs = [project.start(SPRING, "--practice", "--yes") for _ in range(2)]
    results = [run.communicate(timeout=120) for run in runs]

    assert [run.returncode for run in runs] == [0, 0], results
    mails = project.mails()
    assert len({mail["Message-ID"] for mail in mails}) == len({mail["To"] for mail in mails}) == len(mails) >= 38


def test_the_working_folder_does_not_matter(practised: Practised) -> None:
    """A run from elsewhere uses the same project, data base and mailbox."""
    project = practised.project
    count = len(project.mails())

    result = project.run(str(project.campaign), "--practice", "--yes", cwd=project.home)

    assert result.status == 0
    assert "Nothing was left to send" in result.out
    assert len(project.mails()) == count
    assert not list(project.home.glob("*.db"))


def test_a_mail_says_who_writes_and_how_to_stop_in_both_parts(practised: Practised) -> None:
    """Name, SIREN, registered office and the unsubscribe link stand in the text and in the HTML."""
    for mail in practised.project.mails():
        for kind in ("plain", "html"):
            body = mail.get_body((kind,))
            assert body is not None
            words = re.sub(r"\s|&nbsp;|&#8239;", " ", body.get_content())
            words = re.sub(r" +", " ", words)
            for needed in (
                "Éluard Conseil",
                "123 456 782",
                "12 rue de la Paix",
                "https://courrier.eluard.example/u/",
            ):
                assert needed in words, (kind, needed)
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
