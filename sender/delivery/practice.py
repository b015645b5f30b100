"""The practice mailbox: an SMTP server on this machine that keeps what it takes in a Maildir and sends nothing on."""

from __future__ import annotations

import asyncio
import itertools
import os
import re
import socket
import time
from pathlib import Path
from types import TracebackType
from typing import Self, cast

LARGEST = 25 * 1024 * 1024
_LONGEST_COMMAND = 4096
_MAIL = re.compile(rb"MAIL FROM:\s*<([^<>\r\n]*)>(.*)", re.I)
_RCPT = re.compile(rb"RCPT TO:\s*<([^<>\r\n]+)>(.*)", re.I)
_SIZE = re.compile(rb"\bSIZE=(\d{1,20})", re.I)
_OFFERS = (b"PIPELINING", b"SIZE %d" % LARGEST, b"8BITMIME", b"SMTPUTF8", b"ENHANCEDSTATUSCODES")


class Maildir:
    """A folder of mails, one file each; a mail is there whole or not at all."""

    def __init__(self, folder: Path, *, fsync: bool = False) -> None:
        self.folder = folder
        self._fsync = fsync
        self._count = itertools.count(1)
        self._host = socket.gethostname().replace("/", "\\057").replace(":", "\\072")
        for name in ("tmp", "new", "cur"):
            (folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)

    def keep(self, content: bytes) -> str:
        """Write one mail and give its file's name."""
        now = time.time_ns()
        seconds, micros = now // 10**9, now // 1000 % 10**6
        name = f"{seconds}.M{micros}P{os.getpid()}Q{next(self._count)}R{os.urandom(4).hex()}.{self._host}"
        waiting = f"{self.folder}/tmp/{name}"  # noqa: S108  the tmp of a Maildir, not the system's
        file = os.open(waiting, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            _write_all(file, content)
            if self._fsync:
                os.fsync(file)
        except OSError:
            os.unlink(waiting)  # noqa: PTH108  this path runs thousands of times a second
            raise
        finally:
            os.close(file)
        os.rename(waiting, f"{self.folder}/new/{name}")  # noqa: PTH104
        return name


def _write_all(file: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(file, view) :]


class PracticeServer:
    """A relay for practice, on loopback only. ``port`` 0: any free one, known once it is entered."""

    def __init__(self, maildir: Path, *, port: int = 0, fsync: bool = False) -> None:
        self.host = "127.0.0.1"
        self.port = port
        self._maildir = Maildir(maildir, fsync=fsync)
        self._server: asyncio.Server | None = None
        self._talks: set[_Talk] = set()
        self.taken = 0

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Talk(self), self.host, self.port, backlog=512)
        self.port = int(self._server.sockets[0].getsockname()[1])
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server:
            self._server.close()
            for talk in tuple(self._talks):
                talk.hang_up()
            await self._server.wait_closed()

    def keep(self, sender: bytes, recipients: list[bytes], content: bytes) -> str:
        """One mail for each recipient, as a delivery agent writes it."""
        name = ""
        for recipient in recipients:
            head = b"Return-Path: <%b>\nDelivered-To: %b\n" % (sender, recipient)
            name = self._maildir.keep(head + content)
            self.taken += 1
        return name


