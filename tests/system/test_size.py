"""Ten thousand contacts through ``check`` and through practice: memory stays small and hardly grows with the file."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.project import COMMAND, Project
from tests.system.kill_campaign import local_only
from tests.system.size_project import HELD_EVERY, make_project

SMALL, LARGE = 1_000, 10_000
LIMIT = 200_000_000  # bytes resident, for a hundred thousand contacts
FULL = 100_000


@pytest.mark.parametrize("command", ["check", "practice"])
def test_memory_would_do_for_a_hundred_thousand(tmp_path: Path, command: str) -> None:
    """Drawn on from 1,000 and 10,000 contacts, a hundred thousand stay under 200 MB. Times are for ``make bench``."""
    words = {"check": ("check", "campaigns/spring.yaml"), "practice": ("campaigns/spring.yaml", "--practice", "--yes")}
    used = {audience: peak_memory(tmp_path / str(audience), audience, words[command]) for audience in (SMALL, LARGE)}

    growth = max(0, used[LARGE] - used[SMALL]) / (LARGE - SMALL)
    assert used[LARGE] + growth * (FULL - LARGE) < LIMIT, used


def peak_memory(folder: Path, audience: int, words: tuple[str, ...]) -> int:
    """Bytes resident at the most."""
    folder.mkdir()
    project = make_project(folder, audience)
    local_only(project)
    status, peak, out = measured(project, words)
    assert status == 0, out
    assert f"{audience - audience // HELD_EVERY}" in out
    return peak


def measured(project: Project, words: tuple[str, ...]) -> tuple[int, int, str]:
    """Exit status, peak of resident memory, output."""
    said = project.folder / "said.txt"
    with said.open("w") as out:
        process = subprocess.Popen(
            [COMMAND, *words],
            cwd=project.folder,
            env=project.environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
        )
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, usage.ru_maxrss * 1024, said.read_text()
