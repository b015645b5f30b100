"""A letter that somebody asked for themselves, on a public page: plain text, no advertising, nothing to count opens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from sender.dkim import Signer, body_hash
from sender.letters.message import encoded, quoted_printable
from sender.model import Address, ContactId, Letter
from sender.off_switches import off_switches

__all__ = ["ServiceLetter", "service_letter"]

_MIME = (
    b"MIME-Version: 1.0\r\n",
    b"Content-Type: text/plain; charset=utf-8\r\n",
    b"Content-Transfer-Encoding: quoted-printable\r\n",
    b"Auto-Submitted: auto-generated\r\n",
)


@dataclass(frozen=True, slots=True)
class ServiceLetter:
    """What is said to whom, by whom. ``id``: of the request that it answers, which makes its Message-ID."""

    id: ContactId
    to: Address
    sender_name: str
    sender: Address
    subject: str
    text: str


def service_letter(
    one: ServiceLetter, *, date: datetime, bounces: Address | None = None, relay: str = "", signer: Signer | None = None
) -> Letter:
    """The bytes. ``relay``: the host that gets them; where it could count opens by itself, it is told not to.

    ``signer``: signs it as it is sent.
    """
    # Meets: RFC 5322 section 3.6, RFC 3834 section 5 (a machine's answer says that it is one)
    message_id = f"<{one.id}@{one.sender.domain}>"
    headers = (
        ("From", f"{one.sender_name} <{one.sender.spec}>"),
        ("To", f"<{one.to.spec}>"),
        ("Subject", one.subject),
        *off_switches(relay),
        ("Message-ID", message_id),
        ("Date", format_datetime(date)),
    )
    fields = [encoded(name, value) for name, value in headers]
    lines = b"".join(fields)
    envelope = (bounces or one.sender).spec
    smtputf8 = not lines.isascii() or not (one.to.spec.isascii() and envelope.isascii())
    text = quoted_printable(one.text)
    signature = signer.header(_MIME, fields, body_hash(text), date) if signer else b""
    content = b"".join((signature, lines, *_MIME, b"\r\n", text))
    return Letter(one.id, envelope, one.to.spec, message_id, content, smtputf8, one.subject)
