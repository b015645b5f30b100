"""One letter on its way over a session: what is written for it, what was answered, what that means at each moment.

Whether the relay can have taken a letter depends on one thing: whether the last byte of its content, the dot or the
last chunk, was handed to the transport. Under TLS an empty write buffer proves nothing, so handed over counts as gone.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sender.delivery.complaints import unfit
from sender.delivery.replies import Reply, Stage, broken, classify
from sender.model import Answer, Letter, Outcome

__all__ = ["BLOCK", "Flight", "Untouched", "beyond_relay", "demand_fit", "stuffed"]

BLOCK = 64 * 1024
"""Content up to this size goes out in one write; what is longer goes in blocks, as fast as the relay reads."""

# Twice as quick as bytes.count or .replace of two bytes and more: the first byte is looked for as one alone
_BARE_CR_OR_DOT = re.compile(rb"\r(?!\n(?!\.))")
_FORBIDDEN = frozenset("<> \x7f" + "".join(map(chr, range(32))))

Command = tuple[Stage, bytes]


class Untouched(Exception):  # noqa: N818  not an error of a person's
    """The relay certainly did not take the letter, and said nothing about it: it may go out again at once."""


@dataclass(slots=True)
class Flight:
    """``due``: commands that are written and not answered. ``verdict``: what an early no, ``refused_at``, means.

    ``sure``: after that no the relay cannot take the letter, even where its content is out.
    """

    letter: Letter
    answer: asyncio.Future[Answer]
    dots: Sequence[int] = ()  # where lines of its content begin with one
    commands: deque[Command] = field(default_factory=deque)
    content: bytes = b""
    chunked: bool = False
    due: deque[Stage] = field(default_factory=deque)
    verdict: Answer | Exception | None = None
    refused_at: Stage | None = None
    sure: bool = False
    welcome: bool = False  # its content may be written
    begun: bool = False  # its commands were chosen, and the first handed over
    gone: bool = False  # the last byte of its content was

    def end(self, verdict: Answer | Exception) -> None:
        if self.answer.done():
            return
        if isinstance(verdict, Answer):
            self.answer.set_result(verdict)
        else:
            self.answer.set_exception(verdict)

    def judged(self, reply: Reply) -> Answer | Exception:
        """What the reply to the end of the content means."""
        if self.verdict is None:
            return classify(Stage.DOT, reply)
        return self.verdict if reply.code >= 400 else broken(Stage.DOT, "it took content after it refused the letter")

    def lost(self, why: str, *, first: bool) -> None:
        """No more replies will come. ``first``: the next one would have been about this letter."""
        if self.verdict is not None and (self.sure or not self.gone):
            self.end(self.verdict)
        elif self.gone:
            self.end(broken(Stage.DOT, why))
        elif first and self.begun and (not self.due or self.due[0] is not Stage.RSET):
            self.end(broken(self.due[0] if self.due else Stage.CONTENT, why))
        else:
            self.end(Untouched(why))


def envelope(letter: Letter, offers: Mapping[str, str]) -> list[Command]:
    """MAIL and RCPT, with the parameters that the relay offers."""
    # Meets: RFC 1870 §6, RFC 6152 §2, RFC 6531 §3.4 (parameters only where the relay offers them)
    options = f" SIZE={len(letter.content)}" if "SIZE" in offers else ""
    utf8 = _needs_utf8(letter)
    if "8BITMIME" in offers and (utf8 or not letter.content.isascii()):
        options += " BODY=8BITMIME"
    options += " SMTPUTF8" if utf8 else ""
    return [
        (Stage.MAIL, f"MAIL FROM:<{letter.sender}>{options}\r\n".encode()),
        (Stage.RCPT, f"RCPT TO:<{letter.recipient}>\r\n".encode()),
    ]


def beyond_relay(letter: Letter, offers: Mapping[str, str]) -> Answer | None:
    """What the relay said at EHLO that it cannot take: no need to try."""
    limit = offers.get("SIZE", "").strip()
    if limit.isdecimal() and 0 < int(limit) < len(letter.content):
        return _cannot("5.3.4", "larger than the relay takes")
    # Meets: RFC 6531 §3.2 (no downgrade of local parts: this recipient fails)
    if _needs_utf8(letter) and "SMTPUTF8" not in offers:
        return _cannot("5.6.7", "the relay takes no addresses beyond ASCII (SMTPUTF8)")
    if not letter.content.isascii() and "8BITMIME" not in offers:
        return _cannot("5.6.3", "the relay takes no 8-bit content (8BITMIME)")
    return None


def demand_fit(letter: Letter) -> list[int]:
    """Raise a Fault where the letter would be read as something else than one message to one address.

    Says where lines of its content, but the first, begin with a dot: the same look finds them.
    """
    # Meets: RFC 5321 §2.3.8, §4.1.1.4 (CR and LF only together: anything else lets one message be read as two)
    content = letter.content
    dots = [found.start() + 2 for found in _BARE_CR_OR_DOT.finditer(content)]
    # as many of one as of the other: to take them out is half the work of counting them
    as_many = len(content.replace(b"\r", b"")) == len(content.replace(b"\n", b""))
    if not as_many or any(content[at - 1 : at] != b"\n" for at in dots):
        raise unfit("a bare CR or LF in its content")
    if not letter.recipient or not _may_stand_in_commands(letter.sender + letter.recipient):
        raise unfit("an address that would change the command")
    return dots


def _may_stand_in_commands(addresses: str) -> bool:
    try:
        addresses.encode()
    except UnicodeEncodeError:  # half of a character
        return False
    return _FORBIDDEN.isdisjoint(addresses)


def stuffed(content: bytes, dots: Sequence[int]) -> bytes:
    """The content as it goes over the wire after DATA, final dot included. ``dots``: as `demand_fit` has them."""
    # Meets: RFC 5321 §4.5.2
    begins = [0, *dots]
    lines = [content[begin:end] for begin, end in zip(begins, [*dots, len(content)], strict=True)]
    start = b"." if content.startswith(b".") else b""
    end = b".\r\n" if not content or content.endswith(b"\r\n") else b"\r\n.\r\n"
    return b"".join((start, b".".join(lines), end))


def _needs_utf8(letter: Letter) -> bool:
    return letter.smtputf8 or not (letter.sender.isascii() and letter.recipient.isascii())


def _cannot(enhanced: str, why: str) -> Answer:
    return Answer(Outcome.REFUSED, enhanced=enhanced, text=why, stage=Stage.MAIL.value)
