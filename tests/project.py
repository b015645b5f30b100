"""The installed command as a sub-process, in a project of its own, away from the home of whoever runs the tests."""

from __future__ import annotations

import json
import mailbox
import os
import subprocess
import sys
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
COMMAND = Path(sys.executable).with_name("send-campaign")


@dataclass(frozen=True)
class Result:
    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True)
class Project:
    """A copy of the example project, and the command to run in it."""

    folder: Path
    home: Path

    @property
    def campaign(self) -> Path:
        return self.folder / "campaigns" / "spring.yaml"

    @property
    def environment(self) -> dict[str, str]:
        return {
            "HOME": str(self.home),
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "XDG_CONFIG_HOME": str(self.home / "config"),
            "XDG_STATE_HOME": str(self.home / "state"),
        }

    def start(self, *arguments: str, cwd: Path | None = None, **environment: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [COMMAND, *arguments],
            cwd=cwd or self.folder,
            env=self.environment | environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, cwd: Path | None = None, timeout: float = 120, **environment: str) -> Result:
        process = self.start(*arguments, cwd=cwd, **environment)
        try:
            out, err = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        return Result(process.returncode, out, err)

    def practise(self, *arguments: str) -> Result:
        return self.run("campaigns/spring.yaml", "--practice", "--yes", *arguments)

    def mails(self, folder: str = "campaigns/practice-mailbox") -> list[EmailMessage]:
        """What the practice mailbox holds, parsed by the standard library."""
        path = self.folder / folder
        if not path.exists():
            return []
        box, parser = mailbox.Maildir(path), BytesParser(policy=policy.default)
        return [parser.parsebytes(box.get_bytes(key)) for key in box.iterkeys()]

    def replace(self, path: str, old: str, new: str) -> None:
        file = self.folder / path
        text = file.read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in {path}"
        file.write_text(text.replace(old, new), encoding="utf-8")
