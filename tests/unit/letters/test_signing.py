"""Letters are signed as they are sent, out of the mould and the long way."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from sender.dkim import Signer
from sender.dkim import body as dkim_body
from sender.letters import Composer, Links, Moulds, Templates
from sender.letters.service import ServiceLetter, service_letter
from sender.model import Campaign, Contact, ContactId, Letter
from tests.signatures import verdicts_of
from tests.unit.dkim import rfc8463
from tests.unit.letters.conftest import MakeCampaign, address

NOW = datetime(2026, 4, 2, 9, 0, tzinfo=UTC)
SIGNER = Signer(rfc8463.IDENTITIES)


def letters(campaign: Campaign, contact: Contact, count: int, signer: Signer | None = SIGNER) -> list[Letter]:
    """Letters to people with different names; all but the first come out of a mould."""
    templates = Templates.load(campaign)
    moulds = Moulds(templates, Composer(campaign, templates, relay="smtp.mailgun.org", signer=signer))
    return [
        moulds.letter(
            replace(contact, company=f"Cabinet  É {number} ", last_name=f"Martin-{number}"),
            Links(f"https://courrier.eluard.example/u/{number}", None),
            message_id=f"<{number}@eluard.example>",
            date=NOW,
        )
        for number in range(count)
    ]


def test_letters_of_the_example_verify(spring: Campaign, contact: Contact) -> None:
    """Both signatures of each, by another program."""
    for letter in letters(spring, contact, 8):
        assert verdicts_of(letter.content, rfc8463.RECORDS) == [True, True]


def test_a_letter_without_a_value_in_it_verifies(make: MakeCampaign, contact: Contact) -> None:
    """Nothing but the link differs, and that stands in the HTML alone."""
    campaign = make("<html><body><p>Bonjour  ,</p><a href='{{ unsubscribe_url }}'>stop</a></body></html>", "Bonjour")

    for letter in letters(campaign, contact, 3):
        assert verdicts_of(letter.content, rfc8463.RECORDS) == [True, True]


def test_the_rest_of_a_letter_is_what_it_is_unsigned(spring: Campaign, contact: Contact) -> None:
    """A signature goes before the letter and changes nothing in it."""
    for signed, unsigned in zip(letters(spring, contact, 3), letters(spring, contact, 3, None), strict=True):
        assert signed.content.startswith(b"DKIM-Signature: v=1; a=rsa-sha256;")
        assert signed.content.endswith(unsigned.content)
        assert b"DKIM-Signature" not in unsigned.content


def test_raw_utf_8_in_a_field_is_signed_as_it_is_sent(spring: Campaign, contact: Contact) -> None:
    """An address outside ASCII makes the letter one for SMTPUTF8 (RFC 6532); the signature's own domain is ASCII."""
    (letter,) = letters(spring, replace(contact, email=address("andré@cabinet-martin.example")), 1)

    assert letter.smtputf8
    assert not letter.content.split(b"\r\n\r\n")[0].isascii()
    assert verdicts_of(letter.content, rfc8463.RECORDS) == [True, True]


def test_what_all_letters_share_is_hashed_once(
    spring: Campaign, contact: Contact, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a letter out of the mould only the values and what follows them are brought into relaxed form."""
    templates = Templates.load(spring)
    moulds = Moulds(templates, Composer(spring, templates, signer=SIGNER))
    links = Links("https://courrier.eluard.example/u/1", None)
    moulds.letter(contact, links, message_id="<1@eluard.example>", date=NOW)
    relaxed: list[bytes] = []
    whole = dkim_body.relaxed_lines
    monkeypatch.setattr(dkim_body, "relaxed_lines", lambda lines: relaxed.append(lines) or whole(lines))

    letter = moulds.letter(contact, links, message_id="<2@eluard.example>", date=NOW)

    assert relaxed
    assert sum(map(len, relaxed)) < len(letter.content) / 4
    assert verdicts_of(letter.content, rfc8463.RECORDS) == [True, True]


def test_a_letter_that_somebody_asked_for_is_signed_too() -> None:
    """What the public pages send, with an accent in its name and its text."""
    asked = ServiceLetter(
        ContactId("0" * 32),
        address("anne@martin.example"),
        "Éluard",
        address("conseil@eluard.example"),
        "Bonjour",
        "é  è",
    )

    letter = service_letter(asked, date=NOW, signer=SIGNER)

    assert verdicts_of(letter.content, rfc8463.RECORDS) == [True, True]
    assert letter.content.endswith(service_letter(asked, date=NOW).content)
