"""The installed command as a sub-process, in a project of its own, away from the home of whoever runs the tests."""

from __future__ import annotations

import asyncio
import json
import mailbox
import os
import pty
import select
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from typing import Any, TypeVar

ROOT = Path(__file__).parents[1]
COMMAND = Path(sys.executable).with_name("send-campaign")
SPRING = "campaigns/spring.yaml"
HEADER = "email;prénom;nom;société;forme juridique;fonction;pays"

Relay = TypeVar("Relay")


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

    @classmethod
    def example(cls, place: Path) -> Project:
        """The project as it lies in the repository."""
        for name in ("campaigns", "templates"):
            left = shutil.ignore_patterns("practice*", "*.db*", "*.log")
            shutil.copytree(ROOT / name, place / "project" / name, ignore=left)
        return cls.empty(place)

    @classmethod
    def empty(cls, place: Path) -> Project:
        for name in ("project", "home"):
            (place / name).mkdir(exist_ok=True)
        return cls(place / "project", place / "home")

    @property
    def campaign(self) -> Path:
        return self.folder / SPRING

    @property
    def environment(self) -> dict[str, str]:
        return {
            "HOME": str(self.home),
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "XDG_CONFIG_HOME": str(self.home / "config"),
            "XDG_STATE_HOME": str(self.home / "state"),
        }

    def start(
        self, *arguments: str, cwd: Path | None = None, stdin: int = subprocess.DEVNULL, **environment: str
    ) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [COMMAND, *arguments],
            cwd=cwd or self.folder,
            env=self.environment | environment,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(
        self,
        *arguments: str,
        cwd: Path | None = None,
        timeout: float = 120,
        typed: str | None = None,
        **environment: str,
    ) -> Result:
        """``typed``: what comes on standard input, which is empty otherwise."""
        stdin = subprocess.DEVNULL if typed is None else subprocess.PIPE
        process = self.start(*arguments, cwd=cwd, stdin=stdin, **environment)
        try:
            out, err = process.communicate(typed, timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        return Result(process.returncode, out, err)

    def here(self, *arguments: str, typed: str | None = None, **environment: str) -> Result:
        """Beside the campaign file, as commands that name no campaign need it."""
        return self.run(*arguments, cwd=self.folder / "campaigns", typed=typed, **environment)

    def practise(self, *arguments: str) -> Result:
        return self.run(SPRING, "--practice", "--yes", *arguments)

    def sums(self, *arguments: str) -> dict[str, int]:
        """Where the letters of the example campaign stand; that they add up to the audience is checked each time."""
        result = self.run("status", SPRING, "--json", *arguments)
        (campaign,) = result.json["campaigns"]
        sums: dict[str, int] = campaign["sums"]
        assert sums["audience"] == sum(count for state, count in sums.items() if state != "audience")
        assert result.status == (74 if sums["unknown"] else 0)
        return sums

    def mails(self, folder: str = "campaigns/practice-mailbox") -> list[EmailMessage]:
        """What the practice mailbox holds, parsed by the standard library."""
        parser = BytesParser(policy=policy.default)
        return [parser.parsebytes(raw) for raw in self.raw_mails(folder)]

    def raw_mails(self, folder: str) -> list[bytes]:
        path = self.folder / folder
        if not path.exists():
            return []
        box = mailbox.Maildir(path)
        return [box.get_bytes(key) for key in box.iterkeys()]

    def replace(self, path: str, old: str, new: str) -> None:
        file = self.folder / path
        text = file.read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in {path}"
        file.write_text(text.replace(old, new), encoding="utf-8")

    def audience(self, *names: str) -> None:
        """Lawyers of these names instead of the example's contacts; to each of them a mail may go."""
        rows = [
            f"{name}@cabinet-{name}.example;{name.title()};Martin;{name.title()} SAS;SAS;Juriste;FR" for name in names
        ]
        text = "\n".join([HEADER, *rows, ""])
        (self.folder / "campaigns" / "spring-contacts.csv").write_text(text, encoding="utf-8")

    @property
    def log(self) -> list[dict[str, Any]]:
        text = (self.folder / "campaigns" / "send-campaign.log").read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines()]


@contextmanager
def in_thread(relay: AbstractAsyncContextManager[Relay]) -> Iterator[Relay]:
    """A relay that runs beside the test, in an event loop of its own, until the test is done with it."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        entered = asyncio.run_coroutine_threadsafe(relay.__aenter__(), loop).result(10)
        try:
            yield entered
        finally:
            asyncio.run_coroutine_threadsafe(relay.__aexit__(None, None, None), loop).result(10)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@dataclass
class Terminal:
    """A command that a person watches: stdin and stderr are a terminal, stdout is a pipe."""

    process: subprocess.Popen[bytes]
    screen: int
    shown: str = ""

    @classmethod
    @contextmanager
    def of(cls, project: Project, *arguments: str, **environment: str) -> Iterator[Terminal]:
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            [COMMAND, *arguments],
            cwd=project.folder,
            env=project.environment | {"TERM": "xterm", "COLUMNS": "120"} | environment,
            stdin=theirs,
            stdout=subprocess.PIPE,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        made = cls(process, ours)
        try:
            yield made
        finally:
            process.kill()
            process.communicate()
            made.close()

    def until(self, text: str, seconds: float = 60) -> None:
        """Read the screen until ``text`` stands on it."""
        while text not in self.shown:
            more = self._read(seconds)
            assert more, f"the command ended without {text!r}; the screen shows {self.shown!r}"

    def type(self, text: str) -> None:
        os.write(self.screen, text.encode())

    def close(self) -> None:
        """As a window is closed."""
        if self.screen >= 0:
            os.close(self.screen)
        self.screen = -1

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def end(self) -> Result:
        """Exit status, stdout, and all that the screen has shown."""
        while self._read():
            pass
        out, _ = self.process.communicate(timeout=60)
        return Result(self.process.returncode, out.decode(), self.shown)

    def _read(self, seconds: float = 60) -> str:
        """What is new on the screen; nothing where the command has ended."""
        ready, _, _ = select.select([self.screen], [], [], seconds)
        assert ready, f"nothing new came; the screen shows {self.shown!r}"
        try:
            more = os.read(self.screen, 65536).decode(errors="replace")
        except OSError:  # the other side is closed
            return ""
        self.shown += more
        return more
