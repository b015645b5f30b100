"""The log: whatever is logged, no address and no secret stands in it."""

import io
import json
import logging
import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sender import logs
from sender.errors import SettingsError
from sender.logs import configure, get_logger, keep_secret


@dataclass
class Told:
    """What the log needs of the settings."""

    log: str
    log_level: str = "info"
    kept: tuple[str, ...] = ()

    def secrets(self) -> tuple[str, ...]:
        return self.kept


@pytest.fixture(autouse=True)
def _as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(logs, "_secrets", set())
    root = logging.getLogger()
    level = root.level
    yield
    for handler in [one for one in root.handlers if getattr(one, "is_ours", False)]:
        root.removeHandler(handler)
        handler.close()
    root.setLevel(level)


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_line_is_json_with_time_level_and_values(tmp_path: Path) -> None:
    """One object a line; accents stay readable."""
    configure(Told(str(tmp_path / "a.log")), cron=True)

    get_logger(run="r1").info("letter_settled", outcome="accepted", count=3, subject="été")
    (line,) = lines(tmp_path / "a.log")

    assert line["event"] == "letter_settled"
    assert (line["level"], line["run"], line["count"], line["subject"]) == ("info", "r1", 3, "été")
    assert str(line["timestamp"]).endswith("Z")


def test_no_address_and_no_secret_in_the_file(tmp_path: Path) -> None:
    """In events, keys, nested values, objects, bytes, tracebacks and libraries' own lines."""
    path = tmp_path / "a.log"
    configure(Told(str(path), kept=("s3cret", "s3cret-longer")), cron=True)
    log = get_logger()

    log.info("to jane.roe@client.example", **{"jane.roe@client.example": 1})
    log.info("nested", value={"a": [("jane.roe@client.example", {"s3cret"})]}, raw=b"<jane.roe@client.example>")
    log.info("object", value=ValueError("jane.roe@client.example s3cret-longer"))
    log.info("deep", value=[[[[[[[["jane.roe@client.example"]]]]]]]])
    try:
        raise ValueError("550 <jane.roe@client.example> s3cret")
    except ValueError:
        log.exception("failed")
    logging.getLogger("library").warning("RCPT TO:<%s> %s", "jane.roe@client.example", "s3cret")
    text = path.read_text()

    assert len(text.splitlines()) == 6
    assert "ValueError" in text
    assert "test_logs.py" in text
    assert "550 " not in text  # a time may have the digits
    assert not re.search(r"jane|roe|client|s3cret|longer", text)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)
@given(st.text(min_size=4, alphabet='abc"\\\né€ \ud800', max_size=8))
def test_any_secret_is_hidden(tmp_path: Path, secret: str) -> None:
    """Also where JSON would have written it otherwise, and half characters do not stop the log."""
    path = tmp_path / "a.log"
    path.unlink(missing_ok=True)
    configure(Told(str(path)), cron=True)
    keep_secret(secret)

    get_logger().info("x", value=f"0{secret}1", half="\ud800")

    assert lines(path)[0]["value"] in {"0***1", f"0{secret}1".replace(secret, "***")}


def test_a_rotated_file_is_opened_anew(tmp_path: Path) -> None:
    """logrotate moves the file away; the next line makes a new one, for its owner's eyes only."""
    path = tmp_path / "a.log"
    configure(Told(str(path)), cron=False)
    get_logger().info("one")
    path.rename(tmp_path / "a.log.1")

    get_logger().info("two")

    assert [line["event"] for line in lines(path)] == ["two"]
    assert path.stat().st_mode & 0o777 == 0o600


def test_levels(tmp_path: Path) -> None:
    """Below the level nothing is written."""
    configure(Told(str(tmp_path / "a.log"), "warning"), cron=True)

    get_logger().info("small")
    get_logger().error("great")

    assert [line["event"] for line in lines(tmp_path / "a.log")] == ["great"]


@pytest.mark.parametrize(("cron", "events"), [(False, ["small", "great"]), (True, ["great"])])
def test_stderr_in_cron_is_silent_unless_something_is_wrong(
    monkeypatch: pytest.MonkeyPatch, cron: bool, events: list[str]
) -> None:
    """cron mails every line that it gets."""
    page = io.StringIO()
    monkeypatch.setattr("sys.stderr", page)
    configure(Told("stderr"), cron=cron)

    get_logger().info("small")
    get_logger().warning("great")

    assert [json.loads(line)["event"] for line in page.getvalue().splitlines()] == events


def test_configuring_again_replaces(tmp_path: Path) -> None:
    """Each line is written once, to the last place."""
    configure(Told(str(tmp_path / "a.log")), cron=True)
    configure(Told(str(tmp_path / "b.log")), cron=True)

    get_logger().info("x")

    assert (tmp_path / "a.log").read_text() == ""
    assert len(lines(tmp_path / "b.log")) == 1


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    """The run does not start without its log."""
    with pytest.raises(SettingsError, match="SC-130"):
        configure(Told(str(tmp_path / "none" / "a.log")), cron=True)


def test_journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One datagram a line, with priority and masked message."""
    place = str(tmp_path / "socket")
    monkeypatch.setattr(logs, "JOURNAL_SOCKET", place)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as journal:
        journal.bind(place)
        configure(Told("journald"), cron=True)
        get_logger().warning("to jane.roe@client.example")
        entry = journal.recv(65536)

    head, _, rest = entry.partition(b"MESSAGE\n")
    length = int.from_bytes(rest[:8], "little")
    assert head == b"PRIORITY=4\nSYSLOG_IDENTIFIER=send-campaign\n"
    assert rest[8 + length :] == b"\n"
    assert str(json.loads(rest[8 : 8 + length])["event"]).startswith("to ")
    assert b"jane" not in entry


def test_no_journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without systemd says so at the start."""
    monkeypatch.setattr(logs, "JOURNAL_SOCKET", str(tmp_path / "none"))

    with pytest.raises(SettingsError, match="SC-131"):
        configure(Told("journald"), cron=True)


def test_a_log_that_fails_shows_no_event(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A full disk must not stop the send, nor print what is not masked."""
    page = io.StringIO()
    configure(Told(str(tmp_path / "a.log")), cron=True)
    monkeypatch.setattr("sys.stderr", page)
    handler = next(one for one in logging.getLogger().handlers if getattr(one, "is_ours", False))
    monkeypatch.setattr(handler, "format", lambda record: 1 / 0)

    get_logger().info("to jane.roe@client.example")

    assert "could not be written" in page.getvalue()
    assert "jane" not in page.getvalue()


def test_before_configuring_nothing_is_written(capfd: pytest.CaptureFixture[str]) -> None:
    """Results alone go to stdout, and nothing unmasked goes anywhere."""
    import subprocess
    import sys

    code = "from sender.logs import get_logger; get_logger().error('to jane.roe@client.example')"
    subprocess.run([sys.executable, "-c", code], check=True)

    assert capfd.readouterr() == ("", "")
