"""Mistakes that people make, and what the command says to them: what and where, why it matters, what to do."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.project import COMMAND, SPRING, Project, Result

PARTS = re.compile(r"error SC-\d{3}: .+\n  .+\n  .+")


def complained(result: Result, status: int, code: str) -> bool:
    """One or more complaints of three lines each, on stderr only, and the exit status that goes with them."""
    assert (result.status, result.out) == (status, ""), result
    assert "Traceback" not in result.err
    assert len(PARTS.findall(result.err)) == result.err.count("error SC-")
    return f"error {code}:" in result.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("chek", "spring.yaml"),
        ("check",),
        ("check", "spring.yaml", "--nix"),
        ("spring.yaml", "--limit", "0"),
        ("person",),
        ("person", "objekt", "a@b.example"),
    ],
)
def test_a_wrong_command_line_is_a_usage_error(empty: Project, arguments: tuple[str, ...]) -> None:
    """64, and nothing is read or written. A group without a command shows its help."""
    result = empty.run(*arguments)

    if arguments == ("person",):
        assert (result.status, "object" in result.out) == (0, True)
    else:
        assert complained(result, 64, "SC-101")
    assert list(empty.folder.iterdir()) == []


def test_a_mistyped_command_names_the_right_one(empty: Project) -> None:
    """``chek`` is not taken for a campaign file."""
    assert "send-campaign check spring.yaml" in empty.run("chek", "spring.yaml").err


def test_a_missing_campaign_file_is_named(empty: Project) -> None:
    result = empty.run("nowhere.yaml")

    assert result.status == 66
    assert "nowhere.yaml" in result.err


def test_all_complaints_about_a_campaign_come_at_once(project: Project) -> None:
    """Each has its place in the file; 65."""
    project.replace(SPRING, "subject:", "subjet:")
    project.replace(SPRING, '"123456782"', '"123456789"')

    result = project.run("check", SPRING)

    assert complained(result, 65, "SC-216")
    assert result.err.count("error SC-2") >= 2
    assert len(re.findall(r"campaigns/spring\.yaml:\d+:\d+: ", result.err)) == result.err.count("error SC-2")


def test_a_template_with_a_mistake_is_named_with_its_line(project: Project) -> None:
    """65: before anything is judged or sent."""
    project.replace("templates/spring/mail.txt", "{% if contact.name %}", "{% if contact.name }")

    result = project.practise()

    assert result.status == 65
    assert re.search(r"templates/spring/mail\.txt:\d+", result.err)


def test_a_contact_file_without_addresses_is_refused(project: Project) -> None:
    """65, and the message says which column is missing, not what stands in the file."""
    (project.folder / "campaigns" / "spring-contacts.csv").write_text("nom;ville\nMartin;Lyon\n", encoding="utf-8")

    result = project.practise()

    assert complained(result, 65, result.err.split(":")[0].removeprefix("error "))
    assert "spring-contacts.csv" in result.err
    assert "Martin" not in result.err


def test_a_wrong_setting_names_the_right_one(project: Project) -> None:
    """78, with the nearest name."""
    with (project.folder / "campaigns" / "sender.toml").open("a", encoding="utf-8") as file:
        file.write('relais = "smtp://relay.example"\n')

    result = project.run("check", SPRING)

    assert result.status == 78
    assert "relay" in result.err
    assert "sender.toml" in result.err


def test_without_a_relay_the_command_names_the_setting_and_practice(project: Project) -> None:
    """Nothing is sent, and the way on is said."""
    result = project.run(SPRING, "--yes")

    assert complained(result, 78, "SC-102")
    assert "SENDER_RELAY" in result.err
    assert "--practice" in result.err


def test_without_a_data_base_a_run_that_nobody_watches_makes_none(project: Project) -> None:
    """A cron run in the wrong folder must not start from an empty memory."""
    result = project.run(SPRING, SENDER_RELAY="smtps://relay.example")

    assert complained(result, 78, "SC-501")
    assert "--create" in result.err
    assert not list(project.folder.rglob("sender.db"))


def test_a_data_base_without_its_keys_is_refused(project: Project) -> None:
    """78: with other keys nobody who objected would be known."""
    project.audience("anne")
    project.practise()
    (keys,) = (project.home / "config" / "send-campaign").iterdir()
    for key in keys.iterdir():
        key.unlink()

    result = project.practise()

    assert result.status == 78
    assert len(project.mails()) == 1


def test_a_data_base_that_is_none_is_refused(project: Project) -> None:
    (project.folder / "campaigns" / "practice.db").write_bytes(b"this is no data base" * 100)

    assert complained(project.practise(), 78, "SC-503")


def test_a_data_base_out_of_reach_is_said(project: Project) -> None:
    """69: come back later."""
    result = project.run("status", SPRING, SENDER_DATABASE="postgresql+psycopg://sender@127.0.0.1:1/sender")

    assert complained(result, 69, "SC-509")


def test_a_reader_that_goes_away_is_no_error(project: Project) -> None:
    """``send-campaign ... | head -1``: the exit status still says what became of the mails."""
    for arguments in (("check", SPRING), ("check", SPRING, "--json")):
        process = project.start(*arguments)
        assert process.stdout
        assert process.stderr
        process.stdout.close()

        assert process.stderr.read() == ""
        assert process.wait(timeout=60) == 0
        process.stderr.close()


def test_an_objection_needs_no_log(project: Project) -> None:
    """A log file that another user left unwritable stops a sending run, but nobody who objects."""
    project.practise()
    folder = project.folder / "campaigns"
    (folder / "send-campaign.log").unlink()
    (folder / "send-campaign.log").mkdir()

    objected = project.here("person", "object", "somebody@cabinet.example", "--practice")
    sending = project.practise()

    assert objected.status == 0, objected.err
    assert complained(sending, 78, "SC-130")


def test_a_result_that_cannot_be_written_is_no_fault_of_the_program(project: Project) -> None:
    """Nothing reads the output, or its disk is full, or there is no input at all: no traceback, no SC-901."""
    for shell, status in (("> /dev/full", 69), ("< /dev/null | head -c 1", 0), ("<&-", 0)):
        done = subprocess.run(
            ["/bin/sh", "-c", f"'{COMMAND}' check {SPRING} {shell}"],
            cwd=project.folder,
            env=project.environment,
            capture_output=True,
            text=True,
        )

        assert done.returncode == status, (shell, done.stderr)
        assert "SC-901" not in done.stderr
        assert "Traceback" not in done.stderr
        assert "Exception ignored" not in done.stderr
