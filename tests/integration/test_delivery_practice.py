"""The practice mailbox keeps the same contract as a real relay: three clients, two servers."""

from __future__ import annotations

import asyncio
import mailbox
import smtplib
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiosmtplib
import pytest
from aiosmtpd.smtp import SMTP as ForeignServer  # noqa: N811

from sender.delivery import PracticeServer, RelayAccess, connect
from sender.model import Letter, Outcome

Contents = Callable[[], list[bytes]]


@asynccontextmanager
async def practice(folder: Path) -> AsyncIterator[tuple[int, Contents]]:
    async with PracticeServer(folder) as server:
        yield server.port, lambda: [_body(path.read_bytes()) for path in sorted((folder / "new").iterdir())]


def _body(mail: bytes) -> bytes:
    return mail.split(b"\n", 2)[2].replace(b"\n", b"\r\n")


class _Keeper:
    def __init__(self) -> None:
        self.contents: list[bytes] = []

    async def handle_DATA(self, server: object, session: object, envelope: Any) -> str:
        self.contents.append(envelope.content)
        return "250 2.0.0 Ok"


@asynccontextmanager
async def foreign(folder: Path) -> AsyncIterator[tuple[int, Contents]]:
    keeper = _Keeper()
    loop = asyncio.get_running_loop()
    made = lambda: ForeignServer(keeper, enable_SMTPUTF8=True, hostname="localhost")  # noqa: E731
    server = await loop.create_server(made, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1], lambda: keeper.contents
    server.close()
    await server.wait_closed()


@pytest.fixture(params=[practice, foreign], ids=["practice", "aiosmtpd"])
async def relay(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[tuple[int, Contents]]:
    async with request.param(tmp_path / "mails") as known:
        yield known


DOTS = b".\r\n..\r\n.end\r\n"


async def test_our_session(relay: tuple[int, Contents], letter: Callable[..., Letter]) -> None:
    """Content arrives byte by byte, dots included, and a second letter follows the first."""
    port, contents = relay
    session = await connect(RelayAccess("127.0.0.1", port, "none"))
    letters = [letter(1, body=DOTS), letter(2), letter(3, recipient="zoé@exemple.example")]
    answers = [await session.send(one) for one in letters]
    await session.quit()
    assert [answer.outcome for answer in answers] == [Outcome.ACCEPTED] * 3
    assert sorted(contents()) == sorted(one.content for one in letters)


async def test_smtplib(relay: tuple[int, Contents], letter: Callable[..., Letter]) -> None:
    """The standard library's client is served."""
    port, contents = relay
    one = letter(1, body=DOTS)

    def send() -> None:
        with smtplib.SMTP("127.0.0.1", port) as client:
            client.sendmail(one.sender, [one.recipient], one.content)

    await asyncio.to_thread(send)
    assert contents() == [one.content]


async def test_aiosmtplib(relay: tuple[int, Contents], letter: Callable[..., Letter]) -> None:
    """aiosmtplib's client is served."""
    port, contents = relay
    one = letter(1, body=DOTS)
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False) as client:
        await client.sendmail(one.sender, [one.recipient], one.content)
    assert contents() == [one.content]


async def test_foreign_server_over_tls(
    letter: Callable[..., Letter], server_tls: Callable[[str], ssl.SSLContext], ca_file: Path
) -> None:
    """A server that is not ours, with STARTTLS."""
    keeper = _Keeper()
    made = lambda: ForeignServer(keeper, tls_context=server_tls("localhost"), require_starttls=True)  # noqa: E731
    server = await asyncio.get_running_loop().create_server(made, "127.0.0.1", 0)
    session = await connect(RelayAccess("localhost", server.sockets[0].getsockname()[1], ca_file=ca_file))
    answer = await session.send(letter())
    await session.quit()
    server.close()
    await server.wait_closed()
    assert answer.outcome is Outcome.ACCEPTED
    assert keeper.contents == [letter().content]


async def test_maildir_as_others_read_it(tmp_path: Path, letter: Callable[..., Letter]) -> None:
    """The standard library reads the folder; each mail says who sent it and to whom; tmp is empty."""
    async with PracticeServer(tmp_path) as server:
        session = await connect(RelayAccess("127.0.0.1", server.port, "none"))
        for number in range(50):
            await session.send(letter(number))
        await session.quit()
    mails = list(mailbox.Maildir(tmp_path, create=False))
    assert len({mail["Message-ID"] for mail in mails}) == 50
    assert {mail["Delivered-To"] for mail in mails} == {"anna@client.example"}
    assert {mail["Return-Path"] for mail in mails} == {"<bounces@test.example>"}
    assert list((tmp_path / "tmp").iterdir()) == []


async def test_full_disk_is_a_temporary_no(
    tmp_path: Path, letter: Callable[..., Letter], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What could not be kept was not taken."""

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    async with PracticeServer(tmp_path) as server:
        session = await connect(RelayAccess("127.0.0.1", server.port, "none"))
        monkeypatch.setattr("sender.delivery.practice.os.write", full)
        answer = await session.send(letter())
        await session.quit()
    assert answer.outcome is Outcome.DEFERRED
    assert list((tmp_path / "new").iterdir()) == list((tmp_path / "tmp").iterdir()) == []
