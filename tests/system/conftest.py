"""Servers that run for the whole session, projects to send from, and how long each file of tests took."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.project import Project
from tests.system.servers import Certificates, Server, open_folder
from tests.system.servers_campaigns import example_project
from tests.system.servers_exim import exim as running_exim
from tests.system.servers_opensmtpd import opensmtpd as running_opensmtpd
from tests.system.servers_postfix import postfix as running_postfix


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return example_project(tmp_path)


@pytest.fixture(scope="session")
def certificates() -> Iterator[Certificates]:
    with open_folder("certificates") as folder:
        yield Certificates.make(folder)


@pytest.fixture(scope="session")
def postfix(certificates: Certificates) -> Iterator[Server]:
    with running_postfix(certificates) as server:
        yield server


@pytest.fixture(scope="session")
def opensmtpd(certificates: Certificates) -> Iterator[Server]:
    with running_opensmtpd(certificates) as server:
        yield server


@pytest.fixture(scope="session")
def exim(certificates: Certificates) -> Iterator[Server]:
    with running_exim(certificates) as server:
        yield server


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Minutes of each file."""
    seconds: defaultdict[str, float] = defaultdict(float)
    for reports in terminalreporter.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport):
                seconds[report.location[0]] += report.duration
    for file, taken in sorted(seconds.items()):
        terminalreporter.write_line(f"{file} took {taken // 60:.0f} min {taken % 60:.0f} s")
