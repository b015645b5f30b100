"""Relays that refuse, put off, break down, or are not there; and signals that come in the middle."""

from __future__ import annotations

import signal
import time

from tests.project import SPRING, Project, Result, in_thread
from tests.smtp_script import CLOSE, ScriptedRelay, at

NOBODY = {"accepted": 0, "refused": 0, "deferred": 0, "unknown": 0, "sending": 0, "withdrawn": 0, "held": 0}


def send_to(project: Project, relay: ScriptedRelay, *arguments: str, user: str = "", **environment: str) -> Result:
    url = f"smtp+plain://{user}127.0.0.1:{relay.port}"
    return project.run(SPRING, *arguments, SENDER_RELAY=url, **environment)


def test_a_wrong_password_stops_the_run_and_marks_nobody(project: Project) -> None:
    """78; the password is in no output and in no log, though the debug log tells all it can."""
    project.audience("anne", "boris")
    script = at("auth", b"535 5.7.8 Authentication credentials invalid\r\n")
    with in_thread(ScriptedRelay(script, offers=("AUTH PLAIN LOGIN", "PIPELINING"))) as relay:
        result = send_to(
            project, relay, user="conseil@", SENDER_RELAY_PASSWORD="ZuckerRuebe7", SENDER_LOG_LEVEL="debug"
        )

    log = (project.folder / "campaigns" / "send-campaign.log").read_text(encoding="utf-8")
    assert result.status == 78
    assert "SC-602" in result.err
    assert "SENDER_RELAY_PASSWORD" in result.err
    assert "ZuckerRuebe7" not in result.err + result.out + log
    assert project.sums() == NOBODY | {"waiting": 2, "audience": 2}
    assert relay.taken == []


def test_an_unreachable_relay_marks_nobody(project: Project) -> None:
    """Nothing listens there: 69, and every letter still waits."""
    project.audience("anne", "boris")

    result = project.run(SPRING, "--yes", SENDER_RELAY="smtp+plain://127.0.0.1:1")

    assert result.status == 69
    assert project.sums() == NOBODY | {"waiting": 2, "audience": 2}


def test_an_address_that_does_not_exist_is_never_written_to_again(project: Project) -> None:
    """5.1.1 is the relay's last word about the address: refused, and held in the next campaign."""
    project.audience("anne")
    with in_thread(ScriptedRelay(at("rcpt", b"550 5.1.1 No such user\r\n"))) as relay:
        first = send_to(project, relay)
        again = send_to(project, relay)
        project.replace(SPRING, "campaign: spring-2026", "campaign: autumn-2026")
        project.replace(SPRING, "what: Audit", "what: Nouvel audit")
        other = send_to(project, relay, "--json")

    assert (first.status, again.status, other.status) == (0, 0, 0)
    assert [(held["gate"], held["code"]) for held in other.json["plan"]["held"]] == [("suppressed", "bounced")]
    assert relay.messages == 1


def test_what_is_deferred_is_said_and_left_to_a_later_run(project: Project) -> None:
    """75, and a word on stderr even where nobody watches; a run at once does not try again before its time.

    That one has nothing new to say, and cron would mail it.
    """
    project.audience("anne", "boris")
    with in_thread(ScriptedRelay(at("rcpt", b"450 4.2.0 Try again later\r\n", 1))) as relay:
        first = send_to(project, relay)
        tried = relay.messages
        second = send_to(project, relay)

    assert (first.status, second.status) == (75, 75)
    assert "1 deferred" in first.err
    assert (second.out, second.err) == ("", "")
    assert relay.messages == tried == 2
    assert project.sums() == NOBODY | {"accepted": 1, "deferred": 1, "waiting": 0, "audience": 2}


