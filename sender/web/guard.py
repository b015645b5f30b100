"""Connections that are not held open by saying little: a request comes whole and soon, or the line is cut."""

from __future__ import annotations

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

__all__ = ["HEADER_BYTES", "Guarded"]

HEADER_BYTES = 16_384
_REQUEST_SECONDS = 15.0  # from its first byte to its last; a telephone in a tunnel needs some of them
_ANSWER_SECONDS = 60.0  # until the other side has taken the answer


class Guarded(H11Protocol):
    """uvicorn's protocol ends idle connections and bounds the headers; this ends those that trickle."""

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._arm(_REQUEST_SECONDS)

    def data_received(self, data: bytes) -> None:
        if self._deadline is None:
            self._arm(_REQUEST_SECONDS)
        super().data_received(data)
        if self.conn.their_state in {h11.DONE, h11.MUST_CLOSE}:
            self._arm(_ANSWER_SECONDS)

    def on_response_complete(self) -> None:
        self._disarm()
        super().on_response_complete()
        if self.conn.their_state is h11.SEND_BODY:
            self._arm(_REQUEST_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        self._disarm()
        super().connection_lost(exc)

    def _arm(self, seconds: float) -> None:
        self._disarm()
        self._deadline = self.loop.call_later(seconds, self.transport.abort)

    def _disarm(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
