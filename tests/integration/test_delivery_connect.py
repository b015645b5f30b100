"""Connecting: TLS fails closed, the login is proven, errors have codes and hold no secret."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import uvloop
from smtp_script import CLOSE, ENDLESS, OFFERS, SILENCE, ScriptedRelay, at

from sender.delivery import RelayAccess, Timeouts, connect
from sender.errors import SenderError, SettingsError, Unreachable
from sender.model import Letter, Outcome

Tls = Callable[[str], ssl.SSLContext]
SECRET = "hunter2-très-secret"
USER = "anna.user"
LOGIN = (*OFFERS, "AUTH LOGIN PLAIN")


async def complaint(access: RelayAccess) -> SenderError:
    with pytest.raises(SenderError) as caught:
        await connect(access)
    assert SECRET not in str(caught.value)
    assert USER not in str(caught.value)
    return caught.value


def access(relay: ScriptedRelay, ca_file: Path | None, **more: object) -> RelayAccess:
    given = {"tls": "starttls", "user": USER, "password": lambda: SECRET} | more
    return RelayAccess("localhost", relay.port, ca_file=ca_file, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
@pytest.mark.parametrize("tls", ["none", "starttls", "implicit"])
def test_session_takes_the_transport_over(
    tls: str,
    loop: Callable[[], asyncio.AbstractEventLoop],
    server_tls: Tls,
    ca_file: Path,
    letter: Callable[..., Letter],
) -> None:
    """Plain, STARTTLS and implicit TLS, on both loops: letters go out and the loss of the connection is seen."""
    context = None if tls == "none" else server_tls("localhost")
    relay = ScriptedRelay(at("dot", CLOSE, 3), LOGIN, context, tls == "implicit")

    async def talk() -> list[Outcome]:
        async with relay:
            session = await connect(access(relay, ca_file, tls=tls))
            sent = [(await session.send(letter(n, body=b"z" * 70 + b"\r\n"))).outcome for n in (1, 2, 3)]
            assert not session.alive
            await session.quit()
            return sent

    with asyncio.Runner(loop_factory=loop) as runner:
        assert runner.run(talk()) == [Outcome.ACCEPTED, Outcome.ACCEPTED, Outcome.UNKNOWN]
    assert relay.taken == ["<1@test.example>", "<2@test.example>"]


async def test_wrong_name_in_certificate(server_tls: Tls, ca_file: Path) -> None:
    """A certificate for another name is refused, with STARTTLS and with TLS from the start."""
    for implicit in (False, True):
        async with ScriptedRelay(offers=LOGIN, tls=server_tls("other.example"), implicit=implicit) as relay:
            error = await complaint(access(relay, ca_file, tls="implicit" if implicit else "starttls"))
        assert isinstance(error, SettingsError)
        assert error.complaints[0].code == "SC-603"
        assert not any(command.startswith("AUTH") for command in relay.commands)


async def test_unknown_authority(server_tls: Tls) -> None:
    """A certificate that the system's authorities did not sign is refused."""
    async with ScriptedRelay(offers=LOGIN, tls=server_tls("localhost")) as relay:
        assert (await complaint(access(relay, None))).complaints[0].code == "SC-603"


async def test_starttls_stripped(ca_file: Path) -> None:
    """Without STARTTLS nothing goes on, and the login least of all."""
    async with ScriptedRelay(offers=LOGIN) as relay:
        assert (await complaint(access(relay, ca_file))).complaints[0].code == "SC-604"
    assert [command.split()[0] for command in relay.commands] == ["EHLO"]


@pytest.mark.parametrize("answer", [b"535 5.7.8 no anna.user\r\n", b"454 4.7.0 not now\r\n"])
async def test_login_refused(answer: bytes, server_tls: Tls, ca_file: Path) -> None:
    """A refused login is a wrong setting, tried once."""
    async with ScriptedRelay(at("auth", answer), LOGIN, server_tls("localhost")) as relay:
        error = await complaint(access(relay, ca_file))
    assert isinstance(error, SettingsError)
    assert error.complaints[0].code == "SC-602"
    assert sum(command.startswith("AUTH") for command in relay.commands) == 1


