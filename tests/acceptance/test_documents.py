"""The documents say what the program does."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from sender.cli.main import COMMANDS, GROUPS
from sender.errors import Exit
from sender.gates import CAMPAIGN_GATES, CONTACT_GATES
from sender.settings import describe
from tests.project import ROOT

REFERENCE = ROOT / "docs" / "reference"
NAMED = re.compile(r"(?:[`:;]\s*|\s{2}|^)send-campaign ([a-z]+)(?![a-z./-])(?: ([a-z]+))?", re.MULTILINE)


def words(name: str) -> str:
    return (REFERENCE / name).read_text(encoding="utf-8")


def test_the_reference_is_what_the_program_says() -> None:
    """``make docs`` would change nothing."""
    done = subprocess.run([sys.executable, ROOT / "docs" / "generate.py", "--check"], capture_output=True, text=True)

    assert done.returncode == 0, done.stderr


def test_every_command_setting_gate_and_exit_status_is_in_the_reference() -> None:
    commands = [name for name, _, _ in COMMANDS]
    commands += [f"{group} {name}" for group, _, subs in GROUPS for name, _, _ in subs]
    page = words("command-line.md")
    assert [name for name in commands if f"## `send-campaign {name}`" not in page] == []

    assert [one.variable for one in describe() if f"`{one.variable}`" not in words("settings.md")] == []
    gates = words("gates.md")
    assert [gate.name for gate in (*CAMPAIGN_GATES, *CONTACT_GATES) if f"### `{gate.name}`" not in gates] == []
    assert [status for status in Exit if f"| {status.value} |" not in words("errors.md")] == []


def test_no_text_names_a_command_that_is_not_there() -> None:
    """Documents, messages and examples: who types what they say gets an answer."""
    alone = {name for name, _, _ in COMMANDS}
    groups = {group: {name for name, _, _ in subs} for group, _, subs in GROUPS}
    wrong = []
    for path in texts():
        for first, second in NAMED.findall(path.read_text(encoding="utf-8")):
            if first in groups and second not in groups[first] and second:
                wrong.append(f"{path.relative_to(ROOT)}: {first} {second}")
            if first not in alone | {*groups}:
                wrong.append(f"{path.relative_to(ROOT)}: {first}")

    assert wrong == []


def texts() -> list[Path]:
    """Where people read what to type."""
    found = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "campaigns" / "sender.toml"]
    for folder, kinds in (("docs", "*.md"), ("sender", "*.py"), ("sender/starter/project", "*.*")):
        found += [path for path in (ROOT / folder).rglob(kinds) if path.is_file() and path.suffix != ".pyc"]
    return found
