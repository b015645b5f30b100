"""Addresses: what is one, under which key it meets itself again, and what a mask leaves."""

from __future__ import annotations

import string

import pytest
from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email
from hypothesis import example, given
from hypothesis import strategies as st

from sender.address import AddressError, earlier_forms, is_reserved, mask, parse, renewed

ATOM = st.text(string.ascii_letters + string.digits + "!#$%&'*+-/=?^_`{|}~", min_size=1, max_size=20)
LOCAL = st.lists(ATOM, min_size=1, max_size=3).map(".".join)
LABEL = st.from_regex(r"[a-zA-Z0-9]([a-zA-Z0-9-]{0,10}[a-zA-Z0-9])?", fullmatch=True)
DOMAIN = st.tuples(st.lists(LABEL, min_size=1, max_size=3).map(".".join), st.sampled_from(["fr", "com", "example"]))
ADDRESS = st.builds(lambda local, domain: f"{local}@{domain[0]}.{domain[1]}", LOCAL, DOMAIN)
NEARLY = st.text(string.ascii_letters + "0129.-_@+' \"éß＠。ａﬁ漢\u0301\u200d", max_size=40)


def theirs(text: str) -> tuple[str, str] | None:
    try:
        found = validate_email(text.strip(), check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return None
    return found.local_part, (found.ascii_domain or "").lower()


def ours(text: str) -> tuple[str, str] | None:
    try:
        found = parse(text)
    except AddressError:
        return None
    return found.local, found.domain


@pytest.mark.parametrize("name", sorted({*SPECIAL_USE_DOMAIN_NAMES} - {"test", "invalid", "localhost"}))
def test_names_without_mail_are_refused(name: str) -> None:
    """What email-validator knows as closed to mail is closed here; reserved names for trials are not."""
    with pytest.raises(AddressError, match="domain"):
        parse(f"jean@printer.{name}")


@given(ADDRESS)
@example("a@xn--a.fr")
@example("a@ab--c.fr")
@example("postmaster@firm.fr")
def test_plain_addresses_are_read_as_email_validator_reads_them(text: str) -> None:
    """The fast way and the long way agree on plain addresses."""
    expected = theirs(text)
    if expected and expected[0] != text.rpartition("@")[0]:
        expected = text.rpartition("@")[0], expected[1]  # it lowers role names; the spelling is ours to keep
    assert ours(text) == expected


@given(NEARLY)
@example("jean@müller.de")
@example("jean@MÜLLER.example")
@example("rené@firm.fr")
@example("jean＠a@firm.fr")
def test_nothing_is_accepted_that_email_validator_refuses(text: str) -> None:
    """Hostile text gets no further here than there, reserved names apart."""
    found = ours(text)
    if found is not None and found[1].rpartition(".")[2] not in {"test", "invalid", "localhost"}:
        expected = theirs(text)
        assert expected is not None
        assert found[1] == expected[1]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        ("  ", "empty"),
        ("jean", "syntax"),
        ("@firm.fr", "syntax"),
        ("jean@", "syntax"),
        ("Jean <jean@firm.fr>", "domain"),
        ("jean dupont@firm.fr", "syntax"),
        ("jean..d@firm.fr", "syntax"),
        (".jean@firm.fr", "syntax"),
        ("a@b@firm.fr", "syntax"),
        ("a,b@firm.fr", "syntax"),
        ("jean＠x@firm.fr", "syntax"),
        ('"jean dupont"@firm.fr', "quoted"),
        ("jean@firm", "domain"),
        ("jean@-firm.fr", "domain"),
        ("jean@firm..fr", "domain"),
        ("jean@firm.fr.", "domain"),
        ("jean@[192.0.2.1]", "domain"),
        ("jean@192.0.2.1", "domain"),
        ("jean@printer.local", "domain"),
        ("jean@xn--.fr", "domain"),
        ("jean\r\nBcc: a@firm.fr", "syntax"),
        ("jean@firm.fr\nx", "domain"),
        ("jean\u202e@firm.fr", "syntax"),
        (f"{'a' * 65}@firm.fr", "length"),
        (f"{'é' * 33}@firm.fr", "length"),
        (f"{'a' * 60}@{'b.' * 100}fr", "length"),
        (f"a@{'b.' * 130}fr", "length"),
        (f"a@{'b' * 64}.fr", "domain"),
    ],
)
def test_what_is_no_address_says_why(text: str, reason: str) -> None:
    """Each refusal has its reason."""
    with pytest.raises(AddressError) as caught:
        parse(text)
    assert caught.value.reason == reason


def test_an_error_never_holds_the_text() -> None:
    """The text that was refused may be somebody's address."""
    with pytest.raises(AddressError) as caught:
        parse("claire moreau@entreprise.fr")
    assert "moreau" not in repr(caught.value)


def test_spelling_is_kept_and_the_domain_is_lowered() -> None:
    """The local part belongs to its owner, the domain to the DNS."""
    found = parse(" Jean.Dupont@Firm.FR ")
    assert (found.local, found.domain, found.key) == ("Jean.Dupont", "firm.fr", "jean.dupont@firm.fr")


@pytest.mark.parametrize("name", ["jean@müller.de", "jean@MÜLLER.de", "jean@xn--mller-kva.de", "jean@mu\u0308ller.de"])
def test_international_domains_become_a_labels(name: str) -> None:
    """However it is written, one domain has one name."""
    assert parse(name).domain == "xn--mller-kva.de"


