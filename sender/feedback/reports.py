"""Reports of machines: delivery status (RFC 3464), complaints (RFC 5965), and bounces of programs older than those."""

from __future__ import annotations

import re
from collections.abc import Sequence
from email import message_from_string
from email.message import Message

from sender.enhanced import NO_SUCH_ADDRESS
from sender.feedback.parts import ids_in, part_of, text_of, words_of
from sender.feedback.returns import Kind, Return

__all__ = ["understood"]

_ENHANCED = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_COPY = re.compile(r"^message-id:\s*(<[^<>\s]{3,450}>)", re.IGNORECASE | re.MULTILINE)
_DAEMON = re.compile(r"mailer-daemon|postmaster|mail delivery (?:sub)?system", re.IGNORECASE)
_COMPLAINTS = frozenset({"abuse", "fraud", "opt-out", "opt-out-list"})


def understood(message: Message) -> Return | None:
    """None where the mail is no report."""
    if part := part_of(message, "message/feedback-report"):
        return _feedback(message, part)
    if part := part_of(message, "message/delivery-status", "message/global-delivery-status"):
        return _delivery_status(message, part)
    return _old_bounce(message) if _is_old_bounce(message) else None


# --- complaints


def _feedback(message: Message, part: Message) -> Return:
    """``not-spam`` and reports on signatures are no complaints."""
    # Meets: RFC 5965 §3.1, §7.3; RFC 6591 (auth-failure), RFC 6430 (not-spam)
    kind = next((block["Feedback-Type"] for block in _blocks(part) if block["Feedback-Type"]), "")
    said = Kind.COMPLAINT if str(kind).strip().lower() in _COMPLAINTS else Kind.OTHER
    return Return(said, message_ids=_returned(message))


# --- delivery status


def _delivery_status(message: Message, part: Message) -> Return:
    """A failure only where every recipient that is named failed: a list behind an address may lose one of its own."""
    # Meets: RFC 3464 §2.3.3, §2.3.4
    recipients = [block for block in _blocks(part) if block["Action"]]
    about = _returned(message)
    failed = [block for block in recipients if _word(block, "Action") == "failed"]
    if not recipients:
        return Return(Kind.OTHER, message_ids=about)
    if len(failed) < len(recipients):
        return Return(Kind.ON_ITS_WAY, message_ids=about)
    statuses = [_status(block) for block in failed]
    hard = all(status in NO_SUCH_ADDRESS for status in statuses)
    return Return(Kind.HARD if hard else Kind.SOFT, message_ids=about, status=statuses[0])


def _status(block: Message) -> str | None:
    """The relay's own words may be more exact than what the reporting server makes of them."""
    # Meets: RFC 3463 §2, RFC 3464 §2.3.6
    said = _ENHANCED.search(_text(block, "Diagnostic-Code"))
    status = _ENHANCED.search(_text(block, "Status"))
    stated = status[1] if status else None
    if said and (stated is None or (stated.endswith(".0.0") and said[1][0] == stated[0])):
        return said[1]
    return stated


# --- reports without a form


def _is_old_bounce(message: Message) -> bool:
    """From a mail system, with a copy of the letter's head in its words."""
    from_system = _DAEMON.search(text_of(message, "From")) is not None
    null_sender = text_of(message, "Return-Path") == "<>"
    return (from_system or null_sender) and bool(_returned(message) or _COPY.search(words_of(message)))


def _old_bounce(message: Message) -> Return:
    """qmail, old Exims, gateways: hard only where a code says so before the copy begins."""
    words = words_of(message)
    copy = _COPY.search(words)
    codes = _ENHANCED.findall(words[: copy.start()] if copy else words)
    about = _returned(message) or ((copy[1],) if copy else ())
    if any(code.startswith("4") for code in codes) and not any(code.startswith("5") for code in codes):
        return Return(Kind.ON_ITS_WAY, message_ids=about, status=codes[0])
    hard = bool(codes) and all(code in NO_SUCH_ADDRESS for code in codes)
    return Return(Kind.HARD if hard else Kind.SOFT, message_ids=about, status=codes[0] if codes else None)


# --- pieces


def _returned(message: Message) -> tuple[str, ...]:
    """The Message-ID of the letter that comes back with the report, whole or its head alone."""
    # Meets: RFC 6522 §3 (third part)
    part = part_of(message, "message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers")
    if part is None:
        return ()
    payload = part.get_payload()
    if isinstance(payload, list) and payload and isinstance(payload[0], Message):
        return ids_in(text_of(payload[0], "Message-ID"))
    found = _COPY.search(payload if isinstance(payload, str) else "")
    return (found[1],) if found else ()


def _blocks(part: Message) -> Sequence[Message]:
    """The groups of fields of a report. Python makes a message of each, or of the first with the rest in it."""
    payload = part.get_payload()
    first = [block for block in payload if isinstance(block, Message)] if isinstance(payload, list) else []
    rest = "\n\n".join(text for one in (*first, part) if isinstance(text := one.get_payload(), str))
    return [*first, *(message_from_string(text) for text in re.split(r"(?:\r?\n){2,}", rest) if text.strip())]


def _word(block: Message, name: str) -> str:
    return _text(block, name).partition("(")[0].strip().lower()


def _text(block: Message, name: str) -> str:
    return " ".join(str(block.get(name, "")).split())
