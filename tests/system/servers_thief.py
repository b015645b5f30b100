"""A wire that lies between sender and server and loses what it is told to lose of one letter."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Literal

from tests.system.servers import HOST

Loss = Literal["reply", "dot", "content"]
DOT = b"\r\n.\r\n"


@dataclass
class Thief:
    """Passes everything on, but of the letter of this number it loses the content, the dot, or the reply to the dot.

    Then it closes both ends, and calls ``then``.
    """

    server: int
    loses: Loss
    letter: int
    then: Callable[[], None] = lambda: None
    port: int = 0
    _letters: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def serve(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                threading.Thread(target=_Wire(self, client).run, daemon=True).start()

    def is_it(self) -> bool:
        """Whether the letter whose content begins now is the one."""
        with self._lock:
            self._letters += 1
            return self._letters == self.letter


class _Wire:
    def __init__(self, thief: Thief, client: socket.socket) -> None:
        self._thief = thief
        self._client = client
        self._server = socket.create_connection((HOST, thief.server))
        self._doomed = False  # this connection carries the letter
        self._mute = False

    def run(self) -> None:
        replies = threading.Thread(target=self._replies, daemon=True)
        replies.start()
        with self._client, self._server:
            self._pass_on()
            self._close()
            replies.join()

    def _pass_on(self) -> None:
        with suppress(OSError):
            held = b""
            while data := self._client.recv(65536):
                held += data
                if not self._doomed:
                    self._server.sendall(held)
                    held = b""
                elif held.endswith(DOT):
                    self._lose(held)
                    held = b""

    def _lose(self, content: bytes) -> None:
        """The whole content was held until here."""
        if self._thief.loses == "reply":
            self._mute = True
            self._server.sendall(content)
            return
        if self._thief.loses == "dot":
            self._server.sendall(content.removesuffix(b".\r\n"))
        self._end()

    def _replies(self) -> None:
        with suppress(OSError):
            while data := self._server.recv(65536):
                if self._mute:
                    self._end()
                    return
                if re.search(rb"^354 ", data, re.MULTILINE) and self._thief.is_it():
                    self._doomed = True
                self._client.sendall(data)
        self._close()

    def _end(self) -> None:
        self._thief.then()
        self._close()

    def _close(self) -> None:
        for end in (self._client, self._server):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@contextmanager
def thief(server: int, loses: Loss, letter: int = 7) -> Iterator[Thief]:
    with socket.create_server((HOST, 0)) as listener:
        made = Thief(server, loses, letter, port=listener.getsockname()[1])
        threading.Thread(target=made.serve, args=(listener,), daemon=True).start()
        yield made
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
