"""What a message costs at two sizes of a campaign, and the memory of all its processes.

python -m tests.bench.sizes [--few 10000] [--many 1000000]

From command to prompt, to ``smtp-sink``, with contacts that nobody has seen before.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.bench import ours
from tests.bench.measuring import smtp_sink
from tests.project import COMMAND, SPRING

LONGEST = 7200  # seconds
_EVERY = 0.5  # seconds between two looks at the memory
_KILO = 1024


@dataclass(frozen=True, slots=True)
class Size:
    """``cpu``: processor seconds a message, of all processes. In bytes: ``resident`` is the sum over the processes,
    which counts what they share once for each; ``proportional`` counts it once.
    """

    messages: int
    seconds: float
    cpu: float
    resident: int
    proportional: int

    @property
    def memory(self) -> str:
        return f"resident {self.resident / 1e6:,.0f} MB, shared pages once {self.proportional / 1e6:,.0f} MB"

    def __str__(self) -> str:
        rate = f"{self.messages / self.seconds:7,.0f} a second"
        return f"{self.messages:>9,} messages  {rate}  {self.cpu * 1000:.3f} ms  {self.memory}"


def measure(messages: int) -> Size:
    with smtp_sink() as port, tempfile.TemporaryDirectory(prefix="bench-") as folder:
        project = ours.lay_out(Path(folder), messages)
        words = [COMMAND, SPRING, "--yes", "--create", "--json"]
        begun = time.perf_counter()
        with Path(folder, "out").open("w+", encoding="utf-8") as out:
            process = subprocess.Popen(
                words, cwd=project.folder, env=ours.environment(project, port), stdin=subprocess.DEVNULL, stdout=out
            )
            bound = threading.Timer(LONGEST, process.kill)
            bound.start()
            memory = Memory(process.pid)
            _, status, usage = os.wait4(process.pid, 0)
            bound.cancel()
            memory.end()
            process.returncode = os.waitstatus_to_exitcode(status)
            out.seek(0)
            accepted = json.load(out)["summary"]["accepted_now"]
        assert accepted == messages
        seconds = time.perf_counter() - begun
        cpu = (usage.ru_utime + usage.ru_stime) / messages
        return Size(messages, seconds, cpu, memory.resident, memory.proportional)


class Memory:
    """Looks at a process and its children now and then, until told to end; keeps the most that it saw."""

    def __init__(self, process: int) -> None:
        self.resident = self.proportional = 0
        self._process = process
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()

    def end(self) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(_EVERY):
            sums = [0, 0]
            for one in _family(self._process):
                for place, name in enumerate(("Rss", "Pss")):
                    sums[place] += _kilobytes(one, name) * _KILO
            self.resident, self.proportional = max(self.resident, sums[0]), max(self.proportional, sums[1])


def _family(process: int) -> Iterator[int]:
    yield process
    try:
        children = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii").split()
    except OSError:
        return
    for child in children:
        yield from _family(int(child))


def _kilobytes(process: int, name: str) -> int:
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:  # it has just ended
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith(f"{name}:")), 0)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--few", type=int, default=10_000)
    parser.add_argument("--many", type=int, default=1_000_000)
    given = parser.parse_args()
    few, many = (measure(count) for count in (given.few, given.many))
    print(few, many, f"processor time a message: x {many.cpu / few.cpu:.3f}", sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
