"""Letters as bytes: what a mail program reads is what was written, and nothing can break out of a header."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sender.errors import InputError, MissingFile
from sender.letters import CannotCompose, Composer, Links, Templates
from sender.letters.message import begun_line, encoded, quoted_printable
from sender.model import Address, Campaign, Contact, Letter
from sender.off_switches import off_switches

MakeCampaign = Callable[..., Campaign]
NOW = datetime(2026, 4, 2, 7, 0, tzinfo=UTC)
ANY_TEXT = st.text(st.characters(codec="utf-8"), max_size=300)
HOSTILE = st.text(st.characters() | st.sampled_from('\r\n\t:\0\u202e =?_<>"é'), max_size=120)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)


def compose(campaign: Campaign, contact: Contact, links: Links) -> Letter:
    templates = Templates.load(campaign)
    rendering = templates.render(contact, links)
    return Composer(campaign, templates).compose(rendering, message_id="<a.1@eluard.example>", date=NOW)


def parsed(letter: Letter) -> EmailMessage:
    return message_from_bytes(letter.content, policy=policy.default)


def unfolded(header: bytes) -> str:
    """A header's value as RFC 2047 decoders read it."""
    value = header.decode("ascii").partition(": ")[2].removesuffix("\r\n").replace("\r\n ", " ")
    return str(make_header(decode_header(value)))


@given(
    ANY_TEXT.map(
        lambda text: re.sub(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufffe\uffff]", "", text).strip(" ")
    )
)
def test_any_subject_comes_back_from_short_lines(subject: str) -> None:
    """Whatever the characters, each line keeps to 78 bytes, each word to 75, and decoding gives the subject back."""
    if max(map(len, subject.split(" "))) > 60 and subject.isascii():
        return
    header = encoded("Subject", subject)
    assert all(len(line) <= 78 for line in header.split(b"\r\n"))
    assert all(len(word) <= 75 for word in re.findall(rb"=\?[^ ]*\?=", header))
    assert unfolded(header) == subject


@given(HOSTILE, st.sampled_from(["Subject", "From", "To", "X-Own", "List-Unsubscribe"]))
def test_no_value_begins_another_header(value: str, name: str) -> None:
    """A hostile value is written inside its own header or refused; it never makes a second one."""
    try:
        header = encoded(name, f"{value} <a@b.example>" if name in {"From", "To"} else value)
    except CannotCompose:
        return
    assert header.endswith(b"\r\n")
    lines = header[:-2].split(b"\r\n")
    assert all(line.startswith(b" ") and line.strip() for line in lines[1:])
    assert not re.search(rb"[\r\n\0]", b"".join(lines))
    assert all(len(line) <= 998 for line in lines)


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=400))
def test_a_body_comes_back_from_quoted_printable(text: str) -> None:
    """Lines have 76 bytes at most and end by CRLF only; trailing spaces and dots survive."""
    data = quoted_printable(text)
    assert all(len(line) <= 76 for line in data.split(b"\r\n"))
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)|[ \t]\r\n", data)
    message = message_from_bytes(
        b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" + data
    )
    body = message.get_payload(decode=True)
    assert isinstance(body, bytes)
    expected = text.replace("\r\n", "\n").replace("\r", "\n")
    assert body.decode().replace("\r\n", "\n") == expected + ("" if expected.endswith("\n") else "\n")


@given(
    st.text(st.sampled_from("a =.\té日😀") | st.characters(codec="utf-8", exclude_characters="\0\r\n"), max_size=400),
    st.text(st.sampled_from("a =.\té日😀\n") | st.characters(codec="utf-8", exclude_characters="\0"), min_size=1),
)
def test_what_fills_its_lines_is_encoded_as_it_is_before_anything_else(words: str, rest: str) -> None:
    """Whatever follows on the line, the encoded lines that its beginning fills are the same."""
    rest = rest.lstrip("\r\n") or "é"
    begun, left = begun_line(words)

    assert begun + quoted_printable(left + rest) == quoted_printable(words + rest)
    assert len(left) <= 80


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(company=HOSTILE, first_name=HOSTILE)
def test_no_contact_changes_number_or_names_of_headers(
    company: str, first_name: str, make: MakeCampaign, contact: Contact, links: Links
) -> None:
    """Whatever a contact is called, the letter has the same headers and the same parts, or is held."""
    campaign = make(
        "<p>{{ contact.company }}{{ unsubscribe_url }}</p>", "{{ contact.company }}", "{{ contact.company }} !"
    )
    try:
        letter = compose(campaign, replace(contact, company=company, first_name=first_name), links)
    except CannotCompose:
        return
    assert parsed(letter).keys() == parsed(compose(campaign, contact, links)).keys()
    assert [part.get_content_type() for part in parsed(letter).walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]


