"""Postfix, from a configuration and a queue of its own. Login by Cyrus SASL, mail for everybody into one Maildir."""

from __future__ import annotations

import os
import pwd
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.system.servers import (
    PASSWORD,
    USER,
    Certificates,
    Server,
    answers,
    done,
    free_ports,
    maildir,
    needed,
    open_folder,
    until,
)

MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/mail.log
maillog_file_prefixes = {folder}
syslog_name = postfix
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = relay.test
mydomain = test
mydestination =
mynetworks = 127.0.0.0/8
alias_maps =
alias_database =
local_recipient_maps =
# Everybody's mail into one Maildir
virtual_mailbox_domains = static:all
virtual_mailbox_maps = static:mail/
virtual_mailbox_base = {folder}/box
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_mailbox_limit = 0
virtual_destination_concurrency_limit = 10
# What Postfix 3.9 does unasked
smtpd_forbid_unauth_pipelining = yes
smtpd_forbid_bare_newline = yes
strict_rfc821_envelopes = yes
smtputf8_enable = yes
smtpd_tls_cert_file = {folder}/server.pem
smtpd_tls_key_file = {folder}/server.key
smtpd_tls_protocols = >=TLSv1.2
smtpd_sasl_type = cyrus
smtpd_sasl_path = smtpd
cyrus_sasl_config_path = {folder}/sasl
smtpd_sasl_security_options = noanonymous
smtpd_sasl_local_domain = relay.test
smtpd_relay_restrictions = permit_mynetworks, reject
"""

LOGIN = (
    "-o smtpd_sasl_auth_enable=yes -o smtpd_tls_auth_only=yes -o mynetworks= "
    "-o smtpd_relay_restrictions=permit_sasl_authenticated,reject -o smtpd_client_restrictions="
)

MASTER = """
127.0.0.1:{starttls} inet n - n - 50 smtpd -o smtpd_tls_security_level=encrypt {login}
127.0.0.1:{in_turn} inet n - n - 50 smtpd -o smtpd_tls_security_level=encrypt {login}
  -o smtpd_discard_ehlo_keywords=pipelining,chunking
127.0.0.1:{implicit} inet n - n - 50 smtpd -o smtpd_tls_wrappermode=yes {login}
127.0.0.1:{plain} inet n - n - 50 smtpd
relay unix n - n - 50 smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
tlsmgr unix - - n 1000? 1 tlsmgr
anvil unix - - n - 1 anvil
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
proxymap unix - - n - - proxymap
virtual unix - n n - - virtual
postlog unix-dgram n - n - 1 postlogd
"""


@contextmanager
def postfix(certificates: Certificates) -> Iterator[Server]:
    needed("postfix", "postconf", "saslpasswd2", "openssl")
    with open_folder("postfix") as folder:
        ports = configure(folder, certificates)
        server = Server(
            name="Postfix",
            certificates=certificates,
            **ports,
            socket=folder / "queue" / "public" / "relay",
            log=folder / "mail.log",
            stored=lambda: maildir(folder / "box" / "mail"),
            waits=lambda: done("postqueue", "-c", folder, "-p")[-500:],
            trace=frozenset({"received", "return-path", "delivered-to", "x-original-to"}),
        )
        done("postfix", "-c", folder, "start")
        try:
            until(lambda: answers(server.plain), lambda: (folder / "mail.log").read_text())
            yield server
        finally:
            done("postfix", "-c", folder, "stop")


def configure(folder: Path, certificates: Certificates) -> dict[str, int]:
    owner = pwd.getpwnam("postfix")
    ports = dict(zip(("starttls", "in_turn", "implicit", "plain"), free_ports(4), strict=True))
    for name, uid in (("queue", 0), ("data", owner.pw_uid), ("box", owner.pw_uid), ("sasl", 0)):
        (folder / name).mkdir()
        os.chown(folder / name, uid, owner.pw_gid if uid else 0)
    shutil.copy(certificates.chain, folder / "server.pem")
    shutil.copy(certificates.key, folder / "server.key")
    (folder / "main.cf").write_text(MAIN.format(folder=folder, uid=owner.pw_uid, gid=owner.pw_gid))
    (folder / "master.cf").write_text(MASTER.format(login=LOGIN, **ports))
    log_in(folder, owner.pw_uid)
    return ports


def log_in(folder: Path, uid: int) -> None:
    """The one user, in a sasldb that smtpd may read."""
    base = folder / "sasl" / "sasldb2"
    done("saslpasswd2", "-c", "-p", "-f", base, "-u", "relay.test", USER, text=PASSWORD)
    os.chown(base, uid, -1)
    (folder / "sasl" / "smtpd.conf").write_text(
        f"pwcheck_method: auxprop\nauxprop_plugin: sasldb\nsasldb_path: {base}\nmech_list: PLAIN LOGIN CRAM-MD5\n"
    )
