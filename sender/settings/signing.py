"""The names under which signing keys are published."""

from __future__ import annotations

import re

from sender.address import AddressError, parse
from sender.settings.complaints import SettingFault

_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"


def parse_domain(text: str) -> str:
    """A signing domain, in ASCII. Raises SettingFault."""
    # Meets: RFC 8616 section 5 (a signature names its domain in ASCII)
    try:
        return parse(f"a@{text}").domain
    except AddressError:
        raise SettingFault("this is no domain", "Nobody could find its key.", "Write it like  eluard.example") from None


def parse_selector(text: str) -> str:
    """A selector, in lower case. Raises SettingFault."""
    # Meets: RFC 6376 section 3.1 (labels of a domain name)
    if not re.fullmatch(rf"{_LABEL}(?:\.{_LABEL})*", text):
        raise SettingFault("this is no selector", "Nobody could find its key.", "Write it like  c2026")
    return text.lower()
