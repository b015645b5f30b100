"""SPF records as RFC 7208 writes them; a term that a receiver stumbles over is named."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sender.preflight.spf_record import SpfError, of_spf, parse


def test_a_record_is_read_in_its_order() -> None:
    """Qualifiers, prefix lengths, names without their final dot, case of no weight."""
    record = parse("v=spf1  MX a:Out.Eluard.example./28//64 ~include:_spf.relay.example ip6:2001:db8::/32 ?ptr -ALL")

    assert [(term.qualifier, term.kind, term.value) for term in record.terms] == [
        ("+", "mx", ""),
        ("+", "a", "out.eluard.example"),
        ("~", "include", "_spf.relay.example"),
        ("+", "ip6", ""),
        ("?", "ptr", ""),
        ("-", "all", ""),
    ]
    assert (record.terms[1].four, record.terms[1].six) == (28, 64)
    assert str(record.terms[3].network) == "2001:db8::/32"
    assert (record.end, record.redirect) == ("-", None)


def test_what_follows_all_is_never_read() -> None:
    """Neither a mechanism nor redirect=; without ``all`` the redirect holds."""
    closed = parse("v=spf1 ~all include:never.example redirect=never.example")
    onward = parse("v=spf1 a redirect=_spf.eluard.example unknown=ignored exp=why.eluard.example")

    assert [term.kind for term in closed.terms] == ["all"]
    assert closed.redirect is None
    assert (onward.end, onward.redirect) == (None, "_spf.eluard.example")


def test_a_macro_is_left_to_the_letter() -> None:
    """What a macro names is not known before a letter comes."""
    (exists, end) = parse("v=spf1 exists:%{i}._spf.%{d} -all").terms

    assert exists.opaque
    assert not end.opaque


@pytest.mark.parametrize(
    "term",
    [
        "ip4:192.0.2.300",
        "ip4:2001:db8::1",
        "ip6:192.0.2.1",
        "ip4",
        "ip4:192.0.2.0/33",
        "a:/24x",
        "a/33",
        "mx//129",
        "include",
        "include:",
        "include:a..b",
        "all:eluard.example",
        "ipv4:192.0.2.1",
        "-",
        "redirect=",
        "a:" + 64 * "x" + ".example",
    ],
)
def test_a_mistake_is_named(term: str) -> None:
    """One term that cannot be read spoils the whole record."""
    with pytest.raises(SpfError) as fault:
        parse(f"v=spf1 ip4:192.0.2.1 {term} -all")

    assert fault.value.term.startswith(term[:20])


@pytest.mark.parametrize("twice", ["redirect=a.example redirect=b.example", "exp=a.example exp=b.example"])
def test_a_modifier_stands_once(twice: str) -> None:
    """Two of a kind are an error, not a choice."""
    with pytest.raises(SpfError):
        parse(f"v=spf1 {twice}")


def test_what_is_an_spf_record() -> None:
    """The version alone, or followed by a space; nothing that merely begins like it."""
    assert of_spf(["v=spf1", "V=SPF1 -all", "v=spf10 -all", "v=spf1-all", " v=spf1", "google-site=x"]) == [
        "v=spf1",
        "V=SPF1 -all",
    ]


@given(st.text("aA1:/=%{}.-+~? é\x1bipvmxredct46", max_size=60))
def test_whatever_stands_there(text: str) -> None:
    """A stranger's text is read or refused, and what is shown of it is plain."""
    shown = ""
    try:
        parse(f"v=spf1 {text}")
    except SpfError as fault:
        shown = fault.term

    assert shown.isascii()
    assert shown.isprintable()