async def test_no_login_in_clear_text() -> None:
    """A login without TLS to another machine is not even tried."""
    far = RelayAccess("relay.example", 25, "none", user=USER, password=lambda: SECRET)
    assert (await complaint(far)).complaints[0].code == "SC-605"
    assert SECRET not in repr(far)
    assert USER not in repr(far)


async def test_unreachable(unused_tcp_port: int) -> None:
    """Nobody listens: unreachable, 69."""
    error = await complaint(RelayAccess("127.0.0.1", unused_tcp_port, "none"))
    assert isinstance(error, Unreachable)


@pytest.mark.parametrize(
    ("point", "deed", "code"),
    [
        ("greeting", CLOSE, "SC-601"),
        ("greeting", b"421 busy\r\n", "SC-601"),
        ("greeting", b"554 no service\r\n", "SC-607"),
        ("greeting", b"garbage\r\n", "SC-601"),
        ("ehlo", b"550 go away\r\n", "SC-607"),
        ("ehlo", CLOSE, "SC-601"),
        ("ehlo", b"250 relay.example\r\n250 unasked\r\n", "SC-601"),
    ],
)
async def test_bad_welcome(point: str, deed: bytes, code: str) -> None:
    """What goes wrong before MAIL is an error with its code, never a letter's answer."""
    async with ScriptedRelay(at(point, deed)) as relay:
        error = await complaint(RelayAccess("127.0.0.1", relay.port, "none"))
    assert error.complaints[0].code == code


BEFORE_MAIL = ("greeting", "ehlo", "starttls", "handshake", "ehlo again", "auth")
DEEDS = {
    "close": CLOSE,
    "silence": SILENCE,
    "garbage": b"\x00\xff what\r\n",
    "endless reply": ENDLESS,
    "endless line": b"250-" + b"x" * 100_000,
    "4yz": b"454 4.7.0 not now\r\n",
    "5yz": b"554 5.7.0 no\r\n",
    "421": b"421 4.3.2 going down\r\n",
    "a yes too early": b"235 2.7.0 Ok\r\n250 2.0.0 Ok\r\n",
    "more behind the go-ahead": b"220 2.0.0 Go on\r\n250-relay.example\r\n250 AUTH PLAIN\r\n",
}
QUICK = Timeouts(connect=0.3, greeting=0.3, command=0.3, data=0.3, content=0.3, dot=0.3)


@pytest.mark.parametrize("point", BEFORE_MAIL)
@pytest.mark.parametrize("deed", DEEDS.values(), ids=DEEDS)
async def test_nothing_goes_on_after_a_misbehaviour_before_the_first_letter(
    point: str, deed: bytes, server_tls: Tls, ca_file: Path, letter: Callable[..., Letter]
) -> None:
    """Each deed at each point of greeting, TLS and login: an error with its code; the password goes over TLS or not.

    What somebody slips in between the go-ahead and the handshake is thrown away: nothing of it is taken for an answer.
    """
    async with ScriptedRelay(at(point, deed), LOGIN, server_tls("localhost")) as relay:
        wanted = replace(access(relay, ca_file), timeouts=QUICK)
        try:
            session = await connect(wanted)
        except SenderError as error:
            assert error.complaints[0].code.startswith("SC-60")  # noqa: PT017  some deeds are odd and harmless
        else:
            assert point in {"starttls", "handshake"}
            assert (await session.send(letter())).outcome is Outcome.ACCEPTED
            await session.quit()
    verbs = [command.split()[0].upper() for command in relay.commands if command]
    if "AUTH" in verbs:
        assert "STARTTLS" in verbs[: verbs.index("AUTH")]
        assert verbs.count("EHLO") == 2
