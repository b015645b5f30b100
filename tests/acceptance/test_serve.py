"""The installed server: started, asked, told to begin anew, ended."""

from __future__ import annotations

import http.client
import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.project import SPRING, Project

PRACTICE = ("serve", "--practice")


@contextmanager
def serving(project: Project, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The process and what it says of where it is."""
    process = project.start(*PRACTICE, *arguments, cwd=project.folder / "campaigns", SENDER_LOG="stderr")
    assert process.stderr
    try:
        yield process, process.stderr.readline()
    finally:
        process.terminate()
        process.communicate(timeout=30)


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
        said = process.stderr.readline()
        answer = title(port_in(line))

    assert '"where": "settings"' in said
    assert ("SC-111" if broken == "settings" else "SC-5") in said
    assert "STOP" in answer


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
