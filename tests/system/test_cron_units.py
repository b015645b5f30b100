"""The crontab and the systemd units of the guide, as cron and systemd read them."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

GUIDE = Path(__file__).parents[2] / "docs" / "how-to" / "run-from-cron.md"


def units() -> dict[str, str]:
    """Each unit of the guide by its file name."""
    blocks = re.findall(r"```ini\n# /etc/systemd/system/(\S+)\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    return dict(blocks)


def test_cron_takes_the_line(tmp_path: Path) -> None:
    """``crontab -n`` finds nothing wrong with it."""
    (block,) = re.findall(r"```text\n(# m  h.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    table = tmp_path / "crontab"
    table.write_text(block, encoding="utf-8")

    done = subprocess.run(["crontab", "-n", table], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr


def test_systemd_takes_the_units(tmp_path: Path) -> None:
    """``systemd-analyze verify`` finds nothing wrong with them; the program stands in for itself."""
    names = units()
    assert set(names) == {"spring.service", "spring.timer"}
    for name, text in names.items():
        here = re.sub(r"ExecStart=\S+", "ExecStart=/bin/true", text).replace("User=campaigns", "User=root")
        (tmp_path / name).write_text(here, encoding="utf-8")

    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *(tmp_path / name for name in names)],
        capture_output=True,
        text=True,
        check=False,
    )

    complaints = [line for line in done.stderr.splitlines() if "spring" in line]
    assert done.returncode == 0, done.stderr
    assert not complaints


@pytest.mark.parametrize("calendar", ["Mon..Fri 08..18:00/15"])
def test_systemd_understands_the_calendar(calendar: str) -> None:
    """The expression in the timer is the one that means every quarter of an hour on working days."""
    assert f"OnCalendar={calendar}" in units()["spring.timer"]

    done = subprocess.run(["systemd-analyze", "calendar", calendar], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
