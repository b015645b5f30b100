"""Replies: read strictly whatever the pieces, judged in one place."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sender.delivery.replies import Garbage, Reader, Reply, Stage, blames_sender, broken, classify
from sender.model import Outcome


def read(*pieces: bytes) -> list[Reply]:
    reader = Reader()
    return [reply for piece in pieces for reply in reader.feed(piece)]


@given(st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    """Whatever comes is replies or garbage, never another error."""
    with contextlib.suppress(Garbage):
        assert all(200 <= reply.code <= 559 for reply in read(data))


@given(
    st.lists(st.tuples(st.sampled_from([250, 354, 421, 550]), st.text("abc .5é", max_size=20)), max_size=6), st.data()
)
def test_pieces_do_not_matter(wanted: list[tuple[int, str]], data: st.DataObject) -> None:
    """The same bytes give the same replies however they are cut."""
    whole = b"".join(f"{code}-first\r\n{code} {text}\r\n".encode() for code, text in wanted)
    cut = data.draw(st.integers(0, len(whole)))
    assert read(whole) == read(whole[:cut], whole[cut:])
    assert [reply.code for reply in read(whole)] == [code for code, _ in wanted]


@pytest.mark.parametrize(
    "bad",
    [b"hello\r\n", b"199 x\r\n", b"260 x\r\n", b"600 x\r\n", b"250x\r\n", b"25 0\r\n", b"\r\n", b"250-a\r\n251 b\r\n",
     b"250 " + b"x" * 3000 + b"\r\n", b"x" * 3000, b"250-a\r\n" * 20_000, b"250 a\rb\r\n"],
)  # fmt: skip
def test_garbage(bad: bytes) -> None:
    """What is no reply, or has no end, is refused."""
    with pytest.raises(Garbage):
        read(bad)


def test_enhanced_code() -> None:
    """Taken where it agrees with the code, left where it does not."""
    assert read(b"550-5.1.1 No such\r\n550 5.1.1 user\r\n")[0].enhanced == "5.1.1"
    assert read(b"550 4.1.1 odd\r\n")[0].enhanced is None
    assert read(b"250\r\n") == [Reply(250)]


@given(st.sampled_from(list(Stage)), st.integers(200, 559))
def test_only_a_yes_to_the_dot_is_accepted(stage: Stage, code: int) -> None:
    """Accepted if and only if 2yz answers the dot."""
    answer = classify(stage, Reply(code))
    assert (answer.outcome is Outcome.ACCEPTED) == (stage is Stage.DOT and code < 300)


@given(st.sampled_from(list(Stage)))
def test_no_reply(stage: Stage) -> None:
    """Without a reply only the dot leaves a doubt."""
    assert (broken(stage, "x").outcome is Outcome.UNKNOWN) == (stage is Stage.DOT)


@pytest.mark.parametrize(
    ("stage", "reply", "blames"),
    [
        (Stage.MAIL, Reply(550, "5.7.1"), True),
        (Stage.MAIL, Reply(553), True),
        (Stage.MAIL, Reply(530, "5.7.0"), True),
        (Stage.RCPT, Reply(530, "5.7.0"), True),
        (Stage.MAIL, Reply(552, "5.3.4"), False),
        (Stage.MAIL, Reply(550, "5.6.7"), False),
        (Stage.MAIL, Reply(451, "4.7.1"), False),
        (Stage.RCPT, Reply(550, "5.7.1"), False),
        (Stage.DOT, Reply(550, "5.7.515"), False),
    ],
)
def test_who_is_to_blame(stage: Stage, reply: Reply, blames: bool) -> None:
    """A no to MAIL is about the sender, except where it is about this letter's size or form."""
    assert blames_sender(stage, reply) is blames


@pytest.mark.parametrize(
    ("reply", "blames"),
    [
        (Reply(554, "5.7.1", "5.7.1 <anna@client.example>: Relay access denied"), True),
        (Reply(554, "5.7.1", "5.7.1 <anna@client.example>: Recipient address rejected: Access denied"), True),
        (Reply(554, "5.7.1", "5.7.1 <unknown[192.0.2.1]>: Client host rejected: Access denied"), True),
        (Reply(550, None, "relay not permitted"), True),
        (Reply(550, "5.7.1", "5.7.1 Relaying denied. Proper authentication required."), True),
        (Reply(550, "5.7.54", "5.7.54 SMTP; Unable to relay recipient in non-accepted domain"), True),
        (Reply(553, None, "sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)"), True),
        (Reply(550, "5.4.1", "5.4.1 Recipient address rejected: Access denied"), False),
        (Reply(550, "5.1.1", "5.1.1 <login@relay.example>: User unknown"), False),
        (Reply(550, None, "No such user: login@relay.example"), False),
        (Reply(450, "4.7.1", "4.7.1 Relay access denied"), False),
    ],
)
def test_what_a_relay_says_to_strangers_is_nobodys_fault(reply: Reply, blames: bool) -> None:
    """A forgotten login must not mark the whole audience; once the relay took somebody, its no is about this one."""
    assert blames_sender(Stage.RCPT, reply) is blames
    assert blames_sender(Stage.RCPT, reply, proven=True) is False


@pytest.mark.parametrize(
    ("code", "enhanced", "hard"),
    [(550, "5.1.1", True), (550, "5.1.2", True), (556, "5.1.10", True), (556, None, True), (550, None, False),
     (550, "5.7.1", False), (552, "5.2.2", False), (450, None, False)],
)  # fmt: skip
def test_hard_bounce(code: int, enhanced: str | None, hard: bool) -> None:
    """Only codes that say so mean that the address does not exist."""
    assert classify(Stage.RCPT, Reply(code, enhanced)).hard_bounce is hard
