"""What a receiver finds of our signatures on a mail that came back."""

from __future__ import annotations

from datetime import UTC, datetime

import dkim
import pytest

from sender.dkim import Broken, Identity, Signer, body_hash, broken, make_key, record_text

KEYS = {kind: make_key(kind) for kind in ("rsa", "ed25519")}
IDENTITIES = tuple(Identity(key, "eluard.example", f"s-{kind}") for kind, key in KEYS.items())
FIELDS = (
    b"From: =?utf-8?q?=C3=89luard?= <a@eluard.example>\r\n",
    b"To: anne@cabinet.example\r\n",
    b"Subject: Vos  fichiers\r\n sont-ils en ordre ?\r\n",
    b"List-Unsubscribe: <https://stop.eluard.example/x>\r\n",
)
BODY = b"Bonjour,\r\n\r\nvoici  un texte.  \r\n\r\n\r\n"


def signed(body: bytes = BODY) -> bytes:
    when = datetime(2026, 11, 27, tzinfo=UTC)
    lines = Signer(IDENTITIES).header((), FIELDS, body_hash(body), when)
    return lines + b"".join(FIELDS) + b"\r\n" + body


@pytest.mark.parametrize("one", IDENTITIES, ids=KEYS)
def test_what_relays_may_do_breaks_nothing(one: Identity) -> None:
    """Trace fields above, line ends of a Maildir, blanks and folds that are written otherwise; dkimpy agrees."""
    mail = b"Received: from a by b;\r\n\tFri, 27 Nov 2026 10:00:00 +0000\r\nX-Spam: no\r\n" + signed()
    rewritten = mail.replace(b"Vos  fichiers\r\n sont-ils", b"Vos fichiers sont-ils").replace(
        b"texte.  \r\n", b"texte.\r\n"
    )
    published = record_text(one.key).encode()

    for each in (mail, mail.replace(b"\r\n", b"\n"), rewritten, mail.removesuffix(b"\r\n")):
        assert broken(one, each) is None
    verifier = dkim.DKIM(rewritten)
    index = IDENTITIES.index(one)
    assert verifier.verify(idx=index, dnsfunc=lambda *_args, **_more: published)


@pytest.mark.parametrize("one", IDENTITIES, ids=KEYS)
@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        (b"voici", b"voila", Broken.BODY),
        (b"ordre ?", b"ordre !", Broken.FIELDS),
        (b"To: anne@", b"To: emma@", Broken.FIELDS),
        (b"List-Unsubscribe: <https://stop.eluard", b"List-Unsubscribe: <https://track.relay", Broken.FIELDS),
        (b"Subject:", b"Subject: twice\r\nSubject:", Broken.FIELDS),
        (b"\r\n\r\nBonjour", b"\r\nReply-To: <x@y.example>\r\n\r\nBonjour", Broken.FIELDS),
        (b"DKIM-Signature", b"X-Old-Signature", Broken.MISSING),
        (b"d=eluard.example", b"d=relay.example", Broken.MISSING),
        (b"b=", b"b=AAAA", Broken.FIELDS),
        (b"\tb=", b"\tb=???", Broken.FIELDS),
        (b"; c=relaxed", b"; c; c=relaxed", Broken.MISSING),
        (b"bh=", b"bx=", Broken.BODY),
    ],
)
def test_what_was_changed_is_told(one: Identity, old: bytes, new: bytes, what: Broken) -> None:
    """In the body, in what is signed, by fields that were put in; a signature that is gone or no signature any more."""
    mail = signed()
    assert old in mail
    assert broken(one, mail.replace(old, new)) is what


@pytest.mark.parametrize(
    "mail", [b"", b"\n", b"no mail", b"DKIM-Signature:\n\n", b"DKIM-Signature: ;;;\n\n\xff", b"\xff" * 99]
)
def test_what_is_no_mail_has_no_signature(mail: bytes) -> None:
    assert broken(IDENTITIES[0], mail) is Broken.MISSING
