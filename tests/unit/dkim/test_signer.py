"""A signature verifies by another program, names what it should, and breaks where something is changed or added."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sender.dkim import Signer, body_hash
from tests.signatures import verdicts_of
from tests.unit.dkim import rfc8463

NOW = datetime(2026, 4, 2, 9, 0, tzinfo=UTC)
SIGNER = Signer(rfc8463.IDENTITIES)
HEADERS = (
    *rfc8463.HEADERS,
    b"List-Unsubscribe: <https://courrier.football.example.com/u/AQE>,\r\n <mailto:stop@football.example.com>\r\n",
    b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n",
    b"X-Mailgun-Track: no\r\n",
)


def verdicts(message: bytes) -> list[bool]:
    return verdicts_of(message, rfc8463.RECORDS)


def signed(headers: tuple[bytes, ...] = HEADERS, body: bytes = rfc8463.BODY, same: int = 1) -> bytes:
    lines = SIGNER.header(headers[:same], headers[same:], body_hash(body), NOW)
    return lines + b"".join(headers) + b"\r\n" + body


def names(message: bytes) -> list[str]:
    """What ``h=`` of the first signature names."""
    found = re.search(rb"h=(.*?);", message, re.DOTALL)
    assert found
    return b"".join(found[1].split()).decode().split(":")


def test_both_signatures_verify_and_rsa_comes_first() -> None:
    """RFC 8463: a verifier that does not know Ed25519 has another one."""
    message = signed()

    assert verdicts(message) == [True, True]
    assert re.findall(rb" a=([a-z0-9-]+);", message) == [b"rsa-sha256", b"ed25519-sha256"]


def test_what_must_not_be_added_is_named_once_more_than_it_is_there() -> None:
    """From and both headers of the one-click way; what a relay takes out is not named, and there is no ``l=``."""
    message = signed()

    for sealed in ("from", "list-unsubscribe", "list-unsubscribe-post", "to", "subject", "date", "message-id"):
        assert names(message).count(sealed) == 2, sealed
    assert names(message).count("reply-to") == 1  # absent, and nobody can add one
    assert "x-mailgun-track" not in names(message)
    assert not re.search(rb"[;\s]l=", message)


@pytest.mark.parametrize("name", [b"From", b"Reply-To", b"List-Unsubscribe", b"List-Unsubscribe-Post", b"Subject"])
def test_another_field_breaks_both_signatures(name: bytes) -> None:
    """On top of the message or below its fields."""
    message = signed()
    added = name + b": other <other@elsewhere.example>\r\n"

    assert verdicts(added + message) == [False, False]
    assert verdicts(message.replace(b"\r\n\r\n", b"\r\n" + added + b"\r\n", 1)) == [False, False]


def test_what_relays_do_does_not_break_it() -> None:
    """Fields on top, other blanks, other folds, empty lines at the end."""
    message = signed().replace(b"ready?", b" ready? ").replace(b"game.  Are", b"game.\tAre") + b"\r\n\r\n"

    assert verdicts(b"Received: from a by b\r\nReturn-Path: <x@y.example>\r\n" + message) == [True, True]


def test_a_changed_word_breaks_it() -> None:
    """In the body, in a field, and with a line added."""
    message = signed()

    assert verdicts(message.replace(b"hungry", b"angry")) == [False, False]
    assert verdicts(message.replace(b"dinner", b"supper")) == [False, False]
    assert verdicts(message + b"more\r\n") == [False, False]


def test_its_lines_are_short() -> None:
    """RFC 5322 section 2.1.1: 78 characters."""
    lines = SIGNER.header((), HEADERS, body_hash(b""), NOW)

    assert max(map(len, lines.split(b"\r\n"))) <= 78
    assert lines.endswith(b"\r\n")


texts = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=40).map(str.strip)


@given(
    fields=st.lists(st.tuples(st.sampled_from(("Subject", "List-Id", "Feedback-ID", "X-Own")), texts), max_size=6),
    same=st.integers(0, 8),
    body=st.lists(texts, max_size=4).map(lambda some: "".join(f"{one} \r\n" for one in some).encode()),
)
def test_whatever_is_signed_verifies(fields: list[tuple[str, str]], same: int, body: bytes) -> None:
    """Fields twice and in any order, in raw UTF-8 as RFC 6532 has them; what counts as the same is only about speed."""
    own = tuple(f"{name}: {value}\r\n".encode() for name, value in fields)
    repeated = {name for name, _ in fields[: max(0, same - 1)]} & {name for name, _ in fields[max(0, same - 1) :]}
    headers = (HEADERS[0], *own)

    assert verdicts(signed(headers, body, 1 if repeated else same)) == [True, True]
    assert names(signed(headers, body, 1))[0] == "from"


def test_a_signer_without_a_key_is_refused() -> None:
    """It would write letters that only look as if they had been signed."""
    with pytest.raises(ValueError, match="needs a key"):
        Signer(())
