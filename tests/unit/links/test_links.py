"""Signed links: what they prove, and what they do not tell."""

from __future__ import annotations

import string
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sender.links import (
    LinkKey,
    LinkTarget,
    Purpose,
    knows_key_of,
    objection_url,
    sign,
    sign_at,
    verify,
    verify_at,
)
from sender.model import ContactId

RING = (LinkKey(1, b"a" * 32), LinkKey(2, b"b" * 32))
CONTACT = ContactId("00112233445566778899aabbccddeeff")
HASH = bytes(range(32))
TOKEN = sign(RING, Purpose.OBJECT, CONTACT, HASH)
ALPHABET = string.ascii_letters + string.digits + "-_"

contacts = st.binary(min_size=16, max_size=16).map(lambda raw: ContactId(raw.hex()))
hashes = st.binary(min_size=32, max_size=32)
moments = st.integers(0, 2**40).map(lambda n: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(milliseconds=n / 1000))


@given(contact=contacts, address_hash=hashes)
def test_a_token_names_the_contact_it_was_signed_for(contact: ContactId, address_hash: bytes) -> None:
    """Signing and verifying give back contact and address hash."""
    token = sign(RING, Purpose.OBJECT, contact, address_hash)

    assert verify(RING, token, Purpose.OBJECT) == LinkTarget(contact, address_hash)


@given(place=st.integers(0, len(TOKEN) - 1), letter=st.sampled_from(ALPHABET))
def test_no_altered_token_verifies(place: int, letter: str) -> None:
    """Any one character changed, also in the unused bits of the last one, makes the token worthless."""
    altered = TOKEN[:place] + letter + TOKEN[place + 1 :]

    assert (verify(RING, altered, Purpose.OBJECT) is not None) is (altered == TOKEN)


@given(st.text())
def test_anything_else_is_nobody(text: str) -> None:
    """Hostile text never raises and names nobody."""
    assert verify(RING, text, Purpose.OBJECT) is None


@given(st.binary(min_size=67, max_size=67))
def test_bytes_of_the_right_length_are_nobody(raw: bytes) -> None:
    """A well-formed token without a signature names nobody, whatever version, purpose and key it claims."""
    assert verify(RING, urlsafe_b64encode(raw).rstrip(b"=").decode(), Purpose.OBJECT) is None


@pytest.mark.parametrize("wrap", ["{}=", "{}\n", " {}", "{}A", "{}=="])
def test_a_token_has_one_spelling(wrap: str) -> None:
    """Padding, space and appended letters are refused, so that one link cannot be written in many ways."""
    assert verify(RING, wrap.format(TOKEN), Purpose.OBJECT) is None


def test_the_newest_key_signs_and_every_key_verifies() -> None:
    """A link that an older key signed keeps its worth after rotation; one of a removed key loses it."""
    old = sign(RING[:1], Purpose.OBJECT, CONTACT, HASH)

    assert old != TOKEN
    assert verify(RING, old, Purpose.OBJECT) == LinkTarget(CONTACT, HASH)
    assert verify(RING[1:], old, Purpose.OBJECT) is None


def test_a_key_that_has_a_successor_signs_no_later_moments() -> None:
    """Tokens that it gave out live on to their end; one that a thief makes with it is worthless. Objections stay."""
    rotated = datetime(2026, 11, 24, 12, tzinfo=UTC)
    ring = (LinkKey(1, b"a" * 32), LinkKey(2, b"b" * 32, rotated), LinkKey(3, b"c" * 32))
    target = LinkTarget(CONTACT, HASH)

    def good(key: LinkKey, at: datetime) -> bool:
        return verify_at(ring, sign_at((key,), Purpose.UNDO, target, at), Purpose.UNDO) is not None

    assert good(ring[0], rotated - timedelta(minutes=29))
    assert good(ring[0], rotated + timedelta(minutes=5))
    assert not good(ring[0], rotated + timedelta(minutes=5, microseconds=1))
    assert good(ring[1], rotated + timedelta(days=30))  # nobody wrote down when the third one came
    assert verify(ring, sign(ring[:1], Purpose.OBJECT, CONTACT, HASH), Purpose.OBJECT) == target


