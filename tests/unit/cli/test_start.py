"""What a command loads before it does anything: the rooms it asks, and no others."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from sender import starter
from sender.settings import load
from sender.store import Store

_RUN = "import sys; from sender.cli.main import main; main(sys.argv[1:]); print(*sys.modules, file=sys.stderr)"

JUDGING = {"sender.gates", "sender.letters", "sender.delivery", "sender.pipeline", "sender.web"}
SENDING = {"sender.delivery", "sender.steps.desk", "aiosmtplib", "tenacity"}
LIBRARIES = {"sqlalchemy", "pydantic", "cyclopts", "rich", "jinja2", "structlog"}


def loaded(folder: Path, *arguments: str) -> set[str]:
    """The modules that a process has when the command is done."""
    done = subprocess.run(
        [sys.executable, "-c", _RUN, *arguments],
        cwd=folder,
        env={"HOME": str(folder), "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout
    return set(done.stderr.split())


def test_the_version_costs_next_to_nothing(tmp_path: Path) -> None:
    """``--version`` loads none of the large libraries."""
    assert not loaded(tmp_path, "--version") & LIBRARIES


def test_checking_loads_nothing_that_sends(tmp_path: Path) -> None:
    """``check`` of a campaign that has a text part: no wire, no papers, and no DNS while there is none to ask."""
    starter.write(tmp_path / "spring")
    modules = loaded(tmp_path / "spring", "check", "campaign.yaml")

    assert "sender.pipeline" in modules
    assert not modules & (SENDING | {"sender.record", "sender.preflight.checks", "dns", "inscriptis"})
    assert not modules & {"sqlalchemy.dialects.postgresql", "alembic"}


def test_settings_are_shown_without_a_data_base(tmp_path: Path) -> None:
    """``settings show`` loads the settings, and neither the data base nor what judges and sends."""
    modules = loaded(tmp_path, "settings", "show")

    assert "sender.settings" in modules
    assert not modules & (JUDGING | {"sqlalchemy", "ruamel.yaml"})


@pytest.mark.parametrize("command", [("contacts", "list"), ("status",), ("journal", "verify")])
def test_a_look_into_the_base_judges_nobody(tmp_path: Path, command: tuple[str, ...]) -> None:
    """What only reads an SQLite base loads no PostgreSQL, no migrations, no rule packs, and nothing that judges."""
    (tmp_path / "sender.toml").touch()
    Store.open(load(tmp_path).database, create=True).close()

    modules = loaded(tmp_path, *command)

    assert "sqlalchemy.dialects.sqlite" in modules
    assert not modules & (JUDGING | {"sqlalchemy.dialects.postgresql", "alembic", "ruamel.yaml", "email_validator"})