@pytest.mark.parametrize("top", ["example", "test", "invalid"])
def test_reserved_names_are_addresses_that_must_not_leave(top: str) -> None:
    """Plain or international, a reserved name is read and known."""
    assert is_reserved(parse(f"jean@firm.{top}"))
    assert parse(f"jean@müller.{top}").domain == f"xn--mller-kva.{top}"


@pytest.mark.parametrize("text", ["a@localhost", "a@example.com", "a@mail.example.org", "a@x.localhost"])
def test_reserved_domains(text: str) -> None:
    """RFC 2606 and 6761 name them."""
    assert is_reserved(parse(text))


@pytest.mark.parametrize("text", ["a@firm.fr", "a@my-example.com", "a@notexample.com", "a@test.fr"])
def test_names_that_only_look_reserved(text: str) -> None:
    """A firm may well be called so."""
    assert not is_reserved(parse(text))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Jean.Dupont@gmail.com", "jeandupont+x@googlemail.com"),
        ("jean+fair@outlook.fr", "JEAN@outlook.fr"),
        ("jean+fair@hotmail.com", "jean@hotmail.com"),
        ("jean+a@icloud.com", "jean@me.com"),
        ("jean+a@proton.me", "jean@protonmail.com"),
        ("Jean.D-upont+a@pm.me", "jean_dupont@protonmail.ch"),
        ("jean-fair@yahoo.fr", "Jean@yahoo.fr"),
        ("news@jean.fastmail.com", "jean+x@fastmail.com"),
        ("jean.dupont@wanadoo.fr", "jean.dupont@orange.fr"),
        ("ｊean．d＋x@ｇｍａｉｌ.com", "jeand@gmail.com"),
        ("RENÉ@firm.fr", "rene\u0301@firm.fr"),
        ("ｊean@firm.fr", "jean@firm.fr"),
        ("STRASSE@firm.fr", "straße@firm.fr"),
    ],
)
def test_one_mailbox_has_one_key(one: str, other: str) -> None:
    """Who objected under one spelling is found under the other."""
    assert parse(one).key == parse(other).key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("jean+a@firm.fr", "jean@firm.fr"),
        ("j.dupont@firm.fr", "jdupont@firm.fr"),
        ("j.dupont@outlook.com", "jdupont@outlook.com"),
        ("jean@outlook.fr", "jean@outlook.com"),
        ("jean-a@free.fr", "jean@free.fr"),
        ("jean@yahoo.fr", "jean@yahoo.com"),
        ("j.dupont@yahoo.fr", "jdupont@yahoo.fr"),
        ("news@jean.outlook.com", "jean@outlook.com"),
        ("+a@gmail.com", "+b@gmail.com"),
    ],
)
def test_two_mailboxes_have_two_keys(one: str, other: str) -> None:
    """A rule that is not known for sure joins nobody."""
    assert parse(one).key != parse(other).key


@given(ADDRESS)
def test_a_key_is_its_own_key(text: str) -> None:
    """Normalising twice changes nothing."""
    found = ours(text)
    if found:
        key = parse(text).key
        assert parse(key).key == key


@given(ADDRESS, st.sampled_from(["{}", "<{}>", "to {}.", "mailto:{}?x=1", "'{}',", "/u/{}", "({})", "a,{};b"]))
@example("o'brien@firm.fr", "x {} y")
def test_a_mask_leaves_no_letter(text: str, frame: str) -> None:
    """Neither local part nor domain shows, wherever the address stands."""
    local, _, domain = text.rpartition("@")
    left = mask(frame.format(text)).replace("***@***", "", 1)
    around = frame.replace("{}", "")
    assert local not in left or local in around
    assert domain not in left
    assert "@" not in left


@pytest.mark.parametrize("text", ["zoe%40firm.zz", '"zoe z"@firm.zz', "zoe＠firm.zz", "zoe&#64;firm.zz", "zoé@fîrm.zz"])
def test_disguised_addresses_are_masked(text: str) -> None:
    """Quoted, encoded and international addresses too."""
    assert not any(char.isalpha() for char in mask(text))


def test_text_without_addresses_is_left_alone() -> None:
    """Nothing else is touched, and a long line costs no more than its length."""
    assert mask("relay said: 250 2.0.0 Ok") == "relay said: 250 2.0.0 Ok"
    assert mask("x" * 200_000) == "x" * 200_000


def test_earlier_forms_are_those_that_were_hashed_then() -> None:
    """A version never changes once it was used: these forms stand in data bases."""
    (first,) = earlier_forms(parse("Jean-Fair.D+a@proton.me"))
    assert (first.key, first.normalisation) == ("jean-fair.d@proton.me", 1)
    assert [one.key for one in earlier_forms(parse("jean-a+b@Yahoo.fr"))] == ["jean-a+b@yahoo.fr"]
    assert [one.key for one in earlier_forms(parse("J.D+b@googlemail.com"))] == ["jd@gmail.com"]


def test_a_key_of_an_earlier_version_is_renewed() -> None:
    """What a base has under the old form comes back under the form of today."""
    (first,) = earlier_forms(parse("jean-a@yahoo.fr"))
    assert renewed(first) == parse("jean-a@yahoo.fr")
