"""SpamAssassin itself says what it thinks of the example's letter; its rules that ask the network are off."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from sender.preflight import Level, Scanner, check_spam
from tests.project import SPRING, Project
from tests.system.servers import HOST, free_ports, needed, until

# The text that every SpamAssassin takes for spam, so that one can see that it looks (its own README, GTUBE)
GTUBE = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"


@pytest.fixture(scope="module")
def spamd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A spamd of one child; its port."""
    needed("spamd")
    (port,), home = free_ports(1), tmp_path_factory.mktemp("spamd")
    command = ["/usr/sbin/spamd", "-L", "-x", "-m", "1", "-i", HOST, "-p", str(port), "-u", "nobody", "-H", str(home)]
    log: Path = home / "log"
    with log.open("wb") as file:
        process = subprocess.Popen([*command, "-s", "stderr"], stdin=subprocess.DEVNULL, stdout=file, stderr=file)
    try:
        until(
            lambda: "server successfully spawned" in log.read_text(errors="replace"),
            lambda: log.read_text(errors="replace"),
        )
        yield port
    finally:
        process.terminate()
        process.wait(20)


def test_the_example_is_no_spam(spamd: int, project: Project) -> None:
    """Below one point, and the rules that it is judged by are named."""
    shown = project.run("check", SPRING, "--json", SENDER_SPAM_CHECK=f"spamd://{HOST}:{spamd}")

    (said,) = (one for one in shown.json["preflight"]["remarks"] if one["check"] == "spam")
    assert said["level"] == "passed", said
    assert float(said["facts"]["score"]) < 1.0
    assert "HTML_MESSAGE" in said["facts"]["rules"]


def test_spam_is_called_spam(spamd: int) -> None:
    """The filter was really asked."""
    letter = f"From: a@eluard.example\r\nTo: b@client.example\r\nSubject: x\r\n\r\n{GTUBE}\r\n".encode()

    remark = check_spam(Scanner("spamd", HOST, spamd), letter)

    assert (remark.level, remark.code) == (Level.FAILED, "over")
    assert "GTUBE" in str(remark.facts["rules"])
