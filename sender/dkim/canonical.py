"""The relaxed form of a body and of a header field: what relays may change on the way without breaking a signature."""

from __future__ import annotations

__all__ = ["ended", "relaxed_body", "relaxed_field", "relaxed_lines"]


def relaxed_lines(lines: bytes) -> bytes:
    """Whole lines, each ended by CRLF, in relaxed form; empty ones at the end are kept, for more may follow."""
    # Meets: RFC 6376 section 3.4.4 (relaxed body)
    return _single(lines).replace(b" \r\n", b"\r\n")


def ended(lines: bytes) -> bytes:
    """Without the empty lines at the end; a body of nothing else is empty."""
    end = len(lines)
    while lines.endswith(b"\r\n\r\n", 0, end):
        end -= 2
    return b"" if lines[:end] == b"\r\n" else lines[:end]


def relaxed_body(body: bytes) -> bytes:
    """A whole body in relaxed form. A last line without its end gets one."""
    return ended(relaxed_lines(body if body.endswith(b"\r\n") or not body else body + b"\r\n"))


def relaxed_field(line: bytes) -> bytes:
    """One header field, folded or not, with its CRLF: as ``name:value`` and CRLF."""
    # Meets: RFC 6376 section 3.4.2 (relaxed header)
    name, _, value = line.partition(b":")
    return name.rstrip(b" \t").lower() + b":" + _single(value.replace(b"\r\n", b"")).strip(b" ") + b"\r\n"


def _single(text: bytes) -> bytes:
    """Every run of blanks is one. A run is halved at each turn, which is quicker than to look for runs."""
    text = text.replace(b"\t", b" ")
    while b"  " in text:
        text = text.replace(b"  ", b" ")
    return text
