"""From a new key to a signed letter, by the installed command; what is wrong with a key stops everything."""

from __future__ import annotations

import re
import stat
from pathlib import Path

import pytest

from tests.name_server import name_server
from tests.project import Project
from tests.signatures import verdicts_of

DOMAIN = "eluard.example"


@pytest.fixture
def signing(project: Project) -> Project:
    """The example project with a key of each kind in its settings."""
    settings = project.folder / "campaigns" / "sender.toml"
    for kind, prefix, more in (("c2026", "dkim", ()), ("e2026", "dkim_ed25519", ("--ed25519",))):
        made = project.here("dkim", "keygen", f"{kind}.pem", "--selector", kind, "--domain", DOMAIN, *more)
        assert made.status == 0, made.err
        said = re.findall(rf"^(?:dkim_domain|{prefix}_\w+) = .*$", made.out, re.MULTILINE)
        assert len(said) == 3
        with settings.open("a", encoding="utf-8") as file:
            file.write("".join(f"{line}\n" for line in said if prefix == "dkim" or "domain" not in line))
    return project


def records(project: Project) -> dict[str, str]:
    printed = project.here("dkim", "record", "--json").json
    return {one["name"]: one["text"] for one in printed["records"]}


def test_from_keygen_to_a_signed_letter(signing: Project) -> None:
    """The record that is printed is what the DNS must say; then every letter verifies by another program."""
    published = records(signing)
    lines = signing.here("dkim", "record").out.splitlines()
    with name_server({name: [text] for name, text in published.items()}) as (address, port):
        checked = signing.here("dkim", "check", SENDER_RESOLVER=f"{address}:{port}")
    signing.audience("anne", "paul")
    sent = signing.practise()
    mails = [path.read_bytes() for path in mailbox_of(signing).rglob("*") if path.is_file()]

    assert stat.S_IMODE((signing.folder / "campaigns" / "c2026.pem").stat().st_mode) == 0o600
    assert list(published) == [f"c2026._domainkey.{DOMAIN}", f"e2026._domainkey.{DOMAIN}"]
    for line, (name, text) in zip(lines, published.items(), strict=True):
        assert line.startswith(f"{name}. IN TXT ( ")
        assert "".join(re.findall(r'"([^"]{1,255})"', line)) == text
    assert (checked.status, checked.out.count("published key is this one")) == (0, 2)
    assert sent.status == 0
    assert len(mails) == 2
    for mail in mails:
        assert verdicts_of(mail, published) == [True, True]


def test_the_dns_says_otherwise(signing: Project) -> None:
    """No record for one key and a revoked one for the other: both are named; silence is another status."""
    first, second = records(signing)
    with name_server({second: ["v=DKIM1; k=ed25519; p="]}) as (address, port):
        wrong = signing.here("dkim", "check", SENDER_RESOLVER=f"{address}:{port}")
    with name_server({}) as (address, port):
        pass
    silent = signing.here("dkim", "check", SENDER_RESOLVER=f"{address}:{port}")

    assert wrong.status == 78
    assert f"error SC-680: {first}:" in wrong.err
    assert f"error SC-683: {second}:" in wrong.err
    assert silent.status == 69
    assert silent.err.count("error SC-687:") == 2


def test_without_its_key_nothing_leaves(signing: Project) -> None:
    """Checking, practising and sending end with three parts and 78, before a connection is tried."""
    (signing.folder / "campaigns" / "c2026.pem").unlink()
    relay = {"SENDER_RELAY": "smtp+plain://127.0.0.1:9"}  # nobody listens there: a letter would end with another status
    for tried in (
        signing.run("check", "campaigns/spring.yaml"),
        signing.practise(),
        signing.run("campaigns/spring.yaml", "--yes", "--create", **relay),
    ):
        assert tried.status == 78, tried.err
        assert "error SC-671:" in tried.err
    assert not mailbox_of(signing).exists()


def test_a_key_is_made_once(project: Project) -> None:
    """A file that is there stays as it is; names that cannot be published are refused before anything is made."""
    again = ("dkim", "keygen", "key.pem", "--selector", "c2026", "--domain", DOMAIN)
    assert project.here(*again).status == 0
    key = (project.folder / "campaigns" / "key.pem").read_bytes()

    second = project.here(*again)
    no_selector = project.here("dkim", "keygen", "other.pem", "--selector", "a b", "--domain", DOMAIN)
    nothing_set = project.here("dkim", "record")

    assert (second.status, no_selector.status, nothing_set.status) == (78, 64, 78)
    assert "SC-676" in second.err
    assert (project.folder / "campaigns" / "key.pem").read_bytes() == key
    assert not (project.folder / "campaigns" / "other.pem").exists()


def mailbox_of(project: Project) -> Path:
    return project.folder / "campaigns" / "practice-mailbox"
