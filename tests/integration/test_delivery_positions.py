"""Each misbehaviour at each position, against what the relay took: no answer may claim what did not happen."""

from __future__ import annotations

import asyncio
import socket
from collections import Counter
from collections.abc import Callable

import pytest
from smtp_script import CHUNKING, CLOSE, ENDLESS, OFFERS, SILENCE, ScriptedRelay, at

from sender.delivery import RelayAccess, RelayRefusesSender, Timeouts, Untouched, connect
from sender.delivery.session import WINDOW
from sender.model import Answer, Letter, Outcome

QUICK = Timeouts(connect=5, greeting=5, command=0.2, data=0.2, content=0.2, dot=0.2)
DEEDS = {
    "close": CLOSE,
    "silence": SILENCE,
    "garbage": b"\x00\xff what\r\n",
    "endless reply": ENDLESS,
    "endless line": b"250-" + b"x" * 100_000,
    "two codes": b"250-one\r\n550 two\r\n",
    "4yz": b"451 4.3.0 later\r\n",
    "5yz": b"550 5.1.1 no such user\r\n",
    "421": b"421 4.3.2 going down\r\n",
    "go on out of turn": b"334 what\r\n",
}
POINTS = ("rset", "mail", "rcpt", "data", "content", "dot", "after")
PIPELINED = {"one by one": OFFERS[1:], "pipelined": OFFERS}


async def send(relay: ScriptedRelay, letters: list[Letter]) -> list[Answer | str]:
    """What became of each letter, over as many connections as it takes."""
    access = RelayAccess("127.0.0.1", relay.port, "none", timeouts=QUICK)
    told: list[Answer | str] = []
    session = await connect(access)
    for one in letters:
        if not session.alive:
            session = await connect(access)
        try:
            told.append(await session.send(one))
        except RelayRefusesSender:
            told.append("sender refused")
        except Untouched:
            told.append("untouched")
    await session.quit()
    return told


@pytest.mark.parametrize("offers", PIPELINED.values(), ids=PIPELINED)
@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("deed", DEEDS.values(), ids=DEEDS)
async def test_no_answer_claims_what_did_not_happen(
    point: str, deed: bytes, offers: tuple[str, ...], letter: Callable[..., Letter]
) -> None:
    """Accepted was taken; what was not taken for certain is deferred or refused; the rest, and no more, is unknown."""
    letters = [letter(1), letter(2, body=b"x" * 70 + b"\r\n"), letter(3)]
    async with ScriptedRelay(at(point, deed, 2), offers) as relay:
        told = await send(relay, letters)
    for one, answer in zip(letters, told, strict=True):
        accepted = isinstance(answer, Answer) and answer.outcome is Outcome.ACCEPTED
        unknown = isinstance(answer, Answer) and answer.outcome is Outcome.UNKNOWN
        assert accepted == (one.message_id in relay.taken)
        if one.message_id in relay.can_have_taken:
            assert accepted or unknown
        if unknown:
            assert point in {"content", "dot"}
    assert relay.taken.count(letters[0].message_id) == 1
    assert len(relay.taken) == len(set(relay.taken))
    first, last = told[0], told[2]
    assert isinstance(first, Answer)
    assert first.outcome is Outcome.ACCEPTED
    assert isinstance(last, Answer) or last == "untouched"


@pytest.mark.parametrize("offers", PIPELINED.values(), ids=PIPELINED)
@pytest.mark.parametrize(
    ("point", "deed", "outcome"),
    [
        ("rcpt", DEEDS["5yz"], Outcome.REFUSED),
        ("rcpt", DEEDS["4yz"], Outcome.DEFERRED),
        ("mail", DEEDS["4yz"], Outcome.DEFERRED),
        ("mail", b"552 5.3.4 too large\r\n", Outcome.REFUSED),
        ("data", DEEDS["4yz"], Outcome.DEFERRED),
        ("data", DEEDS["5yz"], Outcome.REFUSED),
        ("data", CLOSE, Outcome.DEFERRED),
        ("dot", DEEDS["5yz"], Outcome.REFUSED),
        ("dot", DEEDS["421"], Outcome.DEFERRED),
        ("dot", CLOSE, Outcome.UNKNOWN),
        ("dot", SILENCE, Outcome.UNKNOWN),
        ("dot", DEEDS["garbage"], Outcome.UNKNOWN),
        ("after", CLOSE, Outcome.ACCEPTED),
        ("after", DEEDS["garbage"], Outcome.ACCEPTED),
    ],
)
async def test_outcome_at_position(
    point: str, deed: bytes, outcome: Outcome, offers: tuple[str, ...], letter: Callable[..., Letter]
) -> None:
    """The outcome is the one that the position allows."""
    async with ScriptedRelay(at(point, deed), offers) as relay:
        [answer] = await send(relay, [letter()])
    assert isinstance(answer, Answer)
    assert answer.outcome is outcome


