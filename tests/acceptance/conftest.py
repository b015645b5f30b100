"""Projects to run the installed command in, and relays to send to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from sender.delivery import PracticeServer
from tests.project import Project, Result, in_thread

# Warm-up costs more than sending: what only looks shares one practised project, what changes something has its own.


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project.example(tmp_path)


@pytest.fixture
def empty(tmp_path: Path) -> Project:
    """No project at all: a folder and a home."""
    return Project.empty(tmp_path)


@dataclass(frozen=True)
class Practised:
    """The example, practised twice. Tests only look at it."""

    project: Project
    first: Result
    second: Result


@pytest.fixture(scope="session")
def practised(tmp_path_factory: pytest.TempPathFactory) -> Practised:
    project = Project.example(tmp_path_factory.mktemp("practised"))
    return Practised(project, project.practise("--json"), project.practise())


@dataclass(frozen=True)
class LocalRelay:
    """A relay on loopback that takes everything; ``mails``: in the project's folder."""

    url: str

    mails = "relay-mailbox"


@pytest.fixture
def relay(project: Project) -> Iterator[LocalRelay]:
    with in_thread(PracticeServer(project.folder / LocalRelay.mails)) as server:
        yield LocalRelay(f"smtp+plain://127.0.0.1:{server.port}")
