"""What is published is compared with the key; each way to be wrong has its own words. The server is a real one."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator

import pytest

from sender.dkim import Identity, Resolver, demand_published, make_key, record_name, record_text
from sender.errors import Exit, SenderError, SettingsError, Unreachable
from tests.name_server import FAILING, SILENT, name_server
from tests.unit.dkim import rfc8463

RSA, ED25519 = rfc8463.IDENTITIES
OTHER = b64encode(make_key("ed25519").published_forms[0]).decode()
OURS = record_text(ED25519.key).partition("p=")[2]
WRONG = {
    "several": ("SC-681", [record_text(ED25519.key), "v=DKIM1; p="]),
    "other": ("SC-682", ["v=spf1 -all"]),
    "broken": ("SC-682", ["v=DKIM1; k=ed25519; p=%%"]),
    "revoked": ("SC-683", ["v=DKIM1; k=ed25519; p="]),
    "kind": ("SC-684", [f"v=DKIM1; p={OURS}"]),
    "key": ("SC-685", [f"v=DKIM1; k=ed25519; p={OTHER}"]),
    "hash": ("SC-686", [f"v=DKIM1; k=ed25519; h=sha1; p={OURS}"]),
    "service": ("SC-686", [f"v=DKIM1; k=ed25519; s=tlsrpt; p={OURS}"]),
    "missing": ("SC-680", None),
}
TESTING = Identity(ED25519.key, "testing.example", "t")
LONG = Identity(make_key("rsa", 4096), "long.example", "l")


@pytest.fixture(scope="module")
def resolver() -> Iterator[Resolver]:
    texts = {f"{name}._domainkey.eluard.example": texts for name, (_, texts) in WRONG.items() if texts is not None}
    texts |= {name: [text] for name, text in rfc8463.RECORDS.items()}
    texts |= {record_name(TESTING): [f"{record_text(TESTING.key)}; t=y"], record_name(LONG): [record_text(LONG.key)]}
    with name_server(texts) as server:
        yield Resolver([server], seconds=1.0)


def test_keys_that_are_published_pass(resolver: Resolver) -> None:
    """Also one whose record takes several strings and does not fit into a datagram."""
    assert demand_published((RSA, ED25519, LONG), resolver) == ()


def test_a_domain_that_only_tests_is_named(resolver: Resolver) -> None:
    """``t=y`` says that a broken signature should do no harm."""
    assert demand_published((TESTING, RSA), resolver) == (record_name(TESTING),)


@pytest.mark.parametrize("selector", list(WRONG))
def test_each_way_to_be_wrong_has_its_own_words(resolver: Resolver, selector: str) -> None:
    """Three parts, the name asked for, and nothing of what a stranger may have written there."""
    wrong = refused((Identity(ED25519.key, "eluard.example", selector),), resolver)

    (complaint,) = wrong.complaints
    assert isinstance(wrong, SettingsError)
    assert complaint.code == WRONG[selector][0]
    assert str(complaint.place) == f"{selector}._domainkey.eluard.example"
    assert complaint.why
    assert complaint.todo
    assert "%%" not in str(complaint)


@pytest.mark.parametrize("domain", [SILENT, FAILING])
def test_a_dns_that_does_not_answer_is_no_verdict(resolver: Resolver, domain: str) -> None:
    """The key may be published all the same; the status says that it may work later."""
    silent = refused((Identity(ED25519.key, domain, "s"), RSA), resolver)

    assert [one.code for one in silent.complaints] == ["SC-687"]
    assert isinstance(silent, Unreachable)
    assert silent.exit is Exit.UNREACHABLE


def test_all_that_is_wrong_is_said_at_once(resolver: Resolver) -> None:
    """What is known to be wrong decides the status."""
    asked = (Identity(RSA.key, FAILING, "s"), Identity(ED25519.key, "eluard.example", "key"))

    wrong = refused(asked, resolver)

    assert {one.code for one in wrong.complaints} == {"SC-685", "SC-687"}
    assert wrong.exit is Exit.SETTINGS_WRONG


def refused(identities: tuple[Identity, ...], resolver: Resolver) -> SenderError:
    with pytest.raises(SenderError) as caught:
        demand_published(identities, resolver)
    return caught.value