@pytest.mark.parametrize("offers", PIPELINED.values(), ids=PIPELINED)
async def test_refused_sender_blames_nobody(offers: tuple[str, ...], letter: Callable[..., Letter]) -> None:
    """A permanent no to MAIL is no answer about the recipient."""
    async with ScriptedRelay(at("mail", b"550 5.7.1 not you\r\n"), offers) as relay:
        assert await send(relay, [letter()]) == ["sender refused"]
    assert relay.can_have_taken == []


async def test_connection_lost_in_long_content_is_deferred(letter: Callable[..., Letter]) -> None:
    """While blocks before the one with the dot go out, the relay cannot have taken the letter."""
    long = letter(body=b"x" * 76 + b"\r\n" + (b"y" * 76 + b"\r\n") * 400_000)
    async with ScriptedRelay(at("content", CLOSE), offers=("PIPELINING",)) as relay:
        [answer] = await send(relay, [long])
    assert isinstance(answer, Answer)
    assert (answer.outcome, answer.stage) == (Outcome.DEFERRED, "content")
    assert relay.can_have_taken == []


async def test_go_on_after_refused_recipient(letter: Callable[..., Letter]) -> None:
    """A relay that wants content for nobody gets a lone dot, and the connection is closed."""
    async with ScriptedRelay(at("rcpt", b"550 5.1.1 no\r\n")) as relay:
        session = await connect(RelayAccess("127.0.0.1", relay.port, "none", timeouts=QUICK))
        answer = await session.send(letter())
        assert not session.alive
        await asyncio.gather(*tuple(relay._talks))
    assert (answer.outcome, answer.hard_bounce) == (Outcome.REFUSED, True)
    assert relay.contents == [b".\r\n"]


async def test_dots_are_stuffed(letter: Callable[..., Letter]) -> None:
    """A line that begins with a dot cannot end the content."""
    async with ScriptedRelay() as relay:
        [answer] = await send(relay, [letter(body=b".\r\n..\r\nend")])
    assert isinstance(answer, Answer)
    assert relay.contents[0].endswith(b"\r\n..\r\n...\r\nend\r\n.\r\n")


# A no that comes while the content goes out is the answer to it; that the relay takes it all the same is out of reach
TOGETHER = [
    (point, name) for point in POINTS for name in DEEDS if point != "content" or name not in {"4yz", "5yz", "421"}
]


@pytest.mark.parametrize(("point", "name"), TOGETHER)
async def test_no_answer_of_letters_on_their_way_together_claims_what_did_not_happen(
    point: str, name: str, letter: Callable[..., Letter]
) -> None:
    """Content goes out with the commands, four letters at once: what one meets tells no lie about the others."""
    letters = [letter(number, body=b"x" * 70 * number + b"\r\n") for number in range(1, 10)]
    async with ScriptedRelay(at(point, DEEDS[name], 4), (*OFFERS, CHUNKING)) as relay:
        told = await send_together(relay, letters)
        if name != "silence":  # else it reads all that is there
            await asyncio.gather(*tuple(relay._talks), return_exceptions=True)
    taken = Counter(relay.can_have_taken)

    assert max(taken.values()) == 1
    for one, answer in zip(letters, told, strict=True):
        outcome = answer.outcome if isinstance(answer, Answer) else None
        if outcome is Outcome.ACCEPTED:
            assert one.message_id in taken
        if one.message_id in relay.taken:
            assert outcome in {Outcome.ACCEPTED, Outcome.UNKNOWN}
        if one.message_id in taken:
            assert outcome in {Outcome.ACCEPTED, Outcome.UNKNOWN}
    assert told[0] == Answer(Outcome.ACCEPTED, 250, "2.0.0", "2.0.0 Queued", "dot")
    unknown = [answer for answer in told if isinstance(answer, Answer) and answer.outcome is Outcome.UNKNOWN]
    assert len(unknown) <= WINDOW
    assert any(command.startswith("BDAT") for command in relay.commands)


async def send_together(relay: ScriptedRelay, letters: list[Letter]) -> list[Answer | BaseException]:
    """As many letters at once as there is room for; a new connection where one ended."""
    access = RelayAccess("127.0.0.1", relay.port, "none", timeouts=QUICK)
    session = await connect(access)
    waiting = []
    for one in letters:
        await session.room()
        if not session.alive:
            session = await connect(access)
        waiting.append(session.submit(one))
    await session.drained()
    await session.quit()
    return await asyncio.gather(*waiting, return_exceptions=True)


@pytest.mark.parametrize("offers", PIPELINED.values(), ids=PIPELINED)
async def test_a_yes_before_the_content_is_no_yes(offers: tuple[str, ...], letter: Callable[..., Letter]) -> None:
    """A 250 that comes with the 354 answers nothing that was sent: the connection ends, and nothing was taken."""
    async with ScriptedRelay(at("data", b"354 Go on\r\n250 2.0.0 Queued\r\n"), offers) as relay:
        [answer] = await send(relay, [letter()])
    assert isinstance(answer, Answer)
    assert (answer.outcome, answer.stage) == (Outcome.DEFERRED, "content")
    assert relay.can_have_taken == []


