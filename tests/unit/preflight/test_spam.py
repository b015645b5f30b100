"""A spam filter's verdict is read; one that is silent, broken or absent is not known."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from time import monotonic

import pytest

from sender.preflight import LANGUAGES, Level, Scanner, check_spam, say

LETTER = b"Subject: x\r\n\r\n" + b"y" * 200_000 + b"\r\n"


@contextmanager
def answering(answer: bytes) -> Iterator[tuple[int, list[bytes]]]:
    """A server for one connection: its port, and what it was told. It reads until the letter is there."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(10)

        def serve() -> None:
            line, _ = server.accept()
            with line:
                line.settimeout(10)
                told = b""
                while LETTER not in told and (more := line.recv(65536)):
                    told += more
                heard.append(told)
                line.sendall(answer)

        thread = Thread(target=serve)
        thread.start()
        yield server.getsockname()[1], heard
        thread.join()


def spamd(score: str, rules: str) -> bytes:
    return f"SPAMD/1.1 0 EX_OK\r\nContent-length: {len(rules)}\r\nSpam: x ; {score} / 5.0\r\n\r\n{rules}".encode()


def rspamd(score: object) -> bytes:
    symbols = {name: {"name": name, "score": of} for name, of in (("LOW", 0.1), ("GOOD", -1.0), ("HIGH", 3.5))}
    body = json.dumps({"score": score, "required_score": 15.0, "symbols": symbols}).encode()
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


@pytest.mark.parametrize(
    ("kind", "answer", "level", "code", "rules"),
    [
        ("spamd", spamd("0.3", "NO_RECEIVED,HTML_MESSAGE"), Level.PASSED, "low", "NO_RECEIVED, HTML_MESSAGE"),
        ("spamd", spamd("-0.01", ""), Level.PASSED, "low", "-"),
        ("spamd", spamd("2.5", "A"), Level.WARNING, "near", "A"),
        ("spamd", spamd("15.0", "A\r\n"), Level.FAILED, "over", "A"),
        ("rspamd", rspamd(1.5), Level.PASSED, "low", "HIGH, LOW"),
        ("rspamd", rspamd(15), Level.FAILED, "over", "HIGH, LOW"),
    ],
)
def test_a_verdict_is_read(kind: str, answer: bytes, level: Level, code: str, rules: str) -> None:
    """Score, limit and rules; half way to the limit is a warning."""
    with answering(answer) as (port, heard):
        remark = check_spam(Scanner(kind, "127.0.0.1", port), LETTER, seconds=10)

    assert (remark.level, remark.code, remark.facts["rules"]) == (level, code, rules)
    assert not str(remark.facts["score"]).startswith("-0.0")
    assert LETTER in heard[0]
    assert heard[0].startswith(b"SYMBOLS SPAMC/1.5\r\n" if kind == "spamd" else b"POST /checkv2 HTTP/1.1\r\n")
    assert all(str(remark.facts["score"]) in say(remark, language).what for language in LANGUAGES)


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ("spamd", b""),
        ("spamd", b"SPAMD/1.0 76 Bad header line\r\n\r\n"),
        ("spamd", b"SPAMD/1.1 0 EX_OK\r\nSpam: True ; much / 5.0\r\n\r\n"),
        ("rspamd", b""),
        ("rspamd", b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"),
        ("rspamd", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]"),
        ("rspamd", rspamd(None)),
    ],
)
def test_what_cannot_be_read_is_not_known(kind: str, answer: bytes) -> None:
    """It is no pass, and no error of the command."""
    with answering(answer) as (port, _):
        remark = check_spam(Scanner(kind, "127.0.0.1", port), LETTER, seconds=10)

    assert (remark.level, remark.code) == (Level.UNKNOWN, "no_answer")


@pytest.mark.parametrize("kind", ["spamd", "rspamd"])
def test_silence_ends(kind: str) -> None:
    """A filter that takes the letter and says nothing holds nobody up; one that is not there neither."""
    with socket.create_server(("127.0.0.1", 0)) as mute:
        port = mute.getsockname()[1]
        began = monotonic()
        silent = check_spam(Scanner(kind, "127.0.0.1", port), b"x", seconds=0.2)
        seconds = monotonic() - began
    absent = check_spam(Scanner(kind, "127.0.0.1", port), b"x", seconds=0.2)

    assert {silent.code, absent.code} == {"no_answer"}
    assert seconds < 5
