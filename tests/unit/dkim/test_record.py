"""Records as zone files have them, and as the DNS gives them back."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sender.dkim import Record, make_key, quoted, record_text
from tests.unit.dkim import rfc8463


@given(st.text(st.characters(min_codepoint=35, max_codepoint=126), min_size=1, max_size=1200))
def test_strings_have_255_octets_at_most_and_lose_nothing(text: str) -> None:
    """A resolver puts them together without a blank."""
    strings = re.findall(r'"([^"]*)"', quoted(text))

    assert "".join(strings) == text
    assert max(map(len, strings)) <= 255


def test_a_record_of_2048_bits_takes_two_strings() -> None:
    """And is read as the key that it was made of, and no other's."""
    key = make_key("rsa")

    record = Record.parse(record_text(key))

    assert quoted(record_text(key)).count('"') == 4
    assert record is not None
    assert record.is_of(key)
    assert not record.is_of(rfc8463.RSA)


def test_the_bare_rsa_key_of_rfc_6376_is_the_same_key() -> None:
    """Some publish an RSAPublicKey without its wrapping."""
    from base64 import b64encode

    record = Record.parse(f"p={b64encode(rfc8463.RSA.published_forms[1]).decode()}")

    assert record is not None
    assert record.is_of(rfc8463.RSA)
    assert record.kind == "rsa"


@pytest.mark.parametrize(
    "text",
    ["", "v=spf1 -all", "v=DKIM2; p=AA==", "k=rsa", "k=rsa; v=DKIM1; p=AA==", "v=DKIM1; p=AA==; p=AA==", "v=DKIM1 p"],
)
def test_what_is_no_record_is_none(text: str) -> None:
    """Another version, no key, the version not first, a tag twice (RFC 6376 sections 3.2 and 3.6.1)."""
    assert Record.parse(text) is None


def test_the_tags_are_read() -> None:
    """With blanks wherever they may stand."""
    record = Record.parse(" v=DKIM1 ; t = y:s ; h=sha1 : sha256; s=email;n=a note; k=ed25519; p= AA A= ;")

    assert record == Record("ed25519", b"\0\0", frozenset({"sha1", "sha256"}), frozenset({"email"}), True)


def test_a_key_that_is_no_base64_has_no_bytes() -> None:
    """Which is another thing than an empty one."""
    broken, revoked = Record.parse("p=%%"), Record.parse("v=DKIM1; p=")

    assert broken is not None
    assert revoked is not None
    assert (broken.public, revoked.public) == (None, b"")
