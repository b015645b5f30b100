"""A relay that takes mail fast, remembers each Message-ID it took, and pulls the trigger.

It runs in a thread of the test. Senders are told apart by the name they give at EHLO (``SENDER_HELO``). Armed for one
of them, it kills that process at the drawn message and the drawn point of the conversation, then goes on as a relay
does whose client has died: what the kernel still delivers is read, and a letter whose dot arrives is taken.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Self

POINTS = ("mail", "rcpt", "data", "content", "dot", "answered")
"""After MAIL, RCPT, the answer to DATA; in the content; after the dot before its 250; right after the 250."""

_MESSAGE_ID = re.compile(rb"^Message-ID: (\S+)\r$", re.MULTILINE | re.IGNORECASE)
_OFFERS = b"250-sink.example\r\n250-PIPELINING\r\n250-SIZE 10000000\r\n250-8BITMIME\r\n250 ENHANCEDSTATUSCODES\r\n"
_FIRST = _OFFERS.index(b"\n") + 1  # the end of the line with its name
_ANSWERS = {
    b"MAIL": b"250 2.1.0 Ok\r\n",
    b"RCPT": b"250 2.1.5 Ok\r\n",
    b"RSET": b"250 2.0.0 Ok\r\n",
    b"DATA": b"354 Go on\r\n",
}


@dataclass
class Trigger:
    """Do the deed (kill ``pid``) at its ``message``-th letter, at ``point``."""

    pid: int
    message: int
    point: str
    deed: Callable[[], None] | None = None
    letters: int = 0
    first_letter_at: float | None = None
    fired: bool = False
    on_wire: int = 0  # letters of this sender between MAIL and the relay's last word when the shot fell


@dataclass
class KillSink:
    """``taken``: how often each Message-ID was taken. ``chunking``: it takes content by BDAT too (RFC 3030)."""

    chunking: bool = False
    taken: Counter[str] = field(default_factory=Counter)
    port: int = 0
    triggers: dict[str, Trigger] = field(default_factory=dict)
    talks: set[_Talk] = field(default_factory=set)

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(ready,), name="kill-sink", daemon=True)
        self._thread.start()
        assert ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def _run(self, ready: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(self._loop.create_server(lambda: _Talk(self), "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        self._loop.call_soon(ready.set)
        self._loop.run_forever()
        server.close()
        for talk in self.talks:
            talk.hang_up()
        self._loop.run_until_complete(asyncio.sleep(0))

    def arm(
        self, helo: str, pid: int, message: int = 0, point: str = "mail", deed: Callable[[], None] | None = None
    ) -> Trigger:
        """Watch a sender that was just started; ``message`` 0: let it live. ``deed``: instead of the kill."""
        self.triggers[helo] = Trigger(pid, message, point, deed)
        return self.triggers[helo]

    def drained(self, helo: str, timeout: float = 20) -> None:
        """Wait until everything that a dead sender had handed to the kernel was read."""
        until = time.monotonic() + timeout
        while any(talk.helo == helo for talk in tuple(self.talks)):
            assert time.monotonic() < until, "the connections of a dead process stay open"
            time.sleep(0.002)  # the kernel's work, nobody can be asked to report it


class _Talk(asyncio.Protocol):
    def __init__(self, sink: KillSink) -> None:
        self.sink = sink
        self.helo = ""
        self.number = 0
        self.open = False  # between MAIL and the last word about its content
        self._content: bytearray | None = None
        self._lines = bytearray()
        self._chunk = 0  # bytes of a chunk that are still to come
        self._last = False
        self._chunks = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self.sink.talks.add(self)
        self._say(b"220 sink.example ESMTP\r\n")

    def connection_lost(self, exc: Exception | None) -> None:
        self.sink.talks.discard(self)

    def hang_up(self) -> None:
        self._transport.abort()

    def data_received(self, data: bytes) -> None:
        self._lines += data
        while self._content is not None or self._chunk or b"\n" in self._lines:
            if self._chunk:
                if not self._more_chunk():
                    return
            elif self._content is None:
                line, _, rest = bytes(self._lines).partition(b"\n")
                self._lines = bytearray(rest)
                self._command(line.strip())
            elif not self._more_content():
                return

    def _command(self, line: bytes) -> None:
        verb = line[:4].upper()
        if verb == b"EHLO":
            self.helo = line[5:].decode()
            self._say(b"250-CHUNKING\r\n".join([_OFFERS[:_FIRST], _OFFERS[_FIRST:]]) if self.sink.chunking else _OFFERS)
        elif verb == b"QUIT":
            self._say(b"221 2.0.0 Bye\r\n")
            self._transport.close()
        else:
            self._transact(verb, line)

    def _transact(self, verb: bytes, line: bytes) -> None:
        if verb == b"MAIL":
            self._begin()
            self._reached("mail")
        if verb == b"RCPT":
            self._reached("rcpt")
        if verb == b"BDAT":
            size, _, last = line[5:].partition(b" ")
            self._chunk, self._last = int(size), bool(last)
            self._reached("data")
            return
        self._say(_ANSWERS.get(verb, b"502 5.5.1 What?\r\n"))
        if verb == b"DATA":
            self._content = bytearray()
            self._reached("data")

    def _begin(self) -> None:
        self.open = True
        if trigger := self.sink.triggers.get(self.helo):
            trigger.letters += 1
            self.number = trigger.letters
            trigger.first_letter_at = trigger.first_letter_at or time.monotonic()

    def _more_content(self) -> bool:
        """False where more must come first."""
        assert self._content is not None
        if not self._lines:
            return False
        if not self._content:
            self._reached("content")
        self._content += self._lines
        self._lines.clear()
        end = self._content.find(b"\r\n.\r\n")
        if end < 0:
            return False
        whole, self._lines, self._content = bytes(self._content[: end + 2]), self._content[end + 5 :], None
        self._take(whole)
        return True

    def _more_chunk(self) -> bool:
        """The same for a chunk, whose last byte is what the dot is for content that comes in lines."""
        if not self._lines:
            return False
        if not self._chunks:
            self._reached("content")
        part = self._lines[: self._chunk]
        self._chunks += part
        del self._lines[: len(part)]
        self._chunk -= len(part)
        if self._chunk:
            return False
        if self._last:
            whole, self._chunks = bytes(self._chunks), bytearray()
            self._take(whole)
        else:
            self._say(b"250 2.0.0 Go on\r\n")
        return True

    def _take(self, whole: bytes) -> None:
        found = _MESSAGE_ID.search(whole)
        self.sink.taken[found[1].decode() if found else "<none>"] += 1
        self._reached("dot")
        self._say(b"250 2.0.0 Queued\r\n")
        self._reached("answered")
        self.open = False

    def _reached(self, point: str) -> None:
        trigger = self.sink.triggers.get(self.helo)
        if trigger is None or trigger.fired or (self.number, point) != (trigger.message, trigger.point):
            return
        trigger.fired = True
        if trigger.deed:
            trigger.deed()
        else:
            with suppress(ProcessLookupError):
                os.kill(trigger.pid, signal.SIGKILL)
        others = sum(talk.open for talk in self.sink.talks if talk.helo == self.helo and talk is not self)
        trigger.on_wire = others + (self.open and point != "answered")

    def _say(self, words: bytes) -> None:
        self._transport.write(words)
