"""Whatever bytes a relay sends: no error of ours, no yes that was not said, no more memory than a reply may have."""

from __future__ import annotations

import asyncio
import re
import socket
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sender.delivery import RelayRefusesSender, Session, Timeouts, Untouched
from sender.delivery.replies import LONGEST_LINE, LONGEST_REPLY
from sender.model import Answer, ContactId, Letter, Outcome

GOOD = {"RSET": b"250 Ok", "MAIL": b"250 Ok", "RCPT": b"250 Accepted", "DATA": b"354 Go", "DOT": b"250 Queued"}
HOSTILE = st.one_of(
    st.sampled_from(
        (
            *(b"421 4.3.2 going\r\n", b"450 4.2.0 later\r\n", b"550 5.1.1 unknown\r\n", b"354 Go on\r\n"),
            *(
                b"250-one\r\n250 two\r\n",
                b"250-one\r\n550 two\r\n",
                b"250 Ok\r\n250 Ok\r\n",
                b"\r\n",
                b"250\r\n",
                b"250 Ok\n",
            ),
            *(
                b"2500 Ok\r\n",
                b" 250 Ok\r\n",
                b"250\x00 Ok\r\n",
                b"199 what\r\n",
                b"600 what\r\n",
                b"250-never ended\r\n",
            ),
            *(b"250 " + b"x" * 3000 + b"\r\n", b"250-" + b"x" * 500 + b"\r\n"),
        )
    ),
    st.binary(max_size=40),
)
OFFERS = st.sampled_from(({}, {"PIPELINING": ""}, {"PIPELINING": "", "CHUNKING": ""}))


class Wire(asyncio.Transport):
    """What the session writes, cut into commands; what a relay would see."""

    def __init__(self) -> None:
        super().__init__()
        self.seen = b""
        self.closing = False

    def write(self, data: Any) -> None:
        if not self.closing:
            self.seen += bytes(data)

    def is_closing(self) -> bool:
        return self.closing

    def close(self) -> None:
        self.closing = True

    abort = close

    def commands(self) -> list[str]:
        """Each command in order; content of three lines ends as ``DOT``."""
        found = re.findall(rb"^(RSET|MAIL|RCPT|DATA|QUIT|BDAT|\.)(?=[ \r])", self.seen, re.MULTILINE)
        return ["DOT" if verb in {b".", b"BDAT"} else verb.decode() for verb in found]


def letter(number: int) -> Letter:
    name = f"<{number}@test.example>"
    content = f"Message-ID: {name}\r\n\r\nBonjour\r\n".encode()
    return Letter(ContactId(f"{number:032x}"), "b@test.example", "a@client.example", name, content)


async def told(session: Session, wire: Wire, script: list[bytes | None], cuts: list[int]) -> list[object]:
    """Three letters against a relay that answers each command by the script, None being the right answer."""
    session.connection_made(wire)
    letters = [letter(number) for number in range(3)]
    answers = []
    remaining, answered = list(script), 0
    for one in letters:
        if session.alive and not session.has_room:
            answered = await speak(session, wire, remaining, answered, cuts)
        answers.append(session.submit(one))
    while session.alive and remaining and answered < len(wire.commands()):
        answered = await speak(session, wire, remaining, answered, cuts)
    session.eof_received()
    return await asyncio.gather(*answers, return_exceptions=True)


async def speak(session: Session, wire: Wire, script: list[bytes | None], answered: int, cuts: list[int]) -> int:
    """Answer what was asked by now, one reply for each command, cut into pieces anywhere."""
    asked = wire.commands()
    said = b""
    for command in asked[answered:]:
        deed = script.pop(0) if script else None
        said += GOOD.get(command, b"221 Bye") + b"\r\n" if deed is None else deed
    for start, end in zip([0, *cuts], [*cuts, None], strict=True):
        session.data_received(said[start:end])
    await asyncio.sleep(0)
    return len(asked)


@settings(max_examples=400, deadline=None)
@given(
    offers=OFFERS,
    script=st.lists(st.one_of(st.none(), st.none(), HOSTILE), max_size=16),
    cuts=st.lists(st.integers(0, 60), max_size=3).map(sorted),
)
def test_no_yes_that_was_not_said(offers: dict[str, str], script: list[bytes | None], cuts: list[int]) -> None:
    """Accepted letters are no more than the yeses that came after their content, each by a whole reply of its own."""
    wire = Wire()

    async def talk() -> list[object]:
        return await told(Session("relay", offers, Timeouts()), wire, script, cuts)

    answers = asyncio.run(talk())

    accepted = [one for one in answers if isinstance(one, Answer) and one.outcome is Outcome.ACCEPTED]
    assert len(accepted) <= wire.commands().count("DOT")
    assert all(one.code is not None and 200 <= one.code <= 299 and one.stage == "dot" for one in accepted)
    for one in answers:
        assert isinstance(one, Answer | Untouched | RelayRefusesSender), one


