"""OpenSMTPD: no PIPELINING, no SMTPUTF8, a hundred mails a connection. Mail for everybody into one Maildir.

Clear text only: version 6.8 as Debian 12 has it cannot begin TLS, being older than the OpenSSL 3 below it
(OpenSMTPD issues 1171 and 1239). STARTTLS without PIPELINING is tried with Postfix instead.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.system.servers import Certificates, Server, answers, free_ports, maildir, until
from tests.system.servers_cage import cage, running

USERS = {"opensmtpd": 6801, "opensmtpq": 6802, "vmail": 6803, "nobody": 65534}

CONFIGURATION = """
table everybody {{ "@" = "vmail" }}
listen on 127.0.0.1 port {plain} hostname relay.test
action "keep" maildir "/mail" virtual <everybody>
match from any for any action "keep"
"""


@contextmanager
def opensmtpd(certificates: Certificates) -> Iterator[Server]:
    with cage("opensmtpd", certificates, USERS, "usr/sbin/smtpd", "usr/libexec/opensmtpd/mail.maildir") as root:
        plain = configure(root)
        with running(root, "/usr/sbin/smtpd", "-d", "-f", "/etc/smtpd.conf") as log:
            until(lambda: answers(plain), log.read_text)
            yield Server(
                name="OpenSMTPD",
                certificates=certificates,
                plain=plain,
                stored=lambda: maildir(root / "mail"),
                waits=lambda: log.read_text(errors="replace")[-1000:],
                log=log,
            )


def configure(root: Path) -> int:
    (plain,) = free_ports(1)
    (root / "etc/smtpd.conf").write_text(CONFIGURATION.format(plain=plain))
    (root / "var/lib/opensmtpd/empty").mkdir(parents=True, exist_ok=True)
    (root / "var/spool/smtpd").mkdir(mode=0o711, exist_ok=True)
    os.chown(root / "mail", USERS["vmail"], USERS["vmail"])
    return plain
