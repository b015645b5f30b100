"""The wire alone: our pool and sessions with letters that are there already, and nothing to write down.

python -m tests.bench.wire PORT MESSAGES PROCESSES

No order of work in the rest of the program can send faster than this; what it is slower by is composing and the ledger.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections import Counter
from multiprocessing import get_context
from pathlib import Path

from sender.delivery import RelayAccess, deliver, quick_loop
from sender.model import Answer, ContactId, Letter, Outcome
from tests.bench.measuring import CONNECTIONS, ROOT, Spent, child

_BYTES = 10_000
_LINE = b"x" * 70 + b"\r\n"


def wire_alone(folder: Path, port: int, messages: int, *, processes: int) -> Spent:
    """Start and end included, as smtp-source's are."""
    words = [sys.executable, "-m", "tests.bench.wire", str(port), str(messages), str(processes)]
    return child(words, cwd=folder, env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)})


class Ready:
    """A desk that hands out one letter again and again."""

    def __init__(self, letters: int) -> None:
        content = b"Subject: bench\r\n\r\n" + _LINE * (_BYTES // len(_LINE))
        name = "<bench@eluard.example>"
        self._letter = Letter(ContactId("0" * 32), "conseil@eluard.example", "p@example.com", name, content)
        self._left = letters
        self.said: Counter[Outcome] = Counter()

    async def take(self) -> Letter | None:
        self._left -= 1
        return self._letter if self._left >= 0 else None

    def settle(self, letter: Letter, answer: Answer) -> None:
        self.said[answer.outcome] += 1

    def give_back(self, letter: Letter, judgement: Answer | None = None) -> None:
        raise AssertionError(letter)


def send(port: int, letters: int, connections: int) -> None:
    desk = Ready(letters)
    access = RelayAccess("127.0.0.1", port, tls="none")
    with asyncio.Runner(loop_factory=quick_loop) as runner:
        runner.run(deliver(access, desk, connections=connections, stop=asyncio.Event()))
    assert desk.said == {Outcome.ACCEPTED: letters}


def main(port: int, messages: int, processes: int) -> None:
    """Each process sends its share of the messages over its share of the connections."""
    wholes = (messages, CONNECTIONS)
    shares = [(port, *(len(range(one, whole, processes)) for whole in wholes)) for one in range(processes)]
    with get_context("fork").Pool(processes) as pool:
        pool.starmap(send, shares)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
