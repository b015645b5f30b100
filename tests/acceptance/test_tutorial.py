"""The tutorial is typed as it stands."""

from __future__ import annotations

import re
import subprocess

from tests.project import COMMAND, ROOT, Project


def test_the_tutorial_works_from_the_first_command_to_the_last(empty: Project) -> None:
    """Each ``sh`` block, in order, in one shell and a fresh folder; the first command that fails ends it."""
    page = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```sh\n(.*?)^```", page, re.MULTILINE | re.DOTALL)

    done = subprocess.run(
        ["sh", "-eux", "-c", "\n".join(blocks)],
        cwd=empty.folder,
        env=empty.environment | {"PATH": f"{COMMAND.parent}:{empty.environment['PATH']}"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert len(blocks) >= 5
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert len(empty.mails("autumn/practice-mailbox")) > 0
