"""A relay that misbehaves on demand, at any point, for any message; it records by Message-ID what it took.

A script maps a point to a deed. Points: greeting, ehlo, starttls, handshake, ehlo again (after TLS), auth, rset, mail,
rcpt, data, content, dot, after (the reply to the dot has gone out). Deeds are bytes to answer, or `CLOSE` (hang up
without a word), `SILENCE`, or `ENDLESS`.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Self

CLOSE = b"<close>"
SILENCE = b"<silence>"
ENDLESS = b"<endless>"
CHUNKING = "CHUNKING"
OFFERS = ("PIPELINING", "SIZE 1000000", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES")

_GOOD = {
    "greeting": b"220 relay.example ESMTP\r\n",
    "rset": b"250 2.0.0 Ok\r\n",
    "mail": b"250 2.1.0 Ok\r\n",
    "rcpt": b"250 2.1.5 Ok\r\n",
    "data": b"354 Go on\r\n",
    "dot": b"250 2.0.0 Queued\r\n",
    "starttls": b"220 2.0.0 Go on\r\n",
    "auth": b"235 2.7.0 Ok\r\n",
}

Script = Callable[[str, int], bytes | None]
"""(point, number of the message beginning at 1) -> deed, None for the good answer."""


def at(point: str, deed: bytes, *numbers: int) -> Script:
    """The deed at one point, for the messages named or for all."""
    return lambda where, number: deed if where == point and (not numbers or number in numbers) else None


@dataclass
class ScriptedRelay:
    """``tls``: for STARTTLS, or from the first byte with ``implicit``. ``taken``: Message-IDs said yes to, in order.

    ``can_have_taken``: those whose dot arrived and was not refused, answered or not.
    """

    script: Script = lambda point, number: None
    offers: Sequence[str] = OFFERS
    tls: ssl.SSLContext | None = None
    implicit: bool = False
    taken: list[str] = field(default_factory=list)
    can_have_taken: list[str] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    contents: list[bytes] = field(default_factory=list)
    connections: int = 0
    most_at_once: int = 0
    messages: int = 0
    port: int = 0

    async def __aenter__(self) -> Self:
        self._open: set[asyncio.StreamWriter] = set()
        self._talks: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._ended = False
        context = self.tls if self.implicit else None
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, ssl=context, limit=1 << 20)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._ended = True
        self._server.close()
        for talk in tuple(self._talks):
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)
        for writer in self._writers:
            writer.transport.abort()
        await self._server.wait_closed()  # from Python 3.12 on until the last connection is gone

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        if self._ended:  # it was on its way when the server was closed
            writer.transport.abort()
            return
        talk = asyncio.ensure_future(self._talk(reader, writer))
        self._talks.add(talk)
        talk.add_done_callback(self._talks.discard)

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """From behind EHLO on, over what needs no socket."""
        with suppress(_Bye, asyncio.IncompleteReadError):
            await _Talk(self, reader, writer).converse()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._open.add(writer)
        self.most_at_once = max(self.most_at_once, len(self._open))
        try:
            await _Talk(self, reader, writer).run()
        except (OSError, asyncio.IncompleteReadError, ssl.SSLError):
            pass
        finally:
            self._open.discard(writer)
            writer.transport.abort()


class _Bye(OSError):  # noqa: N818
    """The script hangs up."""


class _Talk:
    def __init__(self, relay: ScriptedRelay, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.relay, self.reader, self.writer = relay, reader, writer
        self.number = 0
        self.secure = relay.implicit
        self.ready = False  # MAIL and RCPT were taken

    async def run(self) -> None:
        await self.say("greeting")
        await self.converse()

    async def converse(self) -> None:
        while line := await self.reader.readline():
            command = line.decode().strip()
            self.relay.commands.append(command)
            await self.answer(command.upper())

    async def answer(self, command: str) -> None:
        verb = command.split(" ")[0].lower()
        if verb in {"ehlo", "helo"}:
            await self.ehlo()
        elif verb == "starttls":
            if (await self.say("starttls")).startswith(b"220") and self.relay.tls:
                if deed := self.relay.script("handshake", self.number):
                    await self.put(deed)
                await self.writer.start_tls(self.relay.tls)
                self.secure = True
        elif verb == "quit":
            await self.put(b"221 Bye\r\n")
            raise _Bye
        elif verb == "bdat":
            await self.chunk(int(command.split(" ")[1]))
        else:
            await self.transact(verb)

    async def transact(self, verb: str) -> None:
        if verb == "mail":
            self.relay.messages += 1
            self.number = self.relay.messages
        said = await self.say(verb)
        if verb in {"mail", "rset"}:
            self.ready = False
        if verb == "rcpt":
            self.ready = said.startswith(b"2")
        if verb == "data" and said.startswith(b"354"):
            await self.content()

    async def ehlo(self) -> None:
        lines = ["relay.example", *self.relay.offers]
        if self.relay.tls and not self.secure:
            lines.append("STARTTLS")
        deed = self.relay.script("ehlo again" if self.secure and not self.relay.implicit else "ehlo", self.number)
        good = "".join(f"250{'-' if line is not lines[-1] else ' '}{line}\r\n" for line in lines)
        await self.put(deed or good.encode())

    async def content(self) -> None:
        if deed := self.relay.script("content", self.number):
            await self.reader.read(100)
            await self.put(deed)
        body = await self.reader.readuntil(b".\r\n")
        while body != b".\r\n" and not body.endswith(b"\r\n.\r\n"):
            body += await self.reader.readuntil(b".\r\n")
        await self.judge(body)

    async def chunk(self, size: int) -> None:
        """Content that came without being waited for; where nobody is to have it, it is thrown away."""
        read = b""
        if deed := self.relay.script("content", self.number):
            read = await self.reader.readexactly(min(100, size))
            await self.put(deed)
        body = read + await self.reader.readexactly(size - len(read))
        if self.ready:
            await self.judge(body)
        else:
            await self.put(b"503 5.5.1 Nobody to take it\r\n")

    async def judge(self, body: bytes) -> None:
        self.relay.contents.append(body)
        found = re.search(rb"^Message-ID: (\S+)", body, re.M | re.I)
        name = found[1].decode() if found else "<none>"
        deed = self.relay.script("dot", self.number) or _GOOD["dot"]
        if not re.match(rb"[45]\d\d", deed) and self.ready:
            self.relay.can_have_taken.append(name)
            if re.match(rb"2\d\d ", deed):
                self.relay.taken.append(name)
        await self.put(deed)
        if deed := self.relay.script("after", self.number):
            await self.put(deed)

    async def say(self, point: str) -> bytes:
        deed = self.relay.script(point, self.number) or _GOOD.get(point, b"502 What?\r\n")
        await self.put(deed)
        return deed

    async def put(self, deed: bytes) -> None:
        if deed == CLOSE:
            raise _Bye
        if deed == SILENCE:
            await asyncio.Event().wait()
        while deed == ENDLESS:
            self.writer.write(b"250-and so on\r\n" * 100)
            await self.writer.drain()
        self.writer.write(deed)
        await self.writer.drain()
