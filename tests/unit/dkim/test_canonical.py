"""Relaxed forms are those of dkimpy, whatever a header or a body holds; a cut body has the hash of a whole one."""

from __future__ import annotations

from dkim.canonicalization import Relaxed
from hypothesis import given
from hypothesis import strategies as st

from sender.dkim import BodyMould, body_hash, relaxed_body, relaxed_field

blanks = st.sampled_from((b"", b" ", b"\t", b"  ", b" \t ", b"=20"))
# dkimpy also strips \v and \f, which are no white space in RFC 5234; no header of ours can hold them
words = st.binary(max_size=8).map(lambda word: word.translate(None, b"\r\n\v\f"))
line = st.lists(st.one_of(blanks, words), max_size=5).map(b"".join)
lines = st.lists(st.one_of(st.just(b""), line), max_size=6).map(lambda some: b"".join(one + b"\r\n" for one in some))
names = st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,20}", fullmatch=True).map(str.encode)


@given(lines)
def test_a_body_is_relaxed_as_dkimpy_relaxes_it(body: bytes) -> None:
    """Blanks within lines, blanks at their ends, empty lines at the end."""
    assert relaxed_body(body) == Relaxed.canonicalize_body(body)


@given(names, blanks, st.lists(line, min_size=1, max_size=4))
def test_a_field_is_relaxed_as_dkimpy_relaxes_it(name: bytes, blank: bytes, value: list[bytes]) -> None:
    """Folded or not, whatever stands around the colon."""
    if blank.strip():
        blank = b""
    folded = b"\r\n ".join(value)
    ((expected_name, expected_value),) = Relaxed.canonicalize_headers([(name + blank, folded + b"\r\n")])

    assert relaxed_field(name + blank + b":" + folded + b"\r\n") == expected_name + b":" + expected_value


def test_a_last_line_without_an_end_gets_one() -> None:
    """RFC 6376 section 3.4.4; an empty body stays empty."""
    assert relaxed_body(b"a  b ") == b"a b\r\n"
    assert relaxed_body(b"") == b""
    assert relaxed_body(b"\r\n \r\n") == b""


@given(st.lists(st.tuples(lines, lines), max_size=4), lines)
def test_a_cut_body_has_the_hash_of_a_whole_one(pieces: list[tuple[bytes, bytes]], last: bytes) -> None:
    """Also where what stands last is nothing but empty lines."""
    fixed, between = [one for one, _ in pieces], [other for _, other in pieces]
    mould = BodyMould([*fixed, last])
    body = b"".join(a + b for a, b in pieces) + last

    assert mould.hash(between) == body_hash(body)
    assert mould.hash(between) == body_hash(body)  # what was begun is not used up
