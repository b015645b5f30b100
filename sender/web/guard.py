"""Connections that are not held open by saying little: a request comes whole and soon, or the line is cut."""

from __future__ import annotations

import asyncio

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

__all__ = ["Guarded"]

_HEADER_BYTES = 16_384
_PIPELINED = 8  # requests that wait for the one before; no proxy and no browser sends so many
_REQUEST_SECONDS = 15.0  # from its first byte to its last; a telephone in a tunnel needs some of them
_ANSWER_SECONDS = 60.0  # until the other side has taken the answer


class Guarded(HttpToolsProtocol):
    """uvicorn's protocol ends idle connections; this ends those that trickle, and bounds what is no body.

    The parser keeps what it cannot tell yet, of a header or of what follows a body in pieces: ``_untold`` counts it.
    """

    _deadline: asyncio.TimerHandle | None = None
    _untold = 0
    _coming = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._arm(_REQUEST_SECONDS)

    def data_received(self, data: bytes) -> None:
        if self._deadline is None:
            self._arm(_REQUEST_SECONDS)
        self._unset_keepalive_if_required()
        self._untold += len(data)
        try:
            self._feed(data)
        except HttpParserError:
            self._refuse("Invalid HTTP request received.")
        if self._untold > _HEADER_BYTES:
            self._refuse("Request header too large.")

    def connection_lost(self, exc: Exception | None) -> None:
        self._disarm()
        super().connection_lost(exc)

    # --- what the parser finds

    def on_message_begin(self) -> None:
        if len(self.pipeline) >= _PIPELINED:
            raise OverflowError  # the parser stops, as at what is no request
        self._coming = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        if not self.parser.should_upgrade():
            self._untold = 0
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._untold = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        if not self.parser.should_upgrade():
            self._untold, self._coming = 0, False
            super().on_message_complete()
            self._arm(_ANSWER_SECONDS)

    def on_response_complete(self) -> None:
        self._disarm()
        super().on_response_complete()
        if self._coming:
            self._arm(_REQUEST_SECONDS)
        elif self._answering or self.transport.is_closing():
            self._arm(_ANSWER_SECONDS)

    def timeout_keep_alive_handler(self) -> None:
        super().timeout_keep_alive_handler()
        self._arm(_ANSWER_SECONDS)  # closing waits for whoever has not taken the last answer

    @property
    def _answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _feed(self, data: bytes) -> None:
        try:
            self.parser.feed_data(data)
        except HttpParserUpgrade as offer:
            self._feed(self._declined() + data[offer.args[0] :])

    def _declined(self) -> bytes:
        """The head of the request that came, without the other protocol that it offers.

        To the parser an offer ends the request: it would take the body for the next one.
        """
        # Meets: RFC 9110 section 7.8 (a server may ignore Upgrade)
        method, version = self.parser.get_method(), self.parser.get_http_version()
        if method == b"CONNECT":
            raise HttpParserError(method)
        self.parser = HttpRequestParser(self)
        kept = b"".join(b"%b: %b\r\n" % pair for pair in self.headers if pair[0] != b"upgrade")
        return b"%b %b HTTP/%b\r\n%b\r\n" % (method, self.url, version.encode(), kept)

    # --- what becomes of the connection

    def _refuse(self, why: str) -> None:
        if self._answering:
            self.transport.abort()
        elif not self.transport.is_closing():
            self.send_400_response(why)

    def _arm(self, seconds: float) -> None:
        self._disarm()
        self._deadline = self.loop.call_later(seconds, self.transport.abort)

    def _disarm(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
