"""The crontab and the systemd units of the guides, as cron and systemd read them."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

HOW_TO = Path(__file__).parents[2] / "docs" / "how-to"
GUIDE = HOW_TO / "run-from-cron.md"


def units(guide: Path = GUIDE) -> dict[str, str]:
    """Each unit of the guide by its file name."""
    blocks = re.findall(r"```ini\n# /etc/systemd/system/(\S+)\n(.*?)```", guide.read_text(encoding="utf-8"), re.DOTALL)
    return dict(blocks)


def test_cron_takes_the_line(tmp_path: Path) -> None:
    """``crontab -n`` finds nothing wrong with it."""
    (block,) = re.findall(r"```text\n(# m  h.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    table = tmp_path / "crontab"
    table.write_text(block, encoding="utf-8")

    done = subprocess.run(["crontab", "-n", table], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("guide", "names"),
    [
        ("run-from-cron.md", ("spring.service", "spring.timer")),
        ("run-the-public-pages.md", ("send-campaign-pages.socket", "send-campaign-pages.service")),
    ],
)
def test_systemd_takes_the_units(tmp_path: Path, guide: str, names: tuple[str, ...]) -> None:
    """``systemd-analyze verify`` finds nothing wrong with them; the program stands in for itself."""
    said = units(HOW_TO / guide)
    assert set(said) == set(names)
    for name, text in said.items():
        here = re.sub(r"ExecStart=\S+", "ExecStart=/bin/true", text)
        here = re.sub(r"^User=\S+", "User=root", here, flags=re.MULTILINE)
        (tmp_path / name).write_text(here, encoding="utf-8")

    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *(tmp_path / name for name in names)],
        capture_output=True,
        text=True,
        check=False,
    )

    complaints = [line for line in done.stderr.splitlines() if any(name in line for name in names)]
    assert done.returncode == 0, done.stderr
    assert not complaints


@pytest.mark.parametrize("calendar", ["Mon..Fri 08..18:00/15"])
def test_systemd_understands_the_calendar(calendar: str) -> None:
    """The expression in the timer is the one that means every quarter of an hour on working days."""
    assert f"OnCalendar={calendar}" in units()["spring.timer"]

    done = subprocess.run(["systemd-analyze", "calendar", calendar], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
