"""A pair of sockets between this process and one that it forked: messages in both directions, in their order.

A message is a tuple whose first member is a word. What is sent in one turn of the loop travels as one piece.
"""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import Callable
from typing import Any, cast

__all__ = ["Channel", "Message"]

Message = tuple[Any, ...]
_HEAD = 4  # bytes that say how long a piece is


class Channel(asyncio.Protocol):
    """One end. ``heard`` is called for each message, ``gone`` once, when the other end is no more.

    Pickles come from the other half of this program alone: nobody else has the other end.
    """

    def __init__(self, heard: Callable[[Message], None], gone: Callable[[], None]) -> None:
        self._heard = heard
        self._gone = gone
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.WriteTransport | None = None
        self._out: list[Message] = []
        self._buffer = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.WriteTransport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._gone()

    def send(self, *message: Any) -> None:
        """To nobody, where the other end is gone."""
        if not self._out:
            self._loop.call_soon(self._flush)
        self._out.append(message)

    def close(self) -> None:
        """After what was sent."""
        self._flush()
        if self._transport:
            self._transport.close()

    def _flush(self) -> None:
        messages, self._out = self._out, []
        if messages and self._transport:
            piece = pickle.dumps(messages, pickle.HIGHEST_PROTOCOL)
            self._transport.write(len(piece).to_bytes(_HEAD, "big") + piece)

    def data_received(self, data: bytes) -> None:
        buffer, start = self._buffer, 0
        buffer += data
        while len(buffer) - start >= _HEAD:
            end = start + _HEAD + int.from_bytes(buffer[start : start + _HEAD], "big")
            if len(buffer) < end:
                break
            for message in pickle.loads(memoryview(buffer)[start + _HEAD : end]):  # noqa: S301  see above
                self._heard(message)
            start = end
        del buffer[:start]
