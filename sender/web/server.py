"""The server that answers: how it begins, how it ends, and what it never does."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from enum import Enum

import uvicorn
from litestar import Litestar

from sender.web.guard import Guarded
from sender.web.listening import Doors

__all__ = ["Ending", "serve", "server"]

_CONNECTIONS = 2000
_GRACE = 10  # seconds for requests under way when the end comes
_LOOK = 5.0  # seconds between two looks whether a successor could do more


class Ending(Enum):
    """Why the server stopped answering."""

    STOP = "stop"
    RESTART = "restart"


class Server(uvicorn.Server):
    """SIGTERM and SIGINT end it, SIGHUP asks for a successor; each time what was begun is finished first.

    ``may_restart`` is asked at SIGHUP: where the settings are broken by then, this one goes on. ``ready`` is called
    when it answers and hears signals. A ``makeshift`` one also makes way unasked, as soon as a successor could come
    up; ``may_restart`` is told whether somebody asked.
    """

    def __init__(
        self, config: uvicorn.Config, may_restart: Callable[[bool], bool], ready: Callable[[], None], makeshift: bool
    ) -> None:
        super().__init__(config)
        self.ending = Ending.STOP
        self._asked = False
        self._may_restart, self._ready, self._makeshift = may_restart, ready, makeshift
        self._watching: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self._makeshift:
            self._watching = asyncio.create_task(self._watch())
        self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self._watching is not None:
            self._watching.cancel()
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        taken = {signal.SIGTERM: self._stop, signal.SIGINT: self._stop}
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            taken[signal.SIGHUP] = self._stop if os.isatty(2) else self._restart  # a terminal that is closed
        before = {number: signal.signal(number, handler) for number, handler in taken.items()}
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGHUP})
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _stop(self, _number: int, _frame: object) -> None:
        self.ending = Ending.STOP
        self.should_exit = True

    def _restart(self, _number: int, _frame: object) -> None:
        self._asked = True  # the rest is no work for a signal handler: it may interrupt what it would use

    async def on_tick(self, counter: int) -> bool:
        if self._asked:
            await self._make_way(asked=True)
        self._asked = False
        return await super().on_tick(counter)

    async def _watch(self) -> None:
        while not self.should_exit:
            await asyncio.sleep(_LOOK)
            await self._make_way(asked=False)

    async def _make_way(self, *, asked: bool) -> None:
        """``may_restart`` raises nothing: the pages outlive whatever is wrong with a successor."""
        if not self.should_exit and await asyncio.to_thread(self._may_restart, asked) and not self.should_exit:
            self.ending = Ending.RESTART
            self.should_exit = True


def serve(
    app: Litestar,
    doors: Doors,
    *,
    may_restart: Callable[[bool], bool] = lambda _asked: True,
    ready: Callable[[], None] = lambda: None,
    makeshift: bool = False,
) -> Ending:
    """Answer until a signal ends it; requests under way are finished. The doors stay open: they are the caller's."""
    _raise_open_files()
    running = server(app, may_restart, ready, makeshift=makeshift)
    running.run(sockets=[door.dup() for door in doors.sockets])
    return running.ending


def server(
    app: Litestar,
    may_restart: Callable[[bool], bool] = lambda _asked: True,
    ready: Callable[[], None] = lambda: None,
    *,
    makeshift: bool = False,
) -> Server:
    """The HTTP server. It logs nothing of its own: its lines would hold tokens and addresses of readers."""
    config = uvicorn.Config(
        app,
        http=Guarded,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws="none",
        limit_concurrency=_CONNECTIONS,
        timeout_graceful_shutdown=_GRACE,
        lifespan="on",
    )
    return Server(config, may_restart, ready, makeshift)


def _raise_open_files() -> None:
    """Each connection takes a descriptor; the usual soft limit of 1024 is for programs that use select()."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _CONNECTIONS * 2
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(OSError, ValueError):
            most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
