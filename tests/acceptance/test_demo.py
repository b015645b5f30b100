"""The two commands that everybody meets first."""

from __future__ import annotations

import re
from pathlib import Path

from tests.project import Project


def test_the_demo_sends_to_those_it_may_and_holds_the_others(project: Project) -> None:
    """Each row is sent to, held, doubled or rejected, and the mailbox holds one mail per accepted letter."""
    result = project.practise("--json")

    assert result.status == 0, result.err
    summary = result.json["summary"]
    reading = result.json["plan"]["reading"]
    assert reading["rows"] == reading["contacts"] + len(reading["doubles"]) + len(reading["rejected"]) == 60
    assert summary["accepted"] + summary["held"] == reading["contacts"]
    assert len(project.mails()) == summary["accepted"] >= 38


def test_every_gate_that_a_file_can_decide_holds_somebody(project: Project) -> None:
    """The example shows each contact gate at work."""
    held = {group["gate"] for group in project.practise("--json").json["plan"]["held"]}

    assert held >= {"address", "source", "notice", "basis", "relevance", "retention"}


def test_a_second_run_mails_nobody(project: Project) -> None:
    """The same command again says that nothing is left, exits with 0, and the mailbox stays as it is."""
    project.practise()
    before = sorted(str(mail["Message-ID"]) for mail in project.mails())

    result = project.practise()

    assert result.status == 0
    assert "Nothing was left to send" in result.out
    assert sorted(str(mail["Message-ID"]) for mail in project.mails()) == before


def test_nobody_is_mailed_twice_by_two_runs_at_once(project: Project) -> None:
    """Two senders started together share the letters; no Message-ID and no recipient appears twice."""
    runs = [project.start("campaigns/spring.yaml", "--practice", "--yes") for _ in range(2)]
    results = [run.communicate(timeout=120) for run in runs]

    assert [run.returncode for run in runs] == [0, 0], results
    mails = project.mails()
    assert len({mail["Message-ID"] for mail in mails}) == len({mail["To"] for mail in mails}) == len(mails) >= 38


def test_the_working_folder_does_not_matter(project: Project) -> None:
    """A run from elsewhere uses the same project, data base and mailbox."""
    project.practise()
    count = len(project.mails())

    result = project.run(str(project.campaign), "--practice", "--yes", cwd=project.home)

    assert result.status == 0
    assert "Nothing was left to send" in result.out
    assert len(project.mails()) == count


def test_a_mail_says_who_writes_and_how_to_stop_in_both_parts(project: Project) -> None:
    """Name, SIREN, registered office and the unsubscribe link stand in the text and in the HTML."""
    project.practise()

    for mail in project.mails():
        for kind in ("plain", "html"):
            body = mail.get_body((kind,))
            assert body is not None
            words = re.sub(r"\s+", " ", body.get_content())
            for needed in (
                "Éluard Conseil",
                "123 456 782",
                "12 rue de la Paix",
                "https://courrier.eluard.example/u/",
            ):
                assert needed in words, (kind, needed)
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_nothing_personal_is_written_outside_the_data_base_and_the_mailbox(project: Project) -> None:
    """The log of a full run holds no address and no name of the contact file in clear."""
    project.practise()
    rows = (project.folder / "campaigns/spring-contacts.csv").read_text(encoding="cp1252").splitlines()[1:]
    addresses = {match.group() for row in rows for match in re.finditer(r"[^;@\s]+@[^;\s]+", row)}

    logs = list(Path(project.folder).rglob("*.log"))

    assert logs
    for log in logs:
        text = log.read_text(encoding="utf-8")
        assert not [address for address in addresses if address in text]
