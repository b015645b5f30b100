"""Images beside a template: found in its source, read once, shown inline by ``cid:``.

Remote images stay as they are, so that the tracking gate sees and refuses them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from html import unescape
from pathlib import Path

from sender.errors import Complaint, Place

_IMG = re.compile(r"""(<img\b[^>]*?\ssrc\s*=\s*)(["'])(.*?)\2""", re.IGNORECASE | re.DOTALL)
_ELSEWHERE = re.compile(r"(?:[a-z][a-z0-9+.-]*:|//|#|$)", re.IGNORECASE)
_COMPUTED = re.compile(r"\{[{%]")
_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
)


@dataclass(frozen=True, slots=True)
class Image:
    """One inline image. ``cid`` depends on the picture only: it is the same in every letter."""

    source: str  # as the template names it
    path: Path
    cid: str
    subtype: str
    data: bytes


def image_sources(source: str) -> Iterator[tuple[str, int]]:
    """Each local image a template names, with its line; comments of the template left out."""
    visible = re.sub(r"\{#.*?#\}", lambda comment: "\n" * comment[0].count("\n"), source, flags=re.DOTALL)
    for match in _IMG.finditer(visible):
        name = unescape(match[3]).strip()
        if not _ELSEWHERE.match(name):
            yield name, visible.count("\n", 0, match.start(3)) + 1


def load_image(name: str, folders: Iterable[Path], domain: str, place: Place) -> Image | Complaint:
    """The image from the first folder that has it, or what is wrong with it."""
    if _COMPUTED.search(name):
        todo = "Write the file's name; to show one of several images, put the condition around the whole <img>."
        return Complaint("SC-411", "the name of an image is computed", "Letters may not differ so.", todo, place)
    for folder in folders:
        path = folder / name
        if not path.is_file():
            continue
        if not path.resolve().is_relative_to(folder.resolve()):
            why = "Only what lies beside a template goes out with it."
            return Complaint("SC-412", f"{name} lies outside {folder}", why, "Copy it beside the template.", place)
        return _read(name, path, domain, place)
    why = "The reader would see a broken image."
    return Complaint("SC-410", f"the image {name} is not there", why, "Put it beside the template.", place)


def _read(name: str, path: Path, domain: str, place: Place) -> Image | Complaint:
    data = path.read_bytes()
    subtype = sniff(data)
    if subtype is None:
        what, why = f"{name} is no PNG, JPEG, GIF or WebP", "Mail programs show no other kinds."
        return Complaint("SC-413", what, why, "Convert it, for example to PNG.", place)
    return Image(name, path, f"{sha256(data).hexdigest()[:16]}@{domain}", subtype, data)


def sniff(data: bytes) -> str | None:
    """The kind of image its first bytes say it is; a name may lie."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    return next((kind for signature, kind in _SIGNATURES if data.startswith(signature)), None)


def inline_images(html: str, images: Mapping[str, Image]) -> str:
    """The HTML with local images pointing at the parts that carry them."""

    def point(match: re.Match[str]) -> str:
        image = images.get(unescape(match[3]).strip())
        return f"{match[1]}{match[2]}cid:{image.cid}{match[2]}" if image else match[0]

    return _IMG.sub(point, html) if images else html
