"""What all measurements share: children and what they cost, a sink to send to, figures and how they are shown."""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from socket import create_connection, create_server

ROOT = Path(__file__).parents[2]
CONNECTIONS = 10
ROUNDS = 3
LONGEST = 600  # seconds for one command


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table. ``cpu``: processor seconds for one. ``value``: None where it could not be measured."""

    name: str
    value: float | None
    cpu: float | None = None
    ratio: float | None = None
    note: str = ""

    def __str__(self) -> str:
        cpu = "" if self.cpu is None else f"{self.cpu * 1000:,.3g}"
        ratio = "" if self.ratio is None else f"x {self.ratio:.3g}"
        return f"{self.name:<56} {self._shown():>9} {cpu:>9}  {ratio:<9} {self.note}"

    def _shown(self) -> str:
        if self.value is None:
            return "-" if self.ratio is None else ""
        return f"{self.value:,.3g}" if self.value < 100 else f"{self.value:,.0f}"


HEADING = f"{'':<56} {'':>9} {'CPU ms':>9}  {'ratio':<9}"


@dataclass(frozen=True, slots=True)
class Spent:
    """What one child took, its own children included: seconds by the clock, and of a processor."""

    seconds: float
    cpu: float
    out: str = ""


def child(words: Sequence[str | Path], *, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> Spent:
    """Run it to its end, which must be a good one."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        begun = time.perf_counter()
        process = subprocess.Popen(words, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=err)
        bound = threading.Timer(LONGEST, process.kill)
        bound.start()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begun
        bound.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        if process.returncode:
            raise RuntimeError(f"{words[0]} ended with {process.returncode}: {err.read()[-2000:]}")
        return Spent(seconds, usage.ru_utime + usage.ru_stime, out.read())


def quickest(work: Callable[[], Spent]) -> Spent:
    """Of a few tries the one that cost least: what other programs take away is not ours."""
    return min((work() for _ in range(ROUNDS)), key=lambda spent: spent.cpu)


def median(spent: Sequence[Spent]) -> Spent:
    return Spent(statistics.median(one.seconds for one in spent), statistics.median(one.cpu for one in spent))


@contextmanager
def smtp_sink() -> Iterator[int]:
    """Postfix's sink on a port of its own, which comes out."""
    with create_server(("127.0.0.1", 0)) as server:
        port = int(server.getsockname()[1])
    rights = ["-u", "nobody"] if os.geteuid() == 0 else []
    sink = subprocess.Popen([tool("smtp-sink") or "", *rights, f"127.0.0.1:{port}", "100"])
    try:
        _wait_for(port)
        yield port
    finally:
        sink.terminate()
        sink.wait(10)


def _wait_for(port: int) -> None:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        try:
            create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError("the sink does not listen")


def tool(name: str) -> str | None:
    return shutil.which(name) or shutil.which(name, path="/usr/sbin")