@settings(max_examples=100, deadline=None)
@given(offers=OFFERS)
def test_a_relay_in_order_takes_everything(offers: dict[str, str]) -> None:
    """The same driver with right answers only: three yeses."""
    wire = Wire()

    async def talk() -> list[object]:
        session = Session("relay", offers, Timeouts())
        return await told(session, wire, [None] * 40, [])

    answers = asyncio.run(talk())

    assert [getattr(one, "outcome", None) for one in answers] == [Outcome.ACCEPTED] * 3


async def test_what_waits_for_the_first_letter_goes_in_chunks_behind_it() -> None:
    """Once its 354 is there, the whole window goes out in one write: a new connection costs one round trip."""
    session, wire = Session("relay", {"PIPELINING": "", "CHUNKING": ""}, Timeouts()), Wire()
    session.connection_made(wire)
    session.proven = True  # on another connection
    answers = [session.submit(letter(number)) for number in range(4)]
    assert wire.commands() == ["RSET", "MAIL", "RCPT", "DATA"]

    await speak(session, wire, [], 0, [])

    assert wire.commands()[4:] == ["DOT", *["RSET", "MAIL", "RCPT", "DOT"] * 3]
    await speak(session, wire, [], 4, [])
    assert {answer.result().outcome for answer in answers} == {Outcome.ACCEPTED}


@pytest.mark.parametrize(
    ("seconds", "most", "window"), [(0.001, 8, 4), (0.05, 8, 4), (0.08, 8, 6), (0.1, 8, 8), (3, 8, 8), (3, 3, 3)]
)
async def test_more_letters_are_under_way_to_a_relay_far_away(
    seconds: float, most: int, window: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first reply shows the distance; the setting is the bound."""
    now = [1000.0]
    monkeypatch.setattr(asyncio.get_running_loop(), "time", lambda: now[0])
    session, wire = Session("relay", {"PIPELINING": "", "CHUNKING": ""}, Timeouts(), window=most), Wire()
    session.connection_made(wire)
    answers = [session.submit(letter(0))]
    assert not session.has_room
    now[0] += seconds
    await speak(session, wire, [], 0, [])
    while session.has_room:
        answers.append(session.submit(letter(len(answers))))
    assert len(answers) == window
    session.eof_received()
    await asyncio.gather(*answers, return_exceptions=True)


async def test_replies_are_acknowledged_at_once_where_more_are_due_and_nothing_is_written() -> None:
    """A relay may hold back the next ones until then, and the kernel would wait for something to send along."""

    class Told(socket.socket):
        asked = 0

        def setsockopt(self, *_: object) -> None:  # type: ignore[override]
            Told.asked += 1

    session, wire = Session("relay", {"PIPELINING": ""}, Timeouts()), Wire()
    with Told() as told:
        wire._extra = {"socket": told}
        session.connection_made(wire)
        answer = session.submit(letter(0))
        asked = []
        for said in (b"250 Ok\r\n", b"250 Ok\r\n250 Accepted\r\n354 Go\r\n", b"250 Queued\r\n"):
            session.data_received(said)
            asked.append(Told.asked)

    assert wire.commands() == ["RSET", "MAIL", "RCPT", "DATA", "DOT"]
    assert asked == ([1, 1, 1] if hasattr(socket, "TCP_QUICKACK") else [0, 0, 0])
    assert (await answer).outcome is Outcome.ACCEPTED


@pytest.mark.parametrize("flood", [b"250-so on\r\n" * 10_000, b"x" * 1_000_000, b"250-" + b"y" * 1_000_000])
async def test_an_endless_reply_is_not_kept(flood: bytes) -> None:
    """The connection is gone long before the flood is read."""
    session, wire = Session("relay", {"PIPELINING": ""}, Timeouts()), Wire()
    session.connection_made(wire)
    answer = session.submit(letter(1))
    fed = 0
    for start in range(0, len(flood), 1000):
        if not session.alive:
            break
        session.data_received(flood[start : start + 1000])
        fed += 1000

    assert fed <= 2 * LONGEST_REPLY + LONGEST_LINE
    with pytest.raises(Untouched):
        await answer
