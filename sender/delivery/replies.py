"""The relay's replies: read strictly, and judged. The one place that decides between permanent and temporary."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from sender.enhanced import NO_SUCH_ADDRESS, by_policy
from sender.model import Answer, Outcome

LONGEST_LINE = 2048  # RFC 5321 §4.5.3.1.5 says 512; real relays put addresses and links into refusals
LONGEST_REPLY = 16 * 1024
LONGEST_TEXT = 500
_USUAL = 128

_LINE = re.compile(rb"([2-5][0-5][0-9])(?:([ -])([^\r\n]*))?\Z")  # RFC 5321 §4.2
_ENHANCED = re.compile(r"([245])\.(\d{1,3})\.(\d{1,3})(?= |$)")  # RFC 3463 §2
# What servers say to strangers, whoever the recipient is: Postfix, Exim, Sendmail, Exchange, qmail (no code tells it)
_TO_STRANGERS = re.compile(r"\brelay|authenticat|\blog ?in\b|\brcpthosts\b|\baccess denied\b", re.IGNORECASE)
_ADDRESS = re.compile(r"\S*@\S*")
_LOG_IN = frozenset({530, 535, 538})  # RFC 4954 §6
_LETTERS_OWN = re.compile(r"5\.(2\.3|3\.4|6\.\d+)")  # too large, or its form


class Stage(StrEnum):
    """The command that a reply answers. ``CONTENT``: after 354, before the final dot was handed to the transport."""

    RSET = "rset"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    CONTENT = "content"
    DOT = "dot"
    QUIT = "quit"


class Garbage(ValueError):  # noqa: N818  what came is not SMTP
    """What the relay sent is no reply."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One whole reply. ``enhanced``: only where it agrees with the code's class."""

    code: int
    enhanced: str | None = None
    text: str = ""

    @property
    def positive(self) -> bool:
        return 200 <= self.code <= 299

    @property
    def sign(self) -> str:
        """By what the yes to one command is told from the yes to another: the enhanced code, else the first word."""
        word = self.text.partition(" ")[0]
        return self.enhanced or (word.lower() if word.isalpha() else "")


class Reader:
    """Cuts bytes into replies, whatever the pieces they come in."""

    def __init__(self) -> None:
        self._rest = b""
        self._lines: list[bytes] = []
        self._size = 0
        self._code: bytes | None = None

    def feed(self, data: bytes) -> Iterator[Reply]:
        """The replies that are complete now; raises `Garbage` at the first line that is none."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            reply = _usual(line) if not self._lines and len(line) <= _USUAL else None
            reply = reply or self._line(line.removesuffix(b"\r"))
            if reply:
                yield reply
        if len(self._rest) > LONGEST_LINE:
            raise Garbage("endless line")

    def _line(self, line: bytes) -> Reply | None:
        self._size += len(line)
        match = _LINE.match(line)
        if not match or len(line) > LONGEST_LINE or self._size > LONGEST_REPLY:
            raise Garbage("no reply, or an endless one")
        code, dash, text = match.groups()
        if self._code not in (None, code):
            raise Garbage("codes differ within one reply")
        self._lines.append(text or b"")
        self._code = code if dash == b"-" else None
        if dash == b"-":
            return None
        lines, self._lines, self._size = self._lines, [], 0
        return _reply(int(code), lines)


@lru_cache(128)
def _usual(line: bytes) -> Reply | None:
    """The reply that is all in one short line, as most are, and mostly the same ones; None for any other."""
    match = _LINE.match(line.removesuffix(b"\r"))
    return _reply(int(match[1]), [match[3] or b""]) if match and match[2] != b"-" else None


def _reply(code: int, lines: list[bytes]) -> Reply:
    text = " ".join([line.decode("utf-8", "replace").strip() for line in lines])
    if not text.isprintable():
        text = "".join(char if char.isprintable() else " " for char in text)
    text = text[:LONGEST_TEXT]
    found = _ENHANCED.match(text)
    agrees = found is not None and found[1] == str(code)[0]
    return Reply(code, found[0] if found and agrees else None, text)


def blames_sender(stage: Stage, reply: Reply, *, proven: bool = False) -> bool:
    """The relay's no is about us, not about this letter or its recipient: the run must stop and mark nobody.

    ``proven``: it has taken a recipient of ours before, so that it does relay for us.
    """
    if stage is Stage.RCPT and not proven and _to_strangers(reply):
        return True
    if reply.code in _LOG_IN:
        return stage in {Stage.MAIL, Stage.RCPT, Stage.DATA}
    if stage is not Stage.MAIL or not 500 <= reply.code <= 599 or reply.code == 503:
        return False
    return not (reply.code == 552 or _LETTERS_OWN.fullmatch(reply.enhanced or ""))


def judgement_of_sender(stage: Stage, reply: Reply) -> Answer | None:
    """A 5.7.x to MAIL: the relay judged who sends. A login that it asks for is only missing."""
    if stage is not Stage.MAIL or not by_policy(reply.enhanced) or reply.code in _LOG_IN:
        return None
    return Answer(Outcome.REFUSED, reply.code, reply.enhanced, reply.text, stage.value)


def _to_strangers(reply: Reply) -> bool:
    if not 500 <= reply.code <= 599 or not (reply.enhanced or "5.7.").startswith("5.7."):
        return False
    return _TO_STRANGERS.search(_ADDRESS.sub("", reply.text)) is not None


def classify(stage: Stage, reply: Reply) -> Answer:
    """What a reply that ends a letter means. Ask `blames_sender` first.

    Only 2yz to the dot is a yes. 503 says that the dialogue went wrong, not that the letter was judged: try again.
    """
    # Meets: RFC 5321 §4.2.1 (the first digit decides)
    outcome = _outcome(stage, reply.code)
    code = reply.code
    gone = outcome is Outcome.REFUSED and (reply.enhanced in NO_SUCH_ADDRESS or code == 556)  # RFC 7504, 7505
    gone = gone and stage in {Stage.RCPT, Stage.DOT}
    return Answer(outcome, code, reply.enhanced, reply.text, stage.value, hard_bounce=gone)


def _outcome(stage: Stage, code: int) -> Outcome:
    if code >= 500 and code != 503:
        return Outcome.REFUSED
    if code >= 400:
        return Outcome.DEFERRED
    if stage is not Stage.DOT:
        return Outcome.DEFERRED  # a yes or a "go on" out of turn; the dot was never sent
    return Outcome.ACCEPTED if code < 300 else Outcome.UNKNOWN


def broken(stage: Stage, why: str) -> Answer:
    """No reply, and none will come: only after the dot can the relay have taken the letter."""
    # Meets: RFC 5321 §4.2.5, RFC 1047 (a reply lost after the dot says nothing)
    outcome = Outcome.UNKNOWN if stage is Stage.DOT else Outcome.DEFERRED
    return Answer(outcome, text=why, stage=stage.value)
