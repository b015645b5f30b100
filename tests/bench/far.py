"""A relay that is far away: a proxy before a sink, 50 ms each way; we beside aiosmtplib over as many connections.

python tests/bench/far.py [--messages N]
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests.bench import ours  # noqa: E402  (the path must stand first)
from tests.bench.measuring import ROUNDS, Spent, median, smtp_sink  # noqa: E402
from tests.bench.peers import by_aiosmtplib  # noqa: E402
from tests.project import in_thread  # noqa: E402
from tests.system.kill_sink import KillSink  # noqa: E402

EACH_WAY = 0.05  # seconds
SHARE = 1 / 5
"""Of the messages that we send aiosmtplib sends so many: it is slow here."""


class _Side(asyncio.Protocol):
    """One end of a connection: what comes in here leaves at the ``other`` end later, in order."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.other: _Side = self
        self._under_way: deque[bytes] = deque()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self._under_way.append(data)
        asyncio.get_running_loop().call_later(EACH_WAY, self._arrived)

    def connection_lost(self, exc: Exception | None) -> None:
        self.data_received(b"")

    def _arrived(self) -> None:
        data, transport = self._under_way.popleft(), self.other.transport
        if transport and data:
            transport.write(data)
        elif transport:
            transport.close()


@dataclass
class FarAway:
    """Whatever goes to ``port`` reaches the relay on port ``to`` later, and its answers come later."""

    to: int
    port: int = 0
    _calls: set[asyncio.Task[object]] = field(default_factory=set)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.get_running_loop().create_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    def _accept(self) -> _Side:
        near, far = _Side(), _Side()
        near.other, far.other = far, near
        calling = asyncio.get_running_loop().create_connection(lambda: far, "127.0.0.1", self.to)
        self._calls.add(asyncio.ensure_future(calling))  # is through long before the first byte is due
        return near


@dataclass(frozen=True, slots=True)
class Far:
    """Per message, as in `measuring`; over DATA, and over BDAT where the relay offers it."""

    ours: Spent
    aiosmtplib: Spent

    @property
    def ratio(self) -> float:
        return self.aiosmtplib.seconds / self.ours.seconds


def measure(messages: int) -> dict[str, Far]:
    """Over ``DATA``, and over ``BDAT`` for us, in turn."""
    with smtp_sink() as lines, _chunking_sink() as chunks:
        return {name: _beside(port, messages) for name, port in {"DATA": lines, "BDAT": chunks}.items()}


@contextmanager
def _chunking_sink() -> Iterator[int]:
    """Postfix's sink has no CHUNKING."""
    with KillSink(chunking=True) as sink:
        yield sink.port


def _beside(port: int, messages: int) -> Far:
    few = int(messages * SHARE)
    rounds: list[tuple[Spent, Spent]] = []
    with in_thread(FarAway(port)) as proxy:
        for _ in range(ROUNDS):
            with tempfile.TemporaryDirectory(prefix="bench-") as own, tempfile.TemporaryDirectory() as other:
                mine = ours.alone(Path(own), proxy.port, messages)
                theirs = by_aiosmtplib(Path(other), proxy.port, few)
                sending = Spent(float(theirs.out), theirs.cpu)
                rounds.append((_each(mine, messages), _each(sending, few)))
    return Far(*(median(one) for one in zip(*rounds, strict=True)))


def _each(spent: Spent, messages: int) -> Spent:
    return Spent(spent.seconds / messages, spent.cpu / messages)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--messages", type=int, default=1000)
    for name, far in measure(parser.parse_args().messages).items():
        print(
            f"{name}: {1 / far.ours.seconds:,.0f} messages a second, {far.ours.cpu * 1000:.2f} ms of a processor; "
            f"aiosmtplib {1 / far.aiosmtplib.seconds:,.1f}, {far.aiosmtplib.cpu * 1000:.2f}; x {far.ratio:.2f}"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