@pytest.mark.parametrize("with_image", [False, True])
@pytest.mark.parametrize("with_attachment", [False, True])
def test_a_letter_parses_like_the_standard_library_s_own(
    with_image: bool, with_attachment: bool, make: MakeCampaign, contact: Contact, links: Links
) -> None:
    """The cut and filled frame has the same parts and headers as an EmailMessage made whole."""
    html = "<p>é {{ unsubscribe_url }}</p>" + ('<img src="l.png">' if with_image else "")
    files = {"l.png": PNG, "Présentation détaillée.pdf": b"%PDF-1.4"}
    attachments = ("Présentation détaillée.pdf",) if with_attachment else ()
    campaign = make(html, " .\n..\nfin \n", "Étude : {{ contact.company }}", files, attachments)
    templates = Templates.load(campaign)
    rendering = templates.render(contact, links)
    letter = Composer(campaign, templates).compose(rendering, message_id="<a@b.example>", date=NOW)
    whole = EmailMessage(policy=policy.SMTP)
    for name, value in rendering.headers:
        whole[name] = value
    whole["Message-ID"], whole["Date"] = "<a@b.example>", NOW
    whole.set_content(rendering.text, cte="quoted-printable")
    whole.add_alternative(rendering.html, subtype="html", cte="quoted-printable")
    if with_image:
        image = templates.images["l.png"]
        whole.get_payload(1).add_related(
            PNG, "image", "png", cid=f"<{image.cid}>", disposition="inline", filename="l.png"
        )
    if with_attachment:
        whole.add_attachment(b"%PDF-1.4", "application", "pdf", filename="Présentation détaillée.pdf")
    other = message_from_bytes(whole.as_bytes(), policy=policy.default)
    mine = parsed(letter)
    assert {k: str(v) for k, v in mine.items() if k != "Content-Type"} == {
        k: str(v) for k, v in other.items() if k not in {"Content-Type", "Content-Transfer-Encoding"}
    }
    for one, two in zip(mine.walk(), other.walk(), strict=True):
        assert not one.defects
        assert (one.get_content_type(), one.get_filename()) == (two.get_content_type(), two.get_filename())
        if not one.is_multipart():
            assert one.get_content() in (
                two.get_content(),
                two.get_content() + "\n" if one.get_content_maintype() == "text" else b"",
            )


def test_one_click_goes_with_https_only(make: MakeCampaign, contact: Contact) -> None:
    """Without an https page there is no List-Unsubscribe-Post; without any way out there is no letter."""
    # Meets: RFC 8058 §3.1
    both = parsed(compose(make(), contact, Links("https://p.example/u/x", "mailto:s@p.example")))
    assert both["List-Unsubscribe"] == "<https://p.example/u/x>, <mailto:s@p.example>"
    assert both["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    mailbox = parsed(compose(make(), contact, Links(None, "mailto:s@p.example")))
    assert mailbox["List-Unsubscribe"] == "<mailto:s@p.example>"
    assert mailbox["List-Unsubscribe-Post"] is None
    with pytest.raises(CannotCompose) as held:
        compose(make("<p>x</p>"), contact, Links())
    assert held.value.code == "no_unsubscribe"


def test_raw_utf8_goes_with_such_an_address_only(make: MakeCampaign, contact: Contact, links: Links) -> None:
    """A letter is SMTPUTF8 if a local part leaves no other way."""
    named = replace(contact, first_name="Zoé", email=Address("zoe", "x.example", "zoe@x.example"))
    assert not compose(make(), named, links).smtputf8
    letter = compose(make(), replace(named, email=Address("zoé", "x.example", "zoé@x.example")), links)
    assert letter.smtputf8
    assert "<zoé@x.example>".encode() in letter.content


@pytest.mark.parametrize("name", ["Bcc", "from", "Content-Type", "List-Unsubscribe", "X Y", "Resent-To", "X:Y", ""])
def test_a_campaign_may_not_write_our_headers(name: str, make: MakeCampaign) -> None:
    """What the program writes, or what is no header name, is refused with its place."""
    campaign = make(headers={name: "x"})
    with pytest.raises(InputError) as error:
        Composer(campaign, Templates.load(campaign))
    assert error.value.complaints[0].code == "SC-430"


def test_a_campaign_s_own_headers_go_out(make: MakeCampaign, contact: Contact, links: Links) -> None:
    """Other headers of the campaign are written as they are; a line end in one is refused."""
    letter = compose(make(headers={"X-Mailgun-Track": "no"}), contact, links)
    assert parsed(letter)["X-Mailgun-Track"] == "no"
    with pytest.raises(InputError, match="SC-431"):
        compose(make(headers={"X-A": "b\r\nBcc: c@d.example"}), contact, links)


def test_attachments_are_checked(make: MakeCampaign) -> None:
    """A missing attachment and more than ten megabytes stop the campaign."""
    missing = make(attachments=("a.pdf",))
    with pytest.raises(MissingFile, match="SC-420"):
        Composer(missing, Templates.load(missing))
    large = make(files={"a.pdf": bytes(9_000_000)}, attachments=("a.pdf",))
    with pytest.raises(InputError, match="SC-421"):
        Composer(large, Templates.load(large))


@pytest.mark.parametrize("relay", ["smtp.eu.mailgun.org", "smtp.sendgrid.net", "smtp.sparkpostmail.com"])
def test_a_relay_that_could_count_is_told_not_to(
    relay: str, make: MakeCampaign, contact: Contact, links: Links
) -> None:
    """The provider's off-switch goes out, whole, and only to that provider."""
    campaign = make()
    templates = Templates.load(campaign)
    composer = Composer(campaign, templates, relay=relay)
    told = composer.compose(templates.render(contact, links), message_id="<a.1@eluard.example>", date=NOW)

    for name, value in off_switches(relay):
        assert parsed(told)[name] == value
        assert parsed(compose(campaign, contact, links))[name] is None


def test_only_one_module_writes_headers() -> None:
    """A header's name stands in letters/message.py and in no other module that could send one."""
    sender = Path(__file__).parents[3] / "sender"
    pattern = re.compile(
        r"""\[["'](?:List-Unsubscribe|List-Id|Message-ID)[^"']*["']\]\s*=|["']List-(?:Unsubscribe-Post|Id)["'],\s"""
    )
    writers = {path.name for path in sender.rglob("*.py") if pattern.search(path.read_text(encoding="utf-8"))}
    assert writers <= {"message.py"}
    assert "List-Unsubscribe-Post" in (sender / "letters" / "message.py").read_text(encoding="utf-8")
