"""What a person at a terminal sees, and what cron sees."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import threading

import pytest

from tests.acceptance.conftest import LocalRelay
from tests.project import COMMAND, SPRING, Project, Terminal, in_thread
from tests.smtp_script import ScriptedRelay


def test_a_run_that_nobody_watches_and_that_goes_as_planned_is_silent(project: Project, relay: LocalRelay) -> None:
    """Nothing at all on stdout and stderr, so that cron mails nobody; a second run is as silent and mails nobody."""
    project.audience("anne", "boris")

    first = project.run(SPRING, SENDER_RELAY=relay.url)
    count = len(project.mails(relay.mails))
    second = project.run(SPRING, SENDER_RELAY=relay.url)

    assert (first.status, first.out, first.err) == (0, "", "")
    assert (second.status, second.out, second.err) == (0, "", "")
    assert count == len(project.mails(relay.mails)) == 2


def test_on_a_terminal_nothing_is_sent_without_a_yes(project: Project, relay: LocalRelay) -> None:
    """The plan is shown and the question asked; ``n`` sends nothing and marks nobody."""
    project.audience("anne", "boris")

    with Terminal.of(project, SPRING, SENDER_RELAY=relay.url) as terminal:
        terminal.until("Send 2 mails now? [y/N]")
        terminal.type("n\n")
        result = terminal.end()

    assert result.status == 0
    assert "Nothing was sent" in result.err
    assert result.out == ""
    assert project.mails(relay.mails) == []
    assert project.sums()["waiting"] == 2


def test_on_a_terminal_a_yes_sends_and_stdout_holds_the_result_only(project: Project, relay: LocalRelay) -> None:
    """Plan, warning, question and bar are on the screen; with ``--json`` stdout is one JSON object."""
    project.audience("anne", "boris")

    with Terminal.of(project, SPRING, "--json", SENDER_RELAY=relay.url) as terminal:
        terminal.until("now?")
        terminal.type("y\n")
        result = terminal.end()

    assert result.status == 0, result.err
    assert result.json["summary"]["accepted_now"] == 2
    assert "3 rows" not in result.out
    assert len(project.mails(relay.mails)) == 2


def test_practice_says_plainly_that_nothing_left_the_machine(project: Project) -> None:
    """Before the question and after the run."""
    project.audience("anne")

    with Terminal.of(project, SPRING, "--practice") as terminal:
        terminal.until("Practise 1 mail now?")
        terminal.type("oui\n")
        result = terminal.end()

    assert result.status == 0
    assert "nothing leaves this machine" in result.err
    assert "nothing left this machine" in result.out
    assert "1 accepted" in result.out


def test_an_interrupt_at_the_question_sends_nothing(project: Project, relay: LocalRelay) -> None:
    """Ctrl-C there ends with 130 and no traceback."""
    project.audience("anne")

    with Terminal.of(project, SPRING, SENDER_RELAY=relay.url) as terminal:
        terminal.until("now?")
        terminal.signal(signal.SIGINT)
        result = terminal.end()

    assert result.status == 130
    assert "Stopped; nothing was on the wire." in result.err
    assert "Traceback" not in result.err
    assert project.mails(relay.mails) == []


def test_a_terminal_that_is_closed_at_the_question_sends_nothing(project: Project, relay: LocalRelay) -> None:
    """129, and no traceback for a terminal that nobody reads any more."""
    project.audience("anne")

    with Terminal.of(project, SPRING, SENDER_RELAY=relay.url) as terminal:
        terminal.until("now?")
        terminal.signal(signal.SIGHUP)
        result = terminal.end()

    assert result.status == 129
    assert "Traceback" not in result.err
    assert project.mails(relay.mails) == []


def test_a_terminal_that_is_closed_in_mid_run_leaves_nothing_unknown(project: Project) -> None:
    """A window closed, a connection broken: what is on the wire is finished, the rest waits, 129."""
    project.audience(*(f"anne{number}" for number in range(200)))
    under_way = threading.Event()

    def script(point: str, letter: int) -> None:
        if (point, letter) == ("mail", 3):
            under_way.set()

    with in_thread(ScriptedRelay(script)) as server:
        url = f"smtp+plain://127.0.0.1:{server.port}"
        with Terminal.of(project, SPRING, "--yes", SENDER_RELAY=url, SENDER_CONNECTIONS="1") as terminal:
            assert under_way.wait(60)
            terminal.close()
            terminal.signal(signal.SIGHUP)
            status = terminal.process.wait(60)

    sums = project.sums()
    assert status == 129
    assert sums["accepted"] == len(server.taken) < 200
    assert (sums["unknown"], sums["waiting"]) == (0, 200 - sums["accepted"])


def test_nohup_runs_on_when_the_terminal_goes(project: Project) -> None:
    """SIGHUP that is ignored from the start stays ignored."""
    project.audience("anne", "boris")
    pid = project.home / "pid"

    def hang_up(point: str, letter: int) -> None:
        if (point, letter) == ("mail", 1):
            os.kill(int(pid.read_text(encoding="ascii")), signal.SIGHUP)

    with in_thread(ScriptedRelay(hang_up)) as server:
        done = subprocess.run(
            ["/bin/sh", "-c", f"trap '' HUP; echo $$ >{pid}; exec {COMMAND} {SPRING} --yes"],
            cwd=project.folder,
            env=project.environment | {"SENDER_RELAY": f"smtp+plain://127.0.0.1:{server.port}"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    assert done.returncode == 0, done.stderr
    assert len(server.taken) == 2


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize("option", ["", "--yes", "--json"])
def test_streams_that_the_caller_closed_are_nowhere(
    project: Project, relay: LocalRelay, closed: str, option: str
) -> None:
    """Some daemons start programs without input or output: the mails go out, and no file takes a stream's place."""
    project.audience("anne")

    done = subprocess.run(
        ["/bin/sh", "-c", f"exec {COMMAND} {SPRING} {option} {closed}"],
        cwd=project.folder,
        env=project.environment | {"SENDER_RELAY": relay.url},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done
    assert len(project.mails(relay.mails)) == 1
    assert project.here("journal", "verify").status == 0


def test_sigterm_before_the_first_mail_has_its_status_and_one_line(project: Project, relay: LocalRelay) -> None:
    """143, as after the first mail; nobody was written to."""
    project.audience("anne")

    with Terminal.of(project, SPRING, SENDER_RELAY=relay.url) as terminal:
        terminal.until("now?")
        terminal.signal(signal.SIGTERM)
        result = terminal.end()

    assert result.status == 143
    assert "Stopped; nothing was on the wire." in result.err
    assert "Traceback" not in result.err
    assert project.mails(relay.mails) == []


def test_a_whole_run_speaks_french(project: Project) -> None:
    """Plan, question, summary and status; a French yes is one."""
    project.audience("anne", "boris")

    with Terminal.of(project, SPRING, "--practice", LANG="fr_FR.UTF-8") as terminal:
        terminal.until("Faire l’exercice avec 2 mails maintenant ? [o/N]")
        terminal.type("o\n")
        result = terminal.end()
    status = project.run("status", SPRING, "--practice", LANG="fr_FR.UTF-8")

    assert "2 lignes = 2 contacts + 0 doublon + 0 rejetée" in result.err
    assert "2 destinataires = 2 acceptés" in result.out
    assert "Exercice : rien n’a quitté cette machine" in result.out
    assert "2 destinataires = 2 acceptés" in status.out


def test_check_says_when_nobody_may_get_the_campaign(project: Project) -> None:
    """Gates that let pass a campaign that reaches nobody are no success to report."""
    project.audience("anne")
    project.replace("campaigns/spring-contacts.csv", "Juriste", "Boulanger")

    result = project.run("check", SPRING)

    assert result.status == 0
    assert "nobody of its file may get it" in result.out


def test_suggested_commands_can_be_pasted(project: Project) -> None:
    """Whatever the folder is called, and on the same data base."""
    moved = project.folder / "mail d'été"
    (project.folder / "campaigns").rename(moved)

    result = project.run("preview", "mail d'été/spring.yaml", "--contact", "nobody@nowhere.example", "--practice")

    command = result.err.partition("reason: ")[2].splitlines()[0]
    assert shlex.split(command) == ["send-campaign", "check", str(moved / "spring.yaml"), "--practice"]


def test_reasons_are_said_in_french(project: Project) -> None:
    """The language of whoever reads, by the setting or by the locale."""
    for environment in ({"SENDER_LANGUAGE": "fr"}, {"LANG": "fr_FR.UTF-8"}):
        result = project.run("check", SPRING, **environment)
        assert result.status == 0
        assert "L'adresse a été devinée à partir du nom." in result.out


def test_a_limit_sends_so_many_and_the_next_run_the_others(project: Project) -> None:
    """What is left waits, and the summary says so."""
    project.audience("anne", "boris", "chloe")

    first = project.practise("--limit", "2")
    count, sums = len(project.mails()), project.sums("--practice")
    second = project.practise()

    assert (first.status, second.status) == (0, 0)
    assert (count, sums["accepted"], sums["waiting"]) == (2, 2, 1)
    assert "1 waiting" in first.out
    assert len(project.mails()) == 3