def test_an_unknown_key_is_not_a_key_of_zeros() -> None:
    """A token whose key id is not in the ring names nobody, also when it was signed with zeros."""
    forged = sign((LinkKey(9, b"\0" * 32),), Purpose.OBJECT, CONTACT, HASH)

    assert verify(RING, forged, Purpose.OBJECT) is None


def test_the_purpose_is_part_of_what_is_signed() -> None:
    """A genuine token for another purpose names nobody."""
    other = sign(RING, 7, CONTACT, HASH)  # type: ignore[arg-type]

    assert verify(RING, other, Purpose.OBJECT) is None


@given(contact=contacts, address_hash=hashes, at=moments)
def test_a_token_may_count_from_a_moment(contact: ContactId, address_hash: bytes, at: datetime) -> None:
    """Contact, hash and moment come back, to the microsecond; where no moment is asked for it is worth nothing."""
    target = LinkTarget(contact, address_hash)
    token = sign_at(RING, Purpose.UNDO, target, at)

    assert verify_at(RING, token, Purpose.UNDO) == (target, at)
    assert verify(RING, token, Purpose.UNDO) is None
    assert verify_at(RING, sign(RING, Purpose.UNDO, contact, address_hash), Purpose.UNDO) is None


@given(place=st.integers(0, 99), letter=st.sampled_from(ALPHABET))
def test_nobody_moves_the_moment(place: int, letter: str) -> None:
    """Any one character changed makes such a token worthless, too."""
    token = sign_at(RING, Purpose.UNDO, LinkTarget(CONTACT, HASH), datetime(2026, 11, 24, tzinfo=UTC))
    altered = token[:place] + letter + token[place + 1 :]

    assert len(token) == 100
    assert (verify_at(RING, altered, Purpose.UNDO) is not None) is (altered == token)


def test_a_ring_knows_whether_a_key_is_missing() -> None:
    """Only a token of the right length names a key; anything else is no reason to look for one."""
    assert knows_key_of(RING, TOKEN)
    assert not knows_key_of(RING[:1], TOKEN)
    assert knows_key_of(RING[:1], "x")


def test_a_token_fits_into_a_url_and_holds_nothing_else() -> None:
    """90 characters of the URL alphabet: version, purpose, key, contact, hash, signature."""
    raw = urlsafe_b64decode(TOKEN + "==")

    assert len(TOKEN) == 90
    assert set(TOKEN) <= set(ALPHABET)
    assert raw[:-16] == bytes((1, 1, 2)) + bytes.fromhex(CONTACT) + HASH


@pytest.mark.parametrize("pages_url", ["https://courrier.eluard.example", "https://courrier.eluard.example/"])
def test_the_url_is_made_of_the_public_address_and_the_token(pages_url: str) -> None:
    """A slash at the end of the setting does not matter."""
    assert objection_url(pages_url, TOKEN) == f"https://courrier.eluard.example/u/{TOKEN}"


def test_the_signature_is_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The comparison is hmac's, so that timing does not tell how much of a guess was right."""
    seen: list[int] = []

    def compare(left: bytes, right: bytes) -> bool:
        seen.append(len(left))
        return left == right

    monkeypatch.setattr("sender.links.hmac.compare_digest", compare)

    verify(RING, TOKEN, Purpose.OBJECT)

    assert seen == [16]


@pytest.mark.parametrize(("contact", "address_hash"), [("00", HASH), (CONTACT, b"short"), ("not hex", HASH)])
def test_only_ids_and_hashes_can_be_signed(contact: str, address_hash: bytes) -> None:
    """An address or a name in the place of an id or a hash is an error, so none ever gets into a URL."""
    with pytest.raises(ValueError):  # noqa: PT011 - the message is for us
        sign(RING, Purpose.OBJECT, ContactId(contact), address_hash)
