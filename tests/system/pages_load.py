"""Mail programs that press the button of many people at once, while the server is killed now and then.

python -m tests.system.pages_load [--posts N] [--kills N]
"""

from __future__ import annotations

import argparse
import asyncio
import random
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from sender import contacts, ledger
from sender.links import Purpose, sign
from sender.model import ContactId
from sender.steps.house import House
from tests.pages import Scene
from tests.project import COMMAND

CONNECTIONS = 32
LONGEST = 120  # seconds for all of them
_BODY = b"List-Unsubscribe=One-Click"
_HEAD = "POST /u/{} HTTP/1.1\r\nHost: pages.example\r\nContent-Type: application/x-www-form-urlencoded\r\n"


@dataclass(frozen=True)
class Press:
    """One person's button. ``request``: what the mail program sends."""

    address_hash: bytes
    request: bytes


@dataclass
class Crowd:
    """Presses everybody's button over ``CONNECTIONS`` connections; who got no answer presses again.

    ``rate``: so many a second, where it is not as many as are answered.
    """

    socket: Path
    waiting: list[Press]
    answered: list[Press] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    rate: float | None = None
    turns: Iterator[int] = field(default_factory=count)

    async def press_all(self) -> None:
        self.begun = time.perf_counter()
        async with asyncio.timeout(LONGEST), asyncio.TaskGroup() as group:
            for _ in range(CONNECTIONS):
                group.create_task(self._press())

    async def _press(self) -> None:
        while self.waiting:
            with suppress(OSError, asyncio.IncompleteReadError):
                await self._connection()
            await asyncio.sleep(0.01)  # a server that was killed comes back

    async def _connection(self) -> None:
        reader, writer = await asyncio.open_unix_connection(self.socket)
        try:
            while self.waiting:
                await self._one(reader, writer)
        finally:
            writer.close()

    async def _turn(self) -> None:
        if self.rate:
            moment = self.begun + next(self.turns) / self.rate
            await asyncio.sleep(max(0.0, moment - time.perf_counter()))

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        press = self.waiting.pop()
        try:
            await self._turn()
            begun = time.perf_counter()
            writer.write(press.request)
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200 "), head
            await reader.readexactly(int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0]))
        except BaseException:
            self.waiting.append(press)
            raise
        self.answered.append(press)
        self.seconds.append(time.perf_counter() - begun)


def presses(house: House, count: int) -> list[Press]:
    """Genuine links of so many people whom the base does not know; their objections count all the same."""
    return [press(house, ContactId(secrets.token_hex(16)), secrets.token_bytes(32)) for _ in range(count)]


def press(house: House, contact: ContactId, address_hash: bytes) -> Press:
    token = sign(house.keys.ring, Purpose.OBJECT, contact, address_hash)
    head = f"{_HEAD.format(token)}Content-Length: {len(_BODY)}\r\n\r\n"
    return Press(address_hash, head.encode() + _BODY)


def start(folder: Path, socket: Path, environment: dict[str, str] | None = None) -> subprocess.Popen[bytes]:
    words = [COMMAND, "serve", "--unix-socket", socket]
    quiet = subprocess.DEVNULL
    return subprocess.Popen(words, cwd=folder, env=environment, stdin=quiet, stdout=quiet, stderr=quiet)


def kill_among(posts: int, kills: int, scene: Scene, draw: random.Random) -> list[str]:
    """Kill the server ``kills`` times among ``posts`` objections; whoever was answered must be in force. Figures."""
    socket = scene.folder / "pages.sock"
    crowd = Crowd(socket, presses(scene.house, posts))
    everybody = list(crowd.waiting)
    places = sorted(draw.sample(range(1, posts), kills))
    asyncio.run(_killed_at(places, crowd, scene.folder, socket))
    assert len(crowd.answered) == len(everybody)
    lines = len(scene.lines())
    lost = not_in_force(scene.house, [one.address_hash for one in crowd.answered])
    assert lost == 0, f"{lost} objections were answered and are not in force"
    assert ledger_is_whole(scene.house)
    return [f"{posts} objections, {kills} kills: all answered, all in force; {lines} lines in the file"]


async def _killed_at(places: Sequence[int], crowd: Crowd, folder: Path, socket: Path) -> None:
    server = start(folder, socket)
    pressing = asyncio.create_task(crowd.press_all())
    try:
        for place in places:
            while len(crowd.answered) < place and not pressing.done():
                await asyncio.sleep(0.001)
            server.kill()
            await asyncio.to_thread(server.wait)
            server = start(folder, socket)
        await pressing
    finally:
        pressing.cancel()
        server.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(server.wait, 60) == 0


def not_in_force(house: House, hashes: Sequence[bytes]) -> int:
    """As the transaction that opens a letter sees it."""
    with house.store.write() as connection:
        ledger.take_in(connection, house.state)
        return len(set(hashes) - set(contacts.lookup(connection, hashes)))


def ledger_is_whole(house: House) -> bool:
    """The journal's chain holds, and says each of them once."""
    with house.store.read() as connection:
        said = [payload["address_hash"] for _, payload in ledger.journal.entries(connection, "objection")]
        return ledger.journal.verify(connection) is None and len(said) == len(set(said))


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--posts", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=25)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="pages-") as folder, Scene.open(Path(folder)) as scene:
        begun = time.monotonic()
        print("\n".join(kill_among(given.posts, given.kills, scene, random.Random())))
        print(f"{time.monotonic() - begun:.0f} s, most of them to start {given.kills + 1} servers")
    return 0


if __name__ == "__main__":
    sys.exit(main())
