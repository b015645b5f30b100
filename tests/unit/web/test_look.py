"""The sender's name, logo and colour."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sender.errors import SettingsError
from sender.web import Logo, Look, logo_from
from sender.web.look import luminance
from sender.web.pages import security_headers

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 10


@given(st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}"))
def test_words_on_the_colour_can_be_read(colour: str) -> None:
    """Whatever colour is set, the contrast of the button's words is 4.5 at least (WCAG 2.2 AA)."""
    style = Look(colour=colour).style
    words = "#000000" if "--on-act: #000000" in style else "#ffffff"
    brighter, darker = sorted((luminance(colour), luminance(words)), reverse=True)

    assert (brighter + 0.05) / (darker + 0.05) >= 4.5


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "image/svg+xml"),
        (b"\n<?xml version='1.0'?><svg/>", "image/svg+xml"),
    ],
)
def test_a_picture_is_known_by_its_bytes(tmp_path: Path, content: bytes, kind: str) -> None:
    """Whatever its file is called."""
    file = tmp_path / "logo"
    file.write_bytes(content)

    assert logo_from(file) == Logo(content, kind)


@pytest.mark.parametrize("content", [b"", b"<html>", PNG + b"0" * 200_000, None])
def test_what_is_no_small_picture_is_refused(tmp_path: Path, content: bytes | None) -> None:
    """With the reason, before anything is served."""
    file = tmp_path / "logo"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(SettingsError, match="SC-610"):
        logo_from(file)


def test_pictures_are_allowed_where_there_is_one() -> None:
    """And from here only; the style that stands in the page is allowed by its hash, and no other."""
    with_logo = security_headers(Look(logo=Logo(PNG, "image/png")))["content-security-policy"]
    without = security_headers(Look())["content-security-policy"]

    assert "img-src 'self'" in with_logo
    assert "img-src" not in without
    assert security_headers(Look(colour="#ff0000"))["content-security-policy"] != without
