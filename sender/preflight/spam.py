"""What a spam filter of one's own says of a letter: SpamAssassin's spamd, or rspamd. Asked only where one is named."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from time import monotonic
from typing import Any

from sender.preflight.remarks import Level, Remark, visible

__all__ = ["Scanner", "check_spam"]

SECONDS = 20.0  # rules that ask the DNS take their time
_LARGEST = 1024 * 1024
_RULES = 12  # named in the sentence; those that weigh most come first where the filter says what they weigh
_VERDICT = re.compile(r"^Spam:\s*\w+\s*;\s*(-?[0-9.]+)\s*/\s*(-?[0-9.]+)\s*$", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Scanner:
    """``kind``: spamd or rspamd."""

    kind: str
    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.kind}://{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class _Said:
    """``limit``: from here on the filter takes a letter for spam; ``rules``: what it found."""

    score: float
    limit: float
    rules: tuple[str, ...]


def check_spam(scanner: Scanner, letter: bytes, *, seconds: float = SECONDS) -> Remark:
    """``letter``: whole, CRLF, to nobody real. A filter that is silent, or says what cannot be read, is not known."""
    try:
        said = (_by_spamd if scanner.kind == "spamd" else _by_rspamd)(scanner, letter, monotonic() + seconds)
    except (OSError, HTTPException, ValueError, KeyError, TypeError, AttributeError):
        return Remark(Level.UNKNOWN, "spam", "no_answer", str(scanner))
    rules = ", ".join(visible(one) for one in said.rules[:_RULES]) or "-"
    facts = {"score": _points(said.score), "limit": _points(said.limit), "rules": rules}
    if said.score >= said.limit:
        return Remark(Level.FAILED, "spam", "over", str(scanner), facts)
    level, code = (Level.WARNING, "near") if said.score >= said.limit / 2 else (Level.PASSED, "low")
    return Remark(level, "spam", code, str(scanner), facts)


def _points(score: float) -> str:
    """With one decimal; what rounds to nothing has no sign."""
    return f"{round(score, 1) + 0.0:.1f}"


def _by_spamd(scanner: Scanner, letter: bytes, until: float) -> _Said:
    """The protocol of spamc 1.5: ``SYMBOLS`` asks for the score and the names of the rules."""
    with socket.create_connection((scanner.host, scanner.port), _left(until)) as line:
        line.sendall(b"SYMBOLS SPAMC/1.5\r\nContent-length: %d\r\n\r\n" % len(letter))
        line.sendall(letter)
        line.shutdown(socket.SHUT_WR)
        answer = bytearray()
        while len(answer) < _LARGEST:
            line.settimeout(_left(until))
            more = line.recv(65536)
            if not more:
                break
            answer += more
    head, _, body = answer.decode("utf-8", "replace").partition("\r\n\r\n")
    found = _VERDICT.search(head.replace("\r", ""))
    if not re.match(r"SPAMD/[0-9.]+ 0 ", head) or not found:
        raise ValueError
    rules = (one.strip() for one in body.replace("\n", ",").split(","))
    return _Said(float(found[1]), float(found[2]), tuple(filter(None, rules)))


def _by_rspamd(scanner: Scanner, letter: bytes, until: float) -> _Said:
    with closing(HTTPConnection(scanner.host, scanner.port, timeout=_left(until))) as line:
        line.request("POST", "/checkv2", letter, {"Content-Type": "message/rfc822"})
        answer = line.getresponse()
        data = bytearray()
        while len(data) < _LARGEST and (more := answer.read1(65536)):
            data += more
            _left(until)
    if answer.status != 200:
        raise ValueError
    said: dict[str, Any] = json.loads(data)
    return _Said(float(said["score"]), float(said["required_score"]), _heaviest(said["symbols"].values()))


def _heaviest(symbols: Sequence[dict[str, Any]]) -> tuple[str, ...]:
    """Those that count against the letter, the heaviest first."""
    found = [(float(one["score"]), str(one["name"])) for one in symbols]
    return tuple(name for score, name in sorted(found, reverse=True) if score > 0)


def _left(until: float) -> float:
    left = until - monotonic()
    if left <= 0:
        raise TimeoutError
    return left
