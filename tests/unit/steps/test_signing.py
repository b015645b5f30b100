"""The signer that the settings ask for; half a setting, or a key that cannot be had, is refused and never left out."""

from __future__ import annotations

from pathlib import Path

import pytest

from sender.dkim import make_key, write_key_file
from sender.errors import Exit, SettingsError
from sender.settings import Nameserver, load, shown
from sender.steps.signing import identities, signer_for
from tests.unit.dkim import rfc8463

RSA = ('dkim_domain = "eluard.example"', 'dkim_selector = "c2026"', 'dkim_key_file = "rsa.pem"')
BOTH = (*RSA, 'dkim_ed25519_selector = "e2026"', 'dkim_ed25519_key_file = "ed.pem"')


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keys")
    write_key_file(folder / "rsa.pem", make_key("rsa"))
    write_key_file(folder / "ed.pem", make_key("ed25519"))
    return folder


def written(keys: Path, *lines: str) -> Path:
    (keys / "sender.toml").write_text("\n".join([*lines, ""]), encoding="utf-8")
    return keys


def refused(keys: Path, *lines: str, author: str = "eluard.example") -> list[str]:
    with pytest.raises(SettingsError) as caught:
        signer_for(load(written(keys, *lines)), author)
    assert caught.value.exit is Exit.SETTINGS_WRONG
    assert all(one.why and one.todo for one in caught.value.complaints)
    assert "s3cret" not in str(caught.value)
    assert caught.value.__cause__ is None or isinstance(caught.value.__cause__, OSError)
    return [one.code for one in caught.value.complaints]


def test_nothing_set_signs_nothing(keys: Path) -> None:
    """The only way to send unsigned."""
    assert signer_for(load(written(keys)), "eluard.example") is None


def test_keys_are_found_rsa_first(keys: Path) -> None:
    """Names in ASCII and lower case, whatever was written."""
    lines = ('dkim_domain = "Éluard.example"', 'dkim_selector = "C2026"', *BOTH[2:])

    found = identities(load(written(keys, *lines)))

    assert [(one.key.kind, one.domain, one.selector) for one in found] == [
        ("rsa", "xn--luard-9ra.example", "c2026"),
        ("ed25519", "xn--luard-9ra.example", "e2026"),
    ]


@pytest.mark.parametrize("missing", range(len(BOTH)))
def test_half_a_setting_is_refused(keys: Path, missing: int) -> None:
    """Whichever line was forgotten."""
    lines = [line for number, line in enumerate(BOTH) if number != missing]

    assert refused(keys, *lines) == ["SC-670"]


def test_two_keys_cannot_share_a_selector(keys: Path) -> None:
    """A verifier reads one record under a name."""
    assert refused(keys, *RSA, 'dkim_ed25519_selector = "c2026"', BOTH[4]) == ["SC-670"]


def test_a_domain_that_is_not_the_senders_is_refused(keys: Path) -> None:
    """DMARC would take the letters for unsigned; a parent or a child of the domain is the sender's."""
    assert refused(keys, *RSA, author="other.example") == ["SC-675"]
    assert signer_for(load(written(keys, *RSA)), "news.eluard.example") is not None


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("cat none.pem", "SC-671"),
        ("sh -c 'echo s3cret; exit 3'", "SC-671"),
        ("no-such-command-here", "SC-671"),
        ("echo s3cret", "SC-673"),
        ("true", "SC-673"),
        ("cat ed.pem", "SC-673"),
    ],
)
def test_a_command_that_gives_no_key_is_refused(keys: Path, command: str, code: str) -> None:
    """Nothing that it printed is shown."""
    assert refused(keys, *RSA[:2], f'dkim_key_command = "{command}"') == [code]


def test_a_command_gives_the_key_of_the_file(keys: Path) -> None:
    """Run in the project folder, without a shell."""
    by_file = identities(load(written(keys, *RSA)))[0].key
    by_command = identities(load(written(keys, *RSA[:2], 'dkim_key_command = "cat rsa.pem"')))[0].key

    assert by_command.published_forms == by_file.published_forms


def test_a_key_given_twice_is_refused(keys: Path) -> None:
    """Which one counts is not guessed."""
    with pytest.raises(SettingsError, match="SC-117"):
        load(written(keys, *RSA, 'dkim_key_command = "cat rsa.pem"'))


def test_a_weak_key_signs_and_is_known_to_be_weak(tmp_path: Path) -> None:
    """1024 bits are allowed, and warned of."""
    write_key_file(tmp_path / "rsa.pem", rfc8463.RSA)

    (found,) = identities(load(written(tmp_path, *RSA)))

    assert found.key.weak


@pytest.mark.parametrize(
    ("text", "server"),
    [
        ("192.0.2.53", Nameserver("192.0.2.53")),
        ("192.0.2.53:5353", Nameserver("192.0.2.53", 5353)),
        ("2001:db8::53", Nameserver("2001:db8::53")),
        ("[2001:db8::53]:5353", Nameserver("2001:db8::53", 5353)),
        ("[2001:db8::53]", Nameserver("2001:db8::53")),
    ],
)
def test_a_resolver_is_an_address(tmp_path: Path, text: str, server: Nameserver) -> None:
    """With a port or without; it is shown as it can be written again."""
    made = load(written(tmp_path, f'resolver = "{text}, 127.0.0.1"'))

    assert made.resolver == (server, Nameserver("127.0.0.1"))
    assert next(one.value for one in shown(made) if one.name == "resolver") == f"{server},127.0.0.1"


@pytest.mark.parametrize(
    "text", ["dns.example", "192.0.2", "192.0.2.53:0", "192.0.2.53:70000", "[::1", "::g", "1.2.3.4:"]
)
def test_what_is_no_address_is_refused(tmp_path: Path, text: str) -> None:
    """A name could not be looked up without a resolver."""
    with pytest.raises(SettingsError, match="SC-113"):
        load(written(tmp_path, f'resolver = "{text}"'))
