"""The pages as HTML: one layout, one style sheet, texts in French and English. No script, no cookie, no third party."""

from __future__ import annotations

import tomllib
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from html import escape
from http import HTTPStatus
from importlib.resources import files
from string import Template
from typing import Any

from sender.model import Address
from sender.web.forms import Form, as_html
from sender.web.look import Look

__all__ = ["LANGUAGES", "Page", "hint", "language_of", "render", "security_headers", "texts"]

LANGUAGES = ("fr", "en")
_NAMES = {"fr": "Français", "en": "English"}
_HERE = files("sender.web")
_PAD = 4096  # bytes: a page's length, which encryption does not hide, tells nothing finer


@dataclass(frozen=True, slots=True)
class Page:
    """One page by the name of its file of texts and of its part in it; ``turns``: it is also offered in the others."""

    file: str
    name: str
    status: HTTPStatus = HTTPStatus.OK
    turns: bool = False


def render(
    page: Page,
    language: str,
    look: Look,
    said: Sequence[str] = (),
    forms: Sequence[Form] = (),
    links: Sequence[tuple[str, str]] = (),
    body: str = "",
) -> str:
    """The page in ``language``, one of ``LANGUAGES``: ``said`` before its own paragraphs, ``forms`` after them.

    ``body``: HTML between the two, for what is no paragraph.
    ``links``: where one may go from here, relative to the page's own address, and the words of each.
    """
    own = texts(page.file, language)[page.name]
    html = _layout().substitute(
        language=language,
        style=look.style,
        title=escape(own["title"]),
        header=_header(look),
        paragraphs="\n".join(f"<p>{escape(text)}</p>" for text in (*said, *own["paragraphs"])),
        body=body,
        forms="\n".join((*(as_html(form, language) for form in forms), *_links(links))),
        footer=_footer(language) if page.turns else "",
    )
    return html + _padding(len(html.encode()))


@cache
def texts(file: str, language: str) -> Mapping[str, Any]:
    """One file of texts."""
    return tomllib.loads((_HERE / "texts" / language / f"{file}.toml").read_text(encoding="utf-8"))


def security_headers(look: Look) -> dict[str, str]:
    """What goes on every answer. The style stands in the page and is allowed by its hash."""
    style = b64encode(sha256(look.style.encode()).digest()).decode()
    pictures = "img-src 'self'; " if look.logo else ""
    return {
        "content-security-policy": (
            f"default-src 'none'; style-src 'sha256-{style}'; {pictures}form-action 'self'; "
            "frame-ancestors 'none'; base-uri 'none'"
        ),
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",  # the URL holds the token
        "strict-transport-security": "max-age=31536000",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "x-robots-tag": "noindex, nofollow, noarchive",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "permissions-policy": "browsing-topics=()",
    }


def language_of(accepted: str, otherwise: str) -> str:
    """The first of our languages in an ``Accept-Language`` header, by weight; else ``otherwise``; else French."""
    ours = [(weight, tag) for tag, weight in map(_weighed, accepted[:500].split(",")) if tag in LANGUAGES and weight]
    if ours:
        return max(ours, key=lambda pair: pair[0])[1]
    return otherwise[:2].lower() if otherwise[:2].lower() in LANGUAGES else LANGUAGES[0]


def hint(address: Address) -> str:
    """An address as its owner knows it again and nobody else learns it: ``c•••@e•••.example``."""
    name, _, suffix = address.domain.rpartition(".")
    return f"{address.local[:1]}•••@{name[:1]}•••.{suffix}"


def _header(look: Look) -> str:
    if look.logo:
        return f'<header><img src="{escape(look.root)}/logo" alt="{escape(look.name)}"></header>'
    return f"<header>{escape(look.name)}</header>" if look.name else ""


def _footer(language: str) -> str:
    links = " ".join(
        f'<a href="?language={other}" hreflang="{other}" lang="{other}">{_NAMES[other]}</a>'
        for other in LANGUAGES
        if other != language
    )
    return f"<footer>{links}</footer>"


def _links(links: Sequence[tuple[str, str]]) -> Sequence[str]:
    return [f'<p class="way"><a href="{escape(where)}">{escape(words)}</a></p>' for where, words in links]


def _padding(length: int) -> str:
    """A comment up to the next full length."""
    return f"<!--{' ' * ((-length - 7) % _PAD)}-->"


def _weighed(entry: str) -> tuple[str, float]:
    tag, _, weight = entry.strip().partition(";")
    try:
        return tag[:2].lower(), float(weight.strip().removeprefix("q=") or 1)
    except ValueError:
        return tag[:2].lower(), 0.0


@cache
def _layout() -> Template:
    return Template((_HERE / "layout.html").read_text(encoding="utf-8"))
