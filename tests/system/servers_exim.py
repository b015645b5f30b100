"""Exim: a strict eye on who speaks out of turn. Mail for everybody into one Maildir."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.system.servers import (
    PASSWORD,
    USER,
    Certificates,
    Server,
    answers,
    free_ports,
    maildir,
    until,
)
from tests.system.servers_cage import cage, running

USERS = {"Debian-exim": 6811, "mail": 6812, "nobody": 65534}

CONFIGURATION = """
primary_hostname = relay.test
local_interfaces = 127.0.0.1
daemon_smtp_ports = {starttls} : {implicit} : {plain}
tls_on_connect_ports = {implicit}
tls_advertise_hosts = ${{if eq{{$received_port}}{{{starttls}}}{{*}}}}
tls_certificate = /etc/server.pem
tls_privatekey = /etc/server.key
auth_advertise_hosts = ${{if def:tls_in_cipher{{*}}}}
smtputf8_advertise_hosts = *
smtp_accept_queue_per_connection = 0
keep_environment =
spool_directory = /var/spool/exim4
log_file_path = /var/log/exim4/%slog
acl_smtp_rcpt = check
acl_smtp_data = accept

begin acl
check:
  accept condition = ${{if eq{{$received_port}}{{{plain}}}}}
  accept authenticated = *
  deny message = relay not permitted

begin routers
everybody:
  driver = accept
  transport = keep

begin transports
keep:
  driver = appendfile
  directory = /mail
  maildir_format
  user = mail
  group = mail
  envelope_to_add
  return_path_add
  delivery_date_add

begin retry
* * F,1h,1s

begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${{if and{{{{eq{{$auth2}}{{{user}}}}}{{eq{{$auth3}}{{{password}}}}}}}}}
  server_set_id = $auth2
"""


@contextmanager
def exim(certificates: Certificates) -> Iterator[Server]:
    with cage("exim4-daemon-light", certificates, USERS, "usr/sbin/exim4") as root:
        starttls, implicit, plain = configure(root)
        log = root / "var/log/exim4/mainlog"
        with running(root, "/usr/sbin/exim4", "-bdf", "-q1m") as said:
            until(lambda: answers(plain), said.read_text)
            yield Server(
                name="Exim",
                certificates=certificates,
                starttls=starttls,
                implicit=implicit,
                plain=plain,
                stored=lambda: maildir(root / "mail"),
                waits=lambda: log.read_text(errors="replace")[-1000:],
                log=log,
                trace=frozenset({"received", "return-path", "envelope-to", "delivery-date"}),
            )


def configure(root: Path) -> list[int]:
    ports = free_ports(3)
    named = dict(zip(("starttls", "implicit", "plain"), ports, strict=True))
    (root / "etc/exim4").mkdir(exist_ok=True)
    (root / "etc/exim4/exim4.conf").write_text(
        CONFIGURATION.format(user=USER, password=PASSWORD.replace(":", "\\x3a"), **named)
    )
    owner = USERS["Debian-exim"]
    for name in ("var/spool/exim4", "var/log/exim4"):
        (root / name).mkdir(exist_ok=True)
        os.chown(root / name, owner, owner)
    os.chown(root / "etc/server.key", owner, owner)
    os.chown(root / "mail", USERS["mail"], USERS["mail"])
    return ports
