"""The installed server: started, asked, told to begin anew, ended."""

from __future__ import annotations

import http.client
import re
import signal
import socket
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest

from tests.acceptance.conftest import LocalRelay
from tests.project import SPRING, Project

PRACTICE = ("serve", "--practice")
PROVENANCE = ("--source", "trade-show", "--collected-on", "2026-03-12", "--notice", "2026-01")


@contextmanager
def serving(
    project: Project, *arguments: str, command: tuple[str, ...] = PRACTICE
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The process and what it says of where it is."""
    process = project.start(*command, *arguments, cwd=project.folder / "campaigns", SENDER_LOG="stderr")
    assert process.stderr
    try:
        yield process, process.stderr.readline()
    finally:
        process.terminate()
        process.communicate(timeout=30)


def one_click(mails: list[EmailMessage], person: str) -> str:
    """The path of the address in the header of this person's mail."""
    (mail,) = [mail for mail in mails if person in str(mail["To"])]
    found = re.search(r"<(https://[^>]+)>", str(mail["List-Unsubscribe"]))
    assert found
    return urlsplit(found[1]).path


def post(port: int, path: str) -> int:
    body = b"List-Unsubscribe=One-Click"
    with urlopen(Request(f"http://127.0.0.1:{port}{path}", data=body, method="POST"), timeout=30) as answer:
        return int(answer.status)


def port_in(line: str) -> int:
    found = re.search(r"http://127\.0\.0\.1:(\d+)", line)
    assert found, line
    return int(found[1])


def title(port: int, path: str = "/nowhere") -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("GET", path)
        return connection.getresponse().read().decode()
    finally:
        connection.close()


def test_a_successor_takes_over_without_turning_anybody_away(project: Project) -> None:
    """SIGHUP: the same process number and port, new settings; who comes meanwhile waits. SIGTERM: ends with 0."""
    project.audience("anne")
    project.practise()
    with serving(project, "--port", "0") as (process, line):
        port = port_in(line)
        before = title(port)
        project.replace("campaigns/sender.toml", 'pages_name = "Éluard Conseil"', 'pages_name = "Nouveau Nom"')
        process.send_signal(signal.SIGHUP)
        assert process.stderr
        again = process.stderr.readline()  # the successor is there; what came in between has waited
        after = title(port)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)

    assert port_in(again) == port
    assert ("Nouveau Nom" in before, "Nouveau Nom" in after) == (False, True)
    assert process.returncode == 0


@pytest.mark.parametrize("broken", ["settings", "base"])
def test_what_is_broken_does_not_end_a_server_that_runs(project: Project, broken: str) -> None:
    """SIGHUP with settings that cannot be read, or without a data base: the log says so, and the old ones go on."""
    project.audience("anne")
    project.practise()
    settings = project.folder / "campaigns" / "sender.toml"
    with serving(project, "--port", "0") as (process, line):
        if broken == "settings":
            settings.write_text("pages_colour = red\n", encoding="utf-8")
        else:
            settings.with_name("practice.db").rename(project.home / "away.db")
        process.send_signal(signal.SIGHUP)
        assert process.stderr
        said = next(line for line in process.stderr if '"where": "settings"' in line)
        answer = title(port_in(line))

    assert ("SC-111" if broken == "settings" else "SC-5") in said
    assert "STOP" in answer


def test_started_without_its_base_it_takes_objections_and_the_rest_comes_back_by_itself(
    project: Project, relay: LocalRelay
) -> None:
    """A click lands in the file while the base is away; who stands in makes way for a whole server when it is back."""
    # Meets: GDPR art. 21(3)
    project.audience("anne", "boris")
    project.run(SPRING, SENDER_RELAY=relay.url)
    link = one_click(project.mails(relay.mails), "anne")
    base, away = project.folder / "campaigns" / "sender.db", project.home / "away.db"
    base.rename(away)
    with serving(project, "--port", "0", command=("serve",)) as (process, _):
        assert process.stderr
        line = next(line for line in process.stderr if "Public pages" in line)
        said = process.stderr.readline()
        port = port_in(line)
        asked = post(port, link)
        health = title(port, "/health")
        away.rename(base)
        again = next(line for line in process.stderr if "Public pages" in line)
        later = title(port, "/health")
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
    with closing(sqlite3.connect(base)) as connection:
        (objections,) = connection.execute("SELECT count(*) FROM journal WHERE kind = 'objection'").fetchone()
    project.replace(SPRING, "campaign: spring-2026", "campaign: autumn-2026")
    project.replace(SPRING, "what: Audit", "what: Nouvel audit")
    plan = project.run("check", SPRING, "--json").json["plan"]

    assert "SC-501" in said
    assert asked == 200
    assert ("out of reach" in health, "out of reach" in later) == (True, False)
    assert port_in(again) == port
    assert process.returncode == 0
    assert objections == 1
    assert plan["to_send"] == 1


@pytest.mark.parametrize("broken", ["never there", "practice", "other keys"])
def test_without_base_and_keys_there_is_nothing_to_serve(project: Project, broken: str) -> None:
    """Where no link could be verified, or nothing was ever sent, the start fails as any command does."""
    project.audience("anne")
    if broken == "other keys":
        project.here("contacts", "import", "spring-contacts.csv", *PROVENANCE, "--create")
        (project.folder / "campaigns" / "sender.db").unlink()
        (folder,) = (project.home / "config" / "send-campaign").iterdir()
        (folder / "suppression").write_text("ab" * 32 + "\n", encoding="ascii")
    result = project.here("serve", "--port", "0", *(("--practice",) if broken == "practice" else ()))

    assert result.status == 78
    assert ("SC-154" if broken == "other keys" else "SC-501") in result.err


def test_on_a_unix_socket(project: Project, tmp_path: Path) -> None:
    """It answers there, with the mode that was asked for, and takes the file away at its end."""
    project.audience("anne")
    project.practise()
    path = tmp_path / "pages.sock"
    with serving(project, "--unix-socket", str(path), "--socket-mode", "600") as (_, line):
        assert str(path) in line
        mode = path.stat().st_mode & 0o777
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as ours:
            ours.settimeout(60)
            ours.connect(str(path))
            ours.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            answer = b"".join(iter(lambda: ours.recv(65536), b""))

    assert mode == 0o600
    assert answer.startswith(b"HTTP/1.1 200")
    assert not path.exists()


def test_what_cannot_be_is_told_before_anything_listens(project: Project) -> None:
    """A proxy by name, a mode that is none."""
    named = project.run("serve", "--proxy", "proxy.example")
    mode = project.run("serve", "--unix-socket", "x", "--socket-mode", "rw")

    assert (named.status, mode.status) == (64, 64)
    assert "SC-613" in named.err
    assert "SC-614" in mode.err
    assert SPRING not in named.err
