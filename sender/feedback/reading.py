"""Says what a mail that came back is.

A request to stop comes first: whoever sends the token of their link wants no more mail, whatever else the mail is.
Then what machines report in the forms that standards give, then what machines answer, then what people write.
"""

from __future__ import annotations

import re
from email.message import Message

from sender.feedback import replies, reports
from sender.feedback.parts import ids_in, parsed, text_of
from sender.feedback.returns import Kind, Return
from sender.links import TOKEN

__all__ = ["understood"]


def understood(raw: bytes) -> Return:
    """What the mail says. Never raises, whatever the bytes are."""
    message = parsed(raw)
    if tokens := _tokens(message):
        return Return(Kind.UNSUBSCRIBE, tokens=tokens)
    return reports.understood(message) or replies.understood(message) or Return(Kind.OTHER, message_ids=_about(message))


def _tokens(message: Message) -> tuple[str, ...]:
    """In the subject, where our links put them: an answer that quotes a letter holds its token too, further down."""
    # Meets: RFC 6068 (what a mailto link's subject becomes), RFC 2369 §3.2
    return tuple(dict.fromkeys(re.findall(TOKEN, re.sub(r"\s+", " ", text_of(message, "Subject")))))


def _about(message: Message) -> tuple[str, ...]:
    return ids_in(text_of(message, "In-Reply-To"), text_of(message, "References"))
