"""Where the spam filter is."""

from __future__ import annotations

import pytest

from sender.settings import SettingFault
from sender.settings.scanner import parse_scanner


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("spamd://127.0.0.1", "spamd://127.0.0.1:783"),
        ("rspamd://filter.eluard.example:8080/", "rspamd://filter.eluard.example:8080"),
        ("rspamd://[::1]", "rspamd://[::1]:11333"),
    ],
)
def test_a_filter_is_named(text: str, shown: str) -> None:
    """With its usual port where none is given."""
    assert str(parse_scanner(text)) == shown
    assert parse_scanner(parse_scanner(text)) == parse_scanner(text)


@pytest.mark.parametrize(
    "text", ["", "127.0.0.1", "http://x", "spamd://", "spamd://u@x", "spamd://x/y", "spamd://x:0", "spamd://x:y"]
)
def test_what_names_none(text: str) -> None:
    """A mistyped one is said, not passed over."""
    with pytest.raises(SettingFault, match="names no spam filter"):
        parse_scanner(text)
