"""What a session decides before it speaks."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sender.delivery import Session, Timeouts
from sender.delivery.flight import BLOCK, demand_fit, stuffed
from sender.errors import Fault
from sender.model import ContactId, Letter, Outcome


def letter(content: bytes = b"A: b\r\n\r\nc\r\n", recipient: str = "anna@client.example") -> Letter:
    return Letter(ContactId("1" * 32), "b@test.example", recipient, "<1@test.example>", content)


@given(st.lists(st.text(".ab", max_size=4), max_size=8))
def test_stuffing_can_be_undone(lines: list[str]) -> None:
    """The dot that ends the content is the only line of one dot, and undoing gives the content."""
    content = "".join(f"{line}\r\n" for line in lines).encode()
    wire = stuffed(content, demand_fit(letter(content)))
    assert wire.endswith(b".\r\n")
    inner = wire[:-3].split(b"\r\n")
    assert b"." not in inner
    assert b"\r\n".join(line.removeprefix(b".") for line in inner) == content


@pytest.mark.parametrize(
    ("content", "recipient", "offers", "enhanced"),
    [
        (b"A: b\r\n\r\n" + b"x" * 99, "anna@client.example", {"SIZE": "50"}, "5.3.4"),
        (b"A: b\r\n", "zoé@client.example", {"8BITMIME": ""}, "5.6.7"),
        ("A: é\r\n".encode(), "anna@client.example", {}, "5.6.3"),
    ],
)
async def test_what_the_relay_cannot_take(
    content: bytes, recipient: str, offers: dict[str, str], enhanced: str
) -> None:
    """What EHLO ruled out is refused for this letter, without a byte on the wire."""
    answer = await Session("relay", offers, Timeouts()).send(letter(content, recipient))
    assert (answer.outcome, answer.enhanced, answer.code) == (Outcome.REFUSED, enhanced, None)
    assert not answer.hard_bounce


@pytest.mark.parametrize("content", [b"A: b\n", b"A: b\r", b"a\r\n.\n.\r\n", b"\r\r\n"])
async def test_bare_line_ends(content: bytes) -> None:
    """Bare CR or LF is how one mail becomes two: it never leaves."""
    with pytest.raises(Fault):
        await Session("relay", {}, Timeouts()).send(letter(content))


@pytest.mark.parametrize(
    "recipient", ["", "a@b.example>\r\nDATA", "a b@c.example", "<a@b.example>", "a\x00@b.example", "a\ud800@b.c"]
)
async def test_addresses_that_change_the_command(recipient: str) -> None:
    """An address cannot end the command that carries it."""
    with pytest.raises(Fault):
        await Session("relay", {}, Timeouts()).send(letter(recipient=recipient))


class _Torn(asyncio.Transport):
    """Takes so many writes, then fails as no transport should."""

    def __init__(self, writes: int) -> None:
        super().__init__()
        self._left = writes
        self._closing = False

    def write(self, data: Any) -> None:
        if not self._left:
            raise RuntimeError("the handler is closed")
        self._left -= 1

    def is_closing(self) -> bool:
        return self._closing

    def abort(self) -> None:
        self._closing = True


async def test_a_letter_that_cannot_even_be_written_is_waited_for_by_nobody() -> None:
    """The fault is told, and the connection ends with all that was on its way."""
    session = Session("relay", {"PIPELINING": ""}, Timeouts())
    session.connection_made(_Torn(1))
    session.proven = True
    first = session.submit(letter())
    with pytest.raises(RuntimeError):
        session.data_received(b"250 Ok\r\n250 Ok\r\n250 Ok\r\n354 Go on\r\n")
    session.connection_lost(None)  # what a loop makes of a protocol that raises
    assert (await first).outcome is Outcome.UNKNOWN

    session = Session("relay", {"PIPELINING": ""}, Timeouts())
    session.connection_made(_Torn(0))
    with pytest.raises(RuntimeError):
        session.submit(letter())
    assert not session.busy
    assert not session.alive


async def test_a_fault_in_long_content_is_told() -> None:
    """It goes out in blocks beside everything else; what fails there reaches whoever waits for the answer."""
    session = Session("relay", {"PIPELINING": ""}, Timeouts())
    session.connection_made(_Torn(1))
    answer = session.submit(letter(b"A: b\r\n\r\n" + b"x\r\n" * BLOCK))
    session.data_received(b"250 Ok\r\n250 Ok\r\n250 Ok\r\n354 Go on\r\n")
    for _ in range(5):
        await asyncio.sleep(0)

    assert answer.done()
    assert isinstance(answer.exception(), RuntimeError)
    assert not session.busy
