"""``collect`` and a real IMAP server (Dovecot): requests to stop are read over TLS, marked as seen, and left there."""

from __future__ import annotations

import imaplib
import os
import pwd
import ssl
import subprocess
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from sender.feedback import Kind
from tests.acceptance.conftest import LocalRelay, relay
from tests.acceptance.test_collect import request_from, without_pages
from tests.project import SPRING, Project
from tests.system.servers import PASSWORD, USER, Certificates, free_ports, needed, open_folder, until
from tests.unit.feedback.samples import answer

__all__ = ["relay"]

CONFIGURATION = """
base_dir = {root}/run
state_dir = {root}/state
log_path = {root}/log
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <{root}/server.pem
ssl_key = <{root}/server.key
disable_plaintext_auth = yes
mail_location = maildir:{root}/mail
first_valid_uid = 1
default_internal_user = {owner}
default_login_user = nobody
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {starttls}
  }}
  inet_listener imaps {{
    port = {implicit}
  }}
}}
passdb {{
  driver = passwd-file
  args = {root}/users
}}
userdb {{
  driver = static
  args = uid={owner} gid=mail home={root}/mail
}}
"""


@dataclass(frozen=True)
class Dovecot:
    implicit: int
    starttls: int
    certificates: Certificates

    @contextmanager
    def client(self) -> Iterator[imaplib.IMAP4_SSL]:
        context = ssl.create_default_context(cafile=str(self.certificates.ca))
        with imaplib.IMAP4_SSL("localhost", self.implicit, ssl_context=context, timeout=20) as client:
            client.login(USER, PASSWORD)
            yield client

    def deliver(self, *mails: bytes) -> None:
        with self.client() as client:
            for raw in mails:
                client.append("INBOX", "", "", raw)

    def seen(self) -> int:
        with self.client() as client:
            client.select("INBOX", readonly=True)
            return len(client.search(None, "SEEN")[1][0].split())

    def answers(self) -> bool:
        try:
            with self.client():
                return True
        except (OSError, imaplib.IMAP4.error):
            return False


@contextmanager
def dovecot(certificates: Certificates) -> Iterator[Dovecot]:
    needed("dovecot")
    with open_folder("dovecot") as root:
        owner = pwd.getpwnam("mail")
        for folder in ("run", "state", "mail"):
            (root / folder).mkdir()
        os.chown(root / "mail", owner.pw_uid, owner.pw_gid)
        for name, content in (("server.pem", certificates.chain), ("server.key", certificates.key)):
            (root / name).write_bytes(content.read_bytes())
        implicit, starttls = free_ports(2)
        written = CONFIGURATION.format(root=root, implicit=implicit, starttls=starttls, owner="mail")
        (root / "dovecot.conf").write_text(written)
        (root / "users").write_text(f"{USER}:{{PLAIN.b64}}{b64encode(PASSWORD.encode()).decode()}\n")
        process = subprocess.Popen(["/usr/sbin/dovecot", "-F", "-c", root / "dovecot.conf"])
        server = Dovecot(implicit, starttls, certificates)
        try:
            until(server.answers, lambda: (root / "log").read_text() if (root / "log").exists() else "it says nothing")
            yield server
        finally:
            process.terminate()
            process.wait(30)


@pytest.fixture(scope="module")
def imap(certificates: Certificates) -> Iterator[Dovecot]:
    with dovecot(certificates) as server:
        yield server


@pytest.mark.parametrize("scheme", ["imaps", "imap"])
def test_requests_on_a_server_are_read_and_stay_there(
    imap: Dovecot, project: Project, relay: LocalRelay, scheme: str, tmp_path: Path
) -> None:
    """Over implicit TLS and STARTTLS; what a person is to read stays unseen."""
    without_pages(project)
    project.audience("anne")
    port = imap.implicit if scheme == "imaps" else imap.starttls
    secret = tmp_path / "password"
    secret.write_text(f"{PASSWORD}\n")
    wire = {
        "SENDER_RELAY": relay.url,
        "SENDER_COLLECT": f"{scheme}://{USER}@localhost:{port}/INBOX",
        "SENDER_COLLECT_PASSWORD_FILE": str(secret),
        "SSL_CERT_FILE": str(imap.certificates.ca),
    }
    before = imap.seen()
    first = project.here("collect", "--json", "--practice", **wire)
    base = project.run(SPRING, "--create", **wire)
    read = project.here("collect", **wire)
    sent = project.run(SPRING, "--json", **wire)
    (mail,) = project.mails(relay.mails)
    imap.deliver(request_from(mail), answer("Quel est votre tarif ?"))
    collected = project.here("collect", "--json", **wire)

    assert (base.status, read.status, sent.status) == (77, 0, 0), (first, base, read, sent)
    assert collected.status == 0, collected
    assert collected.json["done"] == {Kind.UNSUBSCRIBE.value: 1}
    assert collected.json["left"] >= 1
    assert imap.seen() == before + 1
    assert PASSWORD not in collected.out + collected.err + read.err


def test_a_test_letter_is_found_where_it_arrives(
    imap: Dovecot, project: Project, relay: LocalRelay, tmp_path: Path
) -> None:
    """``test --canary`` waits on the server for the letter and marks nothing there."""
    secret = tmp_path / "password"
    secret.write_text(f"{PASSWORD}\n")
    wire = {
        "SENDER_RELAY": relay.url,
        "SENDER_LANGUAGE": "en",
        "SENDER_COLLECT_PASSWORD_FILE": str(secret),
        "SSL_CERT_FILE": str(imap.certificates.ca),
    }
    inbox = f"imaps://{USER}@localhost:{imap.implicit}/INBOX"
    imap.deliver(answer("Quel est votre tarif ?"))
    before = imap.seen()
    waiting = project.start("test", SPRING, "--to", "me@eluard.example", "--canary", inbox, **wire)
    until(lambda: len(project.mails(relay.mails)) == 1, lambda: "nothing was sent")
    imap.deliver(b"Received: from a by b; Fri, 27 Nov 2026 10:00:00 +0000\r\n" + project.raw_mails(relay.mails)[0])
    out, err = waiting.communicate(timeout=90)

    assert waiting.returncode == 0, (out, err)
    assert "arrived as it was sent" in out
    assert imap.seen() == before


@pytest.mark.parametrize(
    ("changed", "status"),
    [({"SENDER_COLLECT_PASSWORD_FILE": "wrong"}, 69), ({"SSL_CERT_FILE": "stranger"}, 69), ({"INBOX": "NOWHERE"}, 69)],
)
def test_a_server_that_does_not_let_us_in_is_named(
    imap: Dovecot, project: Project, tmp_path: Path, changed: dict[str, str], status: int
) -> None:
    """A wrong password, a certificate of strangers, a folder that is not there: nothing is taken for read."""
    (tmp_path / "right").write_text(PASSWORD)
    (tmp_path / "wrong").write_text("secret-that-is-wrong")
    named = imap.certificates.stranger if "SSL_CERT_FILE" in changed else imap.certificates.ca
    folder = changed.get("INBOX", "INBOX")
    wire = {
        "SENDER_COLLECT": f"imaps://{USER}@localhost:{imap.implicit}/{folder}",
        "SENDER_COLLECT_PASSWORD_FILE": str(tmp_path / changed.get("SENDER_COLLECT_PASSWORD_FILE", "right")),
        "SSL_CERT_FILE": str(named),
    }
    project.audience("anne")
    project.practise()
    result = project.here("collect", "--practice", **wire)

    assert result.status == status, result
    assert "error SC-651" in result.err
    assert "Traceback" not in result.err
    assert "secret" not in result.err
