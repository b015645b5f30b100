"""A mail that anybody may have written, read without ever failing: headers as text, parts, the words of a person."""

from __future__ import annotations

import re
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from email.policy import compat32

__all__ = ["LARGEST", "content_of", "ids_in", "parsed", "part_of", "text_of", "words_of"]

LARGEST = 1 << 20  # bytes that are looked at: reports stand before the mail that they return
_LONGEST_HEADER = 4000
_MESSAGE_ID = re.compile(r"<[^<>\s@]{1,200}@[^<>\s@]{1,253}>")
_NOT_THEIRS = "head, style, script, blockquote, .gmail_quote, .moz-cite-prefix"  # markup, and the quoted letter


def parsed(raw: bytes) -> Message:
    return message_from_bytes(raw[:LARGEST], policy=compat32)


def text_of(message: Message, name: str) -> str:
    """A header in words, also one that was written in UTF-8 as it stands; what cannot be decoded as it is."""
    found = (str(value) for header, value in message.raw_items() if header.lower() == name.lower())
    value = next(found, "")[:_LONGEST_HEADER].encode("ascii", "surrogateescape").decode("utf-8", "replace")
    try:
        return " ".join(str(make_header(decode_header(value))).split())
    except (ValueError, LookupError):
        return " ".join(value.split())


def ids_in(*texts: str) -> tuple[str, ...]:
    """Message-IDs, the first named first."""
    return tuple(dict.fromkeys(one for text in texts for one in _MESSAGE_ID.findall(text)))


def part_of(message: Message, *kinds: str) -> Message | None:
    """The first part of one of these types."""
    return next((part for part in message.walk() if part.get_content_type() in kinds), None)


def content_of(message: Message, kind: str) -> str:
    """The first part of this type in words, lines ended by LF; nothing where there is none."""
    part = part_of(message, kind)
    return "" if part is None else _decoded(part).replace("\r\n", "\n")


def words_of(message: Message) -> str:
    """What a person wrote: the first text, else the first HTML as it is seen, without the letter that it quotes."""
    for kind in ("text/plain", "text/html"):
        if part := part_of(message, kind):
            content = _decoded(part)
            return content if kind == "text/plain" else _seen(content)
    return ""


def _seen(html: str) -> str:
    from selectolax.lexbor import LexborHTMLParser

    tree = LexborHTMLParser(html)
    for node in tree.css(_NOT_THEIRS):
        node.decompose()
    return tree.text(separator="\n")


def _decoded(part: Message) -> str:
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return ""
    try:
        return content.decode(part.get_content_charset("utf-8"), "replace")
    except LookupError:
        return content.decode("utf-8", "replace")
