"""Keys are made, kept private, read again, and refused where they are no use."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from sender.dkim import SigningKey, make_key, parse_key, read_key_file, write_key_file
from sender.dkim.keys import Kind
from sender.errors import Exit, Place, SettingsError
from tests.unit.dkim import rfc8463

PLACE = Place("key.pem")
KEY = make_key("ed25519")


def complaint_of(pem: bytes, kind: Kind = "rsa") -> str:
    with pytest.raises(SettingsError) as caught:
        parse_key(pem, kind, PLACE)
    (complaint,) = caught.value.complaints
    assert caught.value.exit is Exit.SETTINGS_WRONG
    assert complaint.why
    assert complaint.todo
    return complaint.code


@pytest.mark.parametrize("kind", ["rsa", "ed25519"])
def test_a_key_that_was_written_is_read_again(tmp_path: Path, kind: Kind) -> None:
    """The file is its owner's alone, and the folder too where it was made."""
    key, path = make_key(kind), tmp_path / "keys" / "dkim.pem"
    write_key_file(path, key)

    again = read_key_file(path, kind)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert again.published_forms == key.published_forms
    assert again.sign(b"d" * 32) == key.sign(b"d" * 32)
    assert (again.bits, again.weak) == ((2048, False) if kind == "rsa" else (256, False))


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    """Letters signed with the old one are still on their way."""
    path = tmp_path / "dkim.pem"
    write_key_file(path, KEY)
    before = path.read_bytes()

    with pytest.raises(SettingsError, match="SC-676"):
        write_key_file(path, make_key("ed25519"))

    assert path.read_bytes() == before


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    """Whoever reads it can sign in the sender's name."""
    path = tmp_path / "dkim.pem"
    write_key_file(path, KEY)
    path.chmod(mode)

    with pytest.raises(SettingsError, match="SC-672"):
        read_key_file(path, "ed25519")


def test_a_key_that_is_not_there_is_a_setting_that_is_wrong(tmp_path: Path) -> None:
    """A file that is missing, or a folder in its place."""
    for path in (tmp_path / "none.pem", tmp_path):
        with pytest.raises(SettingsError, match="SC-671") as caught:
            read_key_file(path, "rsa")
        assert caught.value.exit is Exit.SETTINGS_WRONG


def test_what_is_no_key_is_refused_without_being_shown() -> None:
    """Garbage, a key with a passphrase, a key of another kind, one of a kind that DKIM does not know."""
    private = rsa.generate_private_key(65537, 1024)
    sealed = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x"))
    curve = ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    assert complaint_of(b"hunter2") == "SC-673"
    assert complaint_of(b"") == "SC-673"
    assert complaint_of(sealed) == "SC-673"
    assert complaint_of(curve) == "SC-673"
    assert complaint_of(KEY.pem()) == "SC-673"
    assert complaint_of(rfc8463.RSA_PEM, "ed25519") == "SC-673"
    with pytest.raises(SettingsError) as caught:
        parse_key(b"hunter2", "rsa", PLACE)
    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_a_short_key_is_refused_and_a_shortish_one_is_weak(monkeypatch: pytest.MonkeyPatch) -> None:
    """RFC 8301: 1024 bits at least, 2048 better."""
    monkeypatch.setattr("sender.dkim.keys.LEAST_BITS", 1025)  # shorter ones cannot be made any more
    pem = rsa.generate_private_key(65537, 1024).private_bytes(
        Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()
    )
    assert complaint_of(pem) == "SC-674"
    monkeypatch.undo()
    assert parse_key(pem, "rsa", PLACE).weak


def test_a_key_does_not_show_itself() -> None:
    """Not in a ``repr``, which may end in a log."""
    assert repr(SigningKey.of(rsa.generate_private_key(65537, 2048))) == "SigningKey(kind='rsa', bits=2048)"
