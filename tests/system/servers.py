"""What the mail servers under test have in common: ports, certificate, login, and the mail that they have stored.

Each server runs from a folder of its own, with its own configuration, spool and log; nothing of the machine's own
mail system is touched. All need root, as the servers themselves do: they change users.
"""

from __future__ import annotations

import os
import shutil
import smtplib
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest
import trustme

USER, PASSWORD = "campaigns", "correct horse: battery"
INSTALL = "apt-get install --no-install-recommends $(grep -v '^#' tests/system-packages.txt)"
HOST = "127.0.0.1"
PATIENCE = 90.0

# Below those that the kernel gives away, and a range for each process of tests.
_ports = count(16_000 + 1_000 * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")))


@dataclass(frozen=True)
class Certificates:
    """An authority of our own, a certificate for the loopback names, and an authority that nobody uses."""

    ca: Path
    stranger: Path
    key: Path
    chain: Path

    @classmethod
    def make(cls, folder: Path) -> Certificates:
        authority = trustme.CA()
        server = authority.issue_cert("localhost", HOST)
        made = cls(folder / "ca.pem", folder / "stranger.pem", folder / "server.key", folder / "server.pem")
        authority.cert_pem.write_to_path(str(made.ca))
        trustme.CA().cert_pem.write_to_path(str(made.stranger))
        server.private_key_pem.write_to_path(str(made.key))
        for blob in server.cert_chain_pems:
            blob.write_to_path(str(made.chain), append=True)
        made.key.chmod(0o600)
        return made


@dataclass(frozen=True)
class Server:
    """A running server, with its ports. ``plain``: neither TLS nor login; ``in_turn``: STARTTLS, no PIPELINING.

    ``stored``: the files of the mails delivered so far.

    ``waits``: what it still holds undelivered, for the message of a test that fails.
    """

    name: str
    certificates: Certificates
    plain: int
    stored: Callable[[], frozenset[Path]]
    waits: Callable[[], str]
    starttls: int | None = None
    in_turn: int | None = None
    implicit: int | None = None
    socket: Path | None = None
    log: Path | None = None
    trace: frozenset[str] = field(default=frozenset({"received", "return-path", "delivered-to"}))

    @property
    def with_login(self) -> dict[str, str]:
        """The settings of a sender that speaks STARTTLS and logs in."""
        return self._login(f"smtp://{USER}@localhost:{self.starttls}")

    @property
    def with_login_in_turn(self) -> dict[str, str]:
        """The same at a relay that wants to be asked one thing at a time."""
        return self._login(f"smtp://{USER}@localhost:{self.in_turn}")

    @property
    def with_implicit_tls(self) -> dict[str, str]:
        return self._login(f"smtps://{USER}@{HOST}:{self.implicit}")

    @property
    def without_tls(self) -> dict[str, str]:
        return {"SENDER_RELAY": f"smtp+plain://{HOST}:{self.plain}"}

    @property
    def by_socket(self) -> dict[str, str]:
        return {"SENDER_RELAY": f"smtp+plain://{self.socket}"}

    def _login(self, relay: str) -> dict[str, str]:
        return {
            "SENDER_RELAY": relay,
            "SENDER_RELAY_PASSWORD": PASSWORD,
            "SENDER_RELAY_CA_FILE": str(self.certificates.ca),
        }

    def delivered(self, count: int, since: frozenset[Path]) -> list[bytes]:
        """Wait until so many mails have come that were not there before."""
        until(
            lambda: len(self.stored() - since) >= count,
            lambda: f"{self.name} has delivered {len(self.stored() - since)} of {count}; {self.waits()}",
        )
        return [path.read_bytes() for path in self.stored() - since]


def until(met: Callable[[], bool], otherwise: Callable[[], str]) -> None:
    """Look again every 50 ms: what another program does cannot be awaited."""
    deadline = time.monotonic() + PATIENCE
    while not met():
        if time.monotonic() > deadline:
            raise AssertionError(otherwise())
        time.sleep(0.05)


def answers(port: int) -> bool:
    try:
        with smtplib.SMTP(HOST, port, timeout=5) as client:
            return client.noop()[0] < 500
    except (OSError, smtplib.SMTPException):
        return False


def free_ports(wanted: int) -> list[int]:
    """Ports that nobody holds now, all different; tests that run beside each other are never given the same."""
    free = filter(_is_free, _ports)
    return [next(free) for _ in range(wanted)]


def _is_free(port: int) -> bool:
    try:
        socket.create_server((HOST, port)).close()
    except OSError:
        return False
    return True


def needed(*programs: str) -> None:
    """Fail, and say what to type, where a program or the right to run it is missing."""
    missing = [name for name in programs if shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin:/sbin") is None]
    if missing:
        pytest.fail(f"{', '.join(missing)} is missing. Type:  {INSTALL}", pytrace=False)
    if os.geteuid() != 0:
        pytest.fail("mail servers change users: run  make test-system  as root", pytrace=False)


def done(*command: str | Path, text: str | None = None, **more: str) -> str:
    """Run a program to its end; what it says, if it fails."""
    result = subprocess.run(
        [str(part) for part in command], input=text, capture_output=True, text=True, env=os.environ | more, check=False
    )
    assert result.returncode == 0, f"{command}: {result.stdout}{result.stderr}"
    return result.stdout


@contextmanager
def open_folder(name: str) -> Iterator[Path]:
    """A folder that the servers' own users may enter (pytest's may not), with a short path as unix sockets need."""
    folder = Path(tempfile.mkdtemp(prefix=f"{name}-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def maildir(folder: Path) -> frozenset[Path]:
    return frozenset((folder / "new").glob("*"))
