"""A thousand signed letters go through servers of other hands, and verify by two programs of other hands."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from sender.dkim import Identity, Kind, make_key, record_name, record_text, write_key_file
from tests.project import Project
from tests.signatures import verdicts_of
from tests.system.servers import Server, done, needed
from tests.system.servers_campaigns import large_campaign

LETTERS = 500  # through each server
DOMAIN = "eluard.example"
KINDS: tuple[Kind, ...] = ("rsa", "ed25519")
SETTINGS = """
dkim_domain = "{domain}"
dkim_selector = "rsa"
dkim_key_file = "rsa.pem"
dkim_ed25519_selector = "ed25519"
dkim_ed25519_key_file = "ed25519.pem"
"""
OPENDKIM = "Mode v\nSyslog no\nTestPublicKeys {keys}\n"


def signing(project: Project) -> dict[str, str]:
    """Give the project keys of both kinds; what the DNS would say of them."""
    folder = project.folder / "campaigns"
    with (folder / "sender.toml").open("a", encoding="utf-8") as settings:
        settings.write(SETTINGS.format(domain=DOMAIN))
    made = [Identity(make_key(kind), DOMAIN, kind) for kind in KINDS]
    for one in made:
        write_key_file(folder / f"{one.selector}.pem", one.key)
    return {record_name(one): record_text(one.key) for one in made}


def opendkim(mails: list[bytes], records: dict[str, str], folder: Path) -> Counter[tuple[str, str]]:
    """How often it says what, by algorithm."""
    keys, settings = folder / "keys", folder / "opendkim.conf"
    keys.write_text("".join(f"{name} {text}\n" for name, text in records.items()), encoding="ascii")
    settings.write_text(OPENDKIM.format(keys=keys), encoding="ascii")
    files = [folder / f"{number}.eml" for number in range(len(mails))]
    for file, mail in zip(files, mails, strict=True):
        file.write_bytes(mail)
    said = done("opendkim", "-v", "-v", "-x", settings, "-t", ",".join(map(str, files)))
    return Counter(re.findall(r"\bdkim=(\w+)[^;']*header\.a=([a-z0-9-]+)", said))


@pytest.mark.parametrize(("name", "way"), [("postfix", "with_login"), ("opensmtpd", "without_tls")])
def test_signatures_survive_a_server(
    request: pytest.FixtureRequest, project: Project, tmp_path: Path, name: str, way: str
) -> None:
    """Both algorithms; over TLS with CHUNKING and 8BITMIME or plainly with DATA. One changed word breaks both."""
    needed("opendkim")
    server: Server = request.getfixturevalue(name)
    records, campaign, before = signing(project), large_campaign(project, LETTERS), server.stored()

    result = project.run(str(campaign), "--yes", "--create", "--json", timeout=400, **getattr(server, way))

    assert result.status == 0, result.err
    mails = server.delivered(LETTERS, before)
    assert len(mails) == LETTERS
    assert [verdicts_of(mail, records) for mail in mails] == [[True, True]] * LETTERS
    assert opendkim(mails, records, tmp_path) == {("pass", f"{kind}-sha256"): LETTERS for kind in KINDS}
    changed = mails[0].replace(b"Bonjour", b"Bonsoir", 1)
    assert changed != mails[0]
    assert opendkim([changed], records, tmp_path) == {("fail", f"{kind}-sha256"): 1 for kind in KINDS}
