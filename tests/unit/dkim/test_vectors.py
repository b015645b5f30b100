"""The example of RFC 8463, appendix A, byte for byte."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256

import pytest

from sender.dkim import SigningKey, body_hash, record_name, record_text, relaxed_field
from tests.unit.dkim import rfc8463


def test_the_body_has_the_hash_of_the_example() -> None:
    """``bh=`` of both signatures."""
    assert b64encode(body_hash(rfc8463.BODY)).decode() == rfc8463.BODY_HASH


@pytest.mark.parametrize(("key", "unsigned", "signature"), rfc8463.SIGNED, ids=("ed25519", "rsa"))
def test_a_key_signs_as_in_the_example(key: SigningKey, unsigned: bytes, signature: str) -> None:
    """Both ways of signing always give the same bytes, so the signature must be that of the standard."""
    fields = b"".join(map(relaxed_field, rfc8463.HEADERS)) + relaxed_field(unsigned).removesuffix(b"\r\n")

    assert b64encode(key.sign(sha256(fields).digest())).decode() == signature


def test_the_records_are_those_of_the_example() -> None:
    """Names and texts of both."""
    assert {record_name(one): record_text(one.key) for one in rfc8463.IDENTITIES} == rfc8463.RECORDS
