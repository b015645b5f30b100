"""Projects to run the installed command in."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.project import ROOT, Project


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    folder = tmp_path / "project"
    for name in ("campaigns", "templates"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("practice*", "*.db*", "*.log"))
    home = tmp_path / "home"
    home.mkdir()
    return Project(folder, home)


@pytest.fixture
def empty(tmp_path: Path) -> Project:
    """No project at all: a folder and a home."""
    for name in ("project", "home"):
        (tmp_path / name).mkdir()
    return Project(tmp_path / "project", tmp_path / "home")