async def test_one_reply_too_many_is_no_yes(letter: Callable[..., Letter]) -> None:
    """A stray 250 after the login is found out by the first letter's 354, and not taken for the next one's yes."""

    def script(point: str, number: int) -> bytes | None:
        if point == "rset":
            return b"250 Ok\r\n250 Ok\r\n"
        return b"550 5.7.1 no\r\n" if point == "dot" else None

    async with ScriptedRelay(script, (*OFFERS, CHUNKING)) as relay:
        [answer] = await send(relay, [letter()])
    assert isinstance(answer, Answer)
    assert answer.outcome is not Outcome.ACCEPTED
    assert relay.can_have_taken == []


STRAYS = (
    "250 2.0.0 Ok",
    "250 2.1.0 Ok",
    "250 2.1.5 Ok",
    "250 Ok",
    "451 4.3.0 later",
    "550 5.1.1 gone",
    "421 4.3.2 bye",
)
GOOD = {"rset": "250 2.0.0 Ok", "mail": "250 2.1.0 Ok", "rcpt": "250 2.1.5 Ok", "dot": "250 2.0.0 Queued"}


@pytest.mark.parametrize("refused", [False, True], ids=["the rest is taken", "the rest is refused"])
@pytest.mark.parametrize("stray", STRAYS)
@pytest.mark.parametrize(
    ("first", "point"),
    [(True, "rset"), (False, "rset"), (True, "mail"), (False, "mail"), (True, "rcpt"), (False, "dot")],
)
async def test_one_reply_too_many_among_letters_on_their_way_together_is_no_answer(
    point: str, stray: str, letter: Callable[..., Letter], *, first: bool, refused: bool
) -> None:
    """No letter that was taken goes again or counts as refused, and none that was refused counts as accepted.

    But where it stands in the place of the reply to the content: nobody can tell it from that.
    """

    def script(where: str, number: int) -> bytes | None:
        good = "554 5.7.1 no" if refused and where == "dot" and number >= 4 else GOOD.get(where, "")
        if (where, number) == (point, 4):
            return "".join(f"{said}\r\n" for said in ((stray, good) if first else (good, stray))).encode()
        return f"{good}\r\n".encode() if good else None

    letters = [letter(number, body=b"x" * 70 + b"\r\n") for number in range(1, 10)]
    async with ScriptedRelay(script, (*OFFERS, CHUNKING)) as relay:
        told = await send_together(relay, letters)
        await asyncio.gather(*tuple(relay._talks), return_exceptions=True)

    assert any(command.startswith("BDAT") for command in relay.commands)
    for one, answer in zip(letters, told, strict=True):
        outcome = answer.outcome if isinstance(answer, Answer) else None
        if outcome is Outcome.ACCEPTED:
            assert one.message_id in relay.taken
        if one.message_id in relay.can_have_taken:
            assert outcome in {Outcome.ACCEPTED, Outcome.UNKNOWN}


@pytest.mark.parametrize(
    ("mail", "rcpt", "chunks"),
    [(b"250 OK\r\n", b"250 Accepted\r\n", True), (b"250 Ok\r\n", b"250 Ok\r\n", False)],
    ids=["told apart by a word", "alike"],
)
async def test_content_goes_ahead_only_where_replies_can_be_told_apart(
    mail: bytes, rcpt: bytes, *, chunks: bool, letter: Callable[..., Letter]
) -> None:
    """Else each letter waits for its 354, which shows that replies are in step."""
    said = {"mail": mail, "rcpt": rcpt, "rset": b"250 Reset OK\r\n", "dot": b"250 OK id=1\r\n"}
    letters = [letter(number) for number in range(1, 10)]
    async with ScriptedRelay(lambda point, _: said.get(point), (*OFFERS, CHUNKING)) as relay:
        told = await send_together(relay, letters)

    assert {answer.outcome for answer in told if isinstance(answer, Answer)} == {Outcome.ACCEPTED}
    assert relay.taken == [one.message_id for one in letters]
    assert relay.connections == 1
    assert any(command.startswith("BDAT") for command in relay.commands) == chunks


async def test_content_that_went_out_before_a_refused_rset_may_be_taken(letter: Callable[..., Letter]) -> None:
    """A relay that says no to RSET reads on, and takes the letter behind it."""
    async with ScriptedRelay(at("rset", b"451 4.3.0 later\r\n", 1), (*OFFERS, CHUNKING)) as relay:
        _, answer = await send(relay, [letter(1), letter(2)])
        await asyncio.gather(*tuple(relay._talks), return_exceptions=True)
    assert isinstance(answer, Answer)
    assert answer.outcome is Outcome.UNKNOWN
    assert letter(2).message_id in relay.can_have_taken


async def test_the_scripted_relay_ends_though_somebody_has_only_just_called() -> None:
    """Its last word to a connection that it has not talked to yet: else Python 3.12 waits for that one for ever."""
    async with ScriptedRelay() as relay:
        caller = socket.create_connection(("127.0.0.1", relay.port))
        while not relay._talks:
            await asyncio.sleep(0)
    await asyncio.sleep(0)
    with caller:
        caller.setblocking(False)
        assert caller.recv(1) == b""
    assert relay.connections == 0
