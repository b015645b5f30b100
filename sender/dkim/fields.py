"""Which header fields a signature names, and why; ``docs/reference/dkim.md`` is made from this table.

A field that is *sealed* is named once more than it is there (RFC 6376 section 8.15), so that nobody can add another one
without breaking the signature. Not named are fields that a relay takes out or writes itself (``X-Mailgun-Track``,
``Received``, ``Return-Path``), and unknown ones of a campaign's own, which a relay may rewrite.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["FIELDS", "SignedField"]

_AUTHORS = "RFC 6376 section 5.4.1: originator, date, subject, reply and recipient fields"
_MIME = "RFC 6376 section 5.4.1: how the body is read"
_LISTS = "RFC 6376 section 5.4.1: List-* fields"


@dataclass(frozen=True, slots=True)
class SignedField:
    """``name`` in lower case. ``sealed``: named once more than it is there. ``source``: who asks for it."""

    name: str
    sealed: bool
    source: str


FIELDS: tuple[SignedField, ...] = (
    # Meets: RFC 6376 section 5.4 (From must be signed, and what the reader sees should be)
    SignedField("from", True, "RFC 6376 section 5.4: must be signed; 8.15: a second one would be shown"),
    SignedField("sender", False, f"{_AUTHORS}; not sealed, for some relays add one"),
    SignedField("reply-to", True, _AUTHORS),
    SignedField("to", True, _AUTHORS),
    SignedField("cc", True, _AUTHORS),
    SignedField("subject", True, _AUTHORS),
    SignedField("date", True, _AUTHORS),
    SignedField("message-id", True, "RFC 6376 section 5.4.1; a letter is told from its copies by it"),
    SignedField("mime-version", True, _MIME),
    SignedField("content-type", True, f"{_MIME}; another one would show another body"),
    SignedField("content-transfer-encoding", False, f"{_MIME}; a relay that changes it breaks the body's hash anyway"),
    SignedField("list-id", False, _LISTS),
    # Meets: RFC 8058 section 4 (a valid signature covers both headers), C2
    SignedField("list-unsubscribe", True, "RFC 8058 section 4: must be covered"),
    SignedField("list-unsubscribe-post", True, "RFC 8058 section 4: must be covered"),
    SignedField("list-help", False, _LISTS),
    SignedField("list-owner", False, _LISTS),
    SignedField("list-archive", False, _LISTS),
    SignedField("list-subscribe", False, _LISTS),
    SignedField("list-post", False, _LISTS),
    SignedField("feedback-id", False, "Gmail: only a signed one is counted"),
    SignedField("cfbl-address", False, "RFC 9477 section 3.1.4: must be covered"),
    SignedField("cfbl-feedback-id", False, "RFC 9477 section 3.1.4: must be covered"),
    SignedField("auto-submitted", False, "RFC 3834 section 5: what a machine wrote says so"),
)
