"""What integration tests share: relays that can be scripted, certificates, letters."""

from __future__ import annotations

import ssl
import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
import trustme

from sender.model import ContactId, Letter

sys.path.insert(0, str(Path(__file__).parents[1]))

import smtp_script
from smtp_script import ScriptedRelay


@pytest.fixture
def scripted_relay() -> Callable[..., AbstractAsyncContextManager[ScriptedRelay]]:
    """A factory of scripted relays."""
    return smtp_script.ScriptedRelay


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """An authority that signs the test relays' certificates."""
    return trustme.CA()


@pytest.fixture(scope="session")
def ca_file(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its certificate as a file."""
    path = tmp_path_factory.mktemp("authority") / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


@pytest.fixture(scope="session")
def server_tls(authority: trustme.CA) -> Callable[[str], ssl.SSLContext]:
    """A server's TLS with a certificate for the name given."""

    def make(name: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(name).configure_cert(context)
        return context

    return make


@pytest.fixture
def letter() -> Callable[..., Letter]:
    """A factory of letters, told apart by their number."""

    def make(number: int = 1, *, body: bytes = b"Bonjour\r\n", recipient: str = "anna@client.example") -> Letter:
        name = f"<{number}@test.example>"
        content = f"Message-ID: {name}\r\nSubject: x\r\n\r\n".encode() + body
        return Letter(ContactId(f"{number:032x}"), "bounces@test.example", recipient, name, content)

    return make


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page waits for the base as long as a machine with much other work may need."""
    for room in ("notices", "desk"):
        monkeypatch.setattr(f"sender.web.{room}._PATIENCE", 30.0)