class _Talk(asyncio.Protocol):
    """One client's conversation."""

    def __init__(self, server: PracticeServer) -> None:
        self._server = server
        self._buffer = bytearray()
        self._searched = 0
        self._in_content = False
        self._forget()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._server._talks.add(self)
        self._say(b"220 localhost ESMTP practice mailbox")

    def connection_lost(self, exc: Exception | None) -> None:
        self._server._talks.discard(self)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while self._content() if self._in_content else self._command():
            pass

    def hang_up(self) -> None:
        self._transport.close()

    def _forget(self) -> None:
        self._sender: bytes | None = None
        self._recipients: list[bytes] = []

    def _say(self, line: bytes) -> None:
        self._transport.write(line + b"\r\n")

    def _command(self) -> bool:
        """Answer the next command; False where none is complete."""
        end = self._buffer.find(b"\r\n")
        if end < 0 or end > _LONGEST_COMMAND:
            if len(self._buffer) > _LONGEST_COMMAND:
                self._say(b"500 5.5.6 Line too long")
                self._buffer.clear()
                self.hang_up()
            return False
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 2]
        self._answer(line)
        return not self._transport.is_closing()

    def _answer(self, line: bytes) -> None:
        verb = line[:4].upper()
        answer = {
            b"EHLO": self._ehlo,
            b"HELO": self._helo,
            b"MAIL": self._mail,
            b"RCPT": self._rcpt,
            b"DATA": self._data,
            b"RSET": self._rset,
            b"NOOP": self._noop,
            b"QUIT": self._quit,
        }.get(verb)
        if said := answer(line) if answer else b"502 5.5.1 Command not known":
            self._say(said)

    def _ehlo(self, line: bytes) -> bytes:
        self._forget()
        return b"\r\n".join([b"250-localhost", *(b"250-" + offer for offer in _OFFERS[:-1]), b"250 " + _OFFERS[-1]])

    def _helo(self, line: bytes) -> bytes:
        self._forget()
        return b"250 localhost"

    def _mail(self, line: bytes) -> bytes:
        match = _MAIL.fullmatch(line)
        if match is None:
            return b"501 5.5.4 Syntax: MAIL FROM:<address>"
        if self._sender is not None:
            return b"503 5.5.1 MAIL was given"
        size = _SIZE.search(match[2])
        if size and int(size[1]) > LARGEST:
            return b"552 5.3.4 Too large"
        self._sender = match[1]
        return b"250 2.1.0 Ok"

    def _rcpt(self, line: bytes) -> bytes:
        match = _RCPT.fullmatch(line)
        if self._sender is None:
            return b"503 5.5.1 MAIL first"
        if match is None:
            return b"501 5.5.4 Syntax: RCPT TO:<address>"
        if len(self._recipients) >= 1000:
            return b"452 4.5.3 Too many recipients"
        self._recipients.append(match[1])
        return b"250 2.1.5 Ok"

    def _data(self, line: bytes) -> bytes:
        if not self._recipients:
            return b"503 5.5.1 RCPT first"
        self._in_content = True
        self._searched = 0
        return b"354 End with a dot on a line of its own"

    def _rset(self, line: bytes) -> bytes:
        self._forget()
        return b"250 2.0.0 Ok"

    def _noop(self, line: bytes) -> bytes:
        return b"250 2.0.0 Ok"

    def _quit(self, line: bytes) -> bytes:
        self._transport.write(b"221 2.0.0 Bye\r\n")
        self._transport.close()
        return b""

    def _content(self) -> bool:
        """Take the content when its dot has come; False where it has not."""
        if self._buffer.startswith(b".\r\n"):
            content, end = b"", 3
        else:
            at = self._buffer.find(b"\r\n.\r\n", max(0, self._searched - 4))
            if at < 0:
                self._searched = len(self._buffer)
                return self._not_too_large()
            content, end = bytes(self._buffer[: at + 2]), at + 5
        del self._buffer[:end]
        self._in_content = False
        self._say(self._take(content))
        self._forget()
        return True

    def _not_too_large(self) -> bool:
        if len(self._buffer) > LARGEST + 1024 * 1024:
            self._buffer.clear()
            self._say(b"552 5.3.4 Too large")
            self.hang_up()
        return False

    def _take(self, content: bytes) -> bytes:
        if len(content) > LARGEST:
            return b"552 5.3.4 Too large"
        plain = content.removeprefix(b".") if content.startswith(b"..") else content
        plain = plain.replace(b"\r\n..", b"\r\n.").replace(b"\r\n", b"\n")  # line ends as on this machine
        try:
            name = self._server.keep(self._sender or b"", self._recipients, plain)
        except OSError:
            return b"452 4.3.1 No room"
        return b"250 2.0.0 Kept as " + name.encode()