def test_no_answer_after_the_last_byte_is_unknown_until_somebody_settles_it(project: Project) -> None:
    """74; never sent again by itself. By hand it is accepted, or waits again and is then sent."""
    project.audience("anne", "boris")
    with in_thread(ScriptedRelay(at("dot", CLOSE))) as relay:
        first = send_to(project, relay, SENDER_CONNECTIONS="1")
        again = send_to(project, relay)
        seen = relay.messages
    listed = project.run("resolve", SPRING, "--json")
    one, other = (letter["message_id"] for letter in listed.json["letters"])
    taken = project.run("resolve", SPRING, "--accepted", one)
    not_taken = project.run("resolve", SPRING, "--not-accepted", other)
    with in_thread(ScriptedRelay()) as relay:
        last = send_to(project, relay)

    assert (first.status, again.status, listed.status) == (74, 74, 74)
    assert "send-campaign resolve" in first.err
    assert seen == 2
    assert (taken.status, not_taken.status, last.status) == (74, 0, 0)
    assert relay.taken == [other]
    assert project.sums() == NOBODY | {"accepted": 2, "waiting": 0, "audience": 2}


def interrupted(project: Project, number: signal.Signals) -> tuple[int, str, ScriptedRelay]:
    """A run of many letters over one connection, stopped by a signal once the relay has taken some."""
    project.audience(*(f"anne{number}" for number in range(200)))
    with in_thread(ScriptedRelay()) as relay:
        url = f"smtp+plain://127.0.0.1:{relay.port}"
        run = project.start(SPRING, SENDER_RELAY=url, SENDER_CONNECTIONS="1")
        until = time.monotonic() + 60
        while len(relay.taken) < 3 and time.monotonic() < until:
            time.sleep(0.002)  # the relay lives in another thread
        run.send_signal(number)
        _, err = run.communicate(timeout=60)
    return run.returncode, err, relay


def test_ctrl_c_finishes_what_is_on_the_wire_and_stops(project: Project) -> None:
    """130; what the relay took is accepted, the rest waits, nothing is unknown; the next run sends just the rest."""
    status, err, relay = interrupted(project, signal.SIGINT)
    sums = project.sums()
    with in_thread(ScriptedRelay()) as second:
        rest = send_to(project, second)

    assert status == 130, err
    assert "Stopping" in err
    assert sums["accepted"] == len(relay.taken) == len(set(relay.taken))
    assert sums["waiting"] == 200 - sums["accepted"] > 0
    assert sums["unknown"] == 0
    assert rest.status == 0
    assert sorted(relay.taken + second.taken) == sorted({*relay.taken, *second.taken})
    assert len(relay.taken + second.taken) == 200


def test_sigterm_does_the_same(project: Project) -> None:
    """143, as systemd expects it of a stopped service."""
    status, err, relay = interrupted(project, signal.SIGTERM)
    sums = project.sums()

    assert status == 143, err
    assert sums["accepted"] == len(relay.taken)
    assert (sums["unknown"], sums["waiting"]) == (0, 200 - sums["accepted"])


def test_a_relay_that_refuses_everybody_is_told_about_where_nobody_watches(project: Project) -> None:
    """0, as each answer is final; but cron mails the summary with the answers' codes, and no word of the relay."""
    project.audience("anne", "boris")
    with in_thread(ScriptedRelay(at("rcpt", b"554 5.7.1 <anne@cabinet-anne.example> looks like spam\r\n"))) as relay:
        result = send_to(project, relay)

    assert result.status == 0
    assert result.out == ""
    assert "2 refused by the relay's answer 554 5.7.1 (rcpt)" in result.err
    assert "refused every letter" in result.err
    assert "anne" not in result.err


def test_the_answers_of_a_relay_are_counted_for_scripts(project: Project) -> None:
    """Codes only."""
    project.audience("anne")
    with in_thread(ScriptedRelay(at("rcpt", b"451 4.7.1 anne, come again\r\n"))) as relay:
        summary = send_to(project, relay, "--json").json["summary"]

    assert summary["refused_now"] == 0
    assert summary["answers"] == [
        {"state": "deferred", "code": 451, "enhanced": "4.7.1", "stage": "rcpt", "letters": 1}
    ]
