"""What the pages look like: the sender's name, logo and colour on one plain layout."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path

from sender.errors import SettingsError

__all__ = ["COMPLAINTS", "Logo", "Look", "logo_from"]

COMPLAINTS = {
    "SC-610": "The logo of the pages cannot be used",
}

_LARGEST_LOGO = 200_000  # bytes; it travels with every first page
_KINDS = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"RIFF", "image/webp"),
    (b"GIF8", "image/gif"),
    (b"<svg", "image/svg+xml"),
    (b"<?xml", "image/svg+xml"),
)
_STYLE = files("sender.web").joinpath("style.css").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Logo:
    """A picture that the pages serve themselves: no third party sees who reads them."""

    content: bytes
    media_type: str


@dataclass(frozen=True)
class Look:
    """``colour``: ``#rrggbb``, of the buttons. ``root``: the path under which a proxy shows the pages, if any."""

    name: str = ""
    logo: Logo | None = None
    colour: str = "#14459c"
    root: str = ""

    @cached_property
    def style(self) -> str:
        """The style sheet. What stands on the colour is black or white, whichever is read better on it."""
        # Meets: WCAG 2.2 1.4.3 (one of the two has a contrast of 4.5 at least with any colour)
        on_colour = "#000000" if luminance(self.colour) > 0.179 else "#ffffff"
        return f":root {{ --act: {self.colour}; --on-act: {on_colour}; }}\n{_STYLE}"


def luminance(colour: str) -> float:
    """How bright ``#rrggbb`` is, from 0 to 1."""
    # Meets: WCAG 2.2, relative luminance
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def logo_from(file: Path) -> Logo:
    """Raises SettingsError for what is no picture, or a large one."""
    try:
        with file.open("rb") as picture:
            content = picture.read(_LARGEST_LOGO + 1)
    except OSError as problem:
        raise _unusable(file, f"The system says: {problem.strerror}.") from problem
    kind = next((kind for begins, kind in _KINDS if content.lstrip()[: len(begins)] == begins), None)
    if kind is None:
        raise _unusable(file, "It is no PNG, JPEG, WebP, GIF or SVG.")
    if len(content) > _LARGEST_LOGO:
        raise _unusable(file, f"It is larger than {_LARGEST_LOGO // 1000} kB, and people read these pages on the road.")
    return Logo(content, kind)


def _unusable(file: Path, why: str) -> SettingsError:
    error = SettingsError.of(
        "SC-610", f"{COMPLAINTS['SC-610']}: {file}", why=why, todo="Set pages_logo to a small picture, or leave it out."
    )
    assert isinstance(error, SettingsError)  # noqa: S101 - for the type checker
    return error
