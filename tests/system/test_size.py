"""Ten thousand contacts through ``check`` and through practice: memory stays small."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.project import COMMAND, Project
from tests.system.kill_campaign import local_only
from tests.system.size_project import HELD_EVERY, make_project

AUDIENCE = 10_000
LIMIT = 150_000_000  # bytes resident; docs/explanation/speed.md has what a hundred thousand take


@pytest.mark.parametrize("command", ["check", "practice"])
def test_ten_thousand_contacts_take_little_memory(tmp_path: Path, command: str) -> None:
    """Each contact is read, judged, composed and sent without keeping it. Times are for ``make bench``."""
    words = {"check": ("check", "campaigns/spring.yaml"), "practice": ("campaigns/spring.yaml", "--practice", "--yes")}

    assert peak_memory(tmp_path / command, AUDIENCE, words[command]) < LIMIT


def peak_memory(folder: Path, audience: int, words: tuple[str, ...]) -> int:
    """Bytes resident at the most."""
    folder.mkdir()
    project = make_project(folder, audience)
    local_only(project)
    status, peak, out = measured(project, words)
    assert status == 0, out
    assert f"{audience - audience // HELD_EVERY}" in out
    return peak


MEASURE = """
import resource, subprocess, sys
status = subprocess.call(sys.argv[1:], stdin=subprocess.DEVNULL)
print("peak", resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(status)
"""
"""Started through a small process: Linux counts what a process held before exec, which would be pytest's own size."""


def measured(project: Project, words: tuple[str, ...]) -> tuple[int, int, str]:
    """Exit status, peak of resident memory, output."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, COMMAND, *words],
        cwd=project.folder,
        env=project.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    said, _, peak = done.stdout.rpartition("peak ")
    return done.returncode, int(peak) * 1024, said
