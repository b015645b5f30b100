"""What lies on the disk can be read by its owner only."""

from __future__ import annotations

import stat
from pathlib import Path

from tests.acceptance.conftest import LocalRelay
from tests.project import SPRING, Project


def test_every_file_that_the_program_makes_is_private(project: Project, relay: LocalRelay) -> None:
    """Data base, log, state, keys, practice, previews, exports, backups; whatever the umask allows."""
    project.audience("anne")
    theirs = set(project.folder.rglob("*"))
    project.run(SPRING, SENDER_RELAY=relay.url)
    project.practise()
    project.run("preview", SPRING)
    project.here("person", "export", "anne@cabinet-anne.example")
    project.here("backup", "saved.db")
    made = [path for path in project.folder.rglob("*") if path not in theirs and relay.mails not in path.parts]
    made += [path for path in project.home.rglob("*") if "send-campaign" in path.parts]
    files = [path for path in made if path.is_file()]

    def open_to_others(path: Path) -> bool:
        return bool(stat.S_IMODE(path.stat().st_mode) & 0o077)

    assert {"sender.db", "practice.db", "send-campaign.log", "saved.db", "suppression", "link", "head"} <= {
        path.name for path in files
    }
    assert {"new", "previews", "exports", "known-bases"} <= {path.parent.name for path in files}
    assert [str(path) for path in files if open_to_others(path)] == []
