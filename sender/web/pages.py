"""The pages as HTML: one layout, one style sheet, texts in French and English. No script, no cookie, no third party."""

from __future__ import annotations

import tomllib
from base64 import b64encode
from collections.abc import Mapping
from enum import Enum
from functools import cache
from hashlib import sha256
from html import escape
from http import HTTPStatus
from importlib.resources import files
from string import Template
from typing import Any

from sender.model import Address
from sender.web.desk import Person

__all__ = ["LANGUAGES", "SECURITY_HEADERS", "Page", "hint", "language_of", "render"]

LANGUAGES = ("fr", "en")
_HERE = files("sender.web")
_STYLE = (_HERE / "style.css").read_text(encoding="utf-8")
_STYLE_HASH = b64encode(sha256(_STYLE.encode()).digest()).decode()

SECURITY_HEADERS: Mapping[str, str] = {
    "content-security-policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; "
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


class Page(Enum):
    """Every page there is, by its name in the texts, with its status."""

    ASK = ("ask", HTTPStatus.OK)
    DONE = ("done", HTTPStatus.OK)
    NOT_FOUND = ("not_found", HTTPStatus.NOT_FOUND)
    NOT_RECORDED = ("not_recorded", HTTPStatus.SERVICE_UNAVAILABLE)
    REFUSED = ("refused", HTTPStatus.BAD_REQUEST)

    @property
    def status(self) -> HTTPStatus:
        return self.value[1]


def render(page: Page, language: str, person: Person | None = None) -> str:
    """The page in ``language``, which must be one of ``LANGUAGES``."""
    texts = _texts(language)[page.value[0]]
    paragraphs = [_introduction(texts, person), *texts["paragraphs"]] if page is Page.ASK else texts["paragraphs"]
    return _layout().substitute(
        language=language,
        style=_STYLE,
        title=escape(texts["title"]),
        paragraphs="\n".join(f"<p>{escape(text)}</p>" for text in paragraphs),
        form=_form(texts) if page is Page.ASK else "",
    )


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


def _introduction(texts: Mapping[str, Any], person: Person | None) -> str:
    if person is None:
        return str(texts["somebody"])
    return str(texts["known"]).format(sender=person.sender, hint=hint(person.email))


def _form(texts: Mapping[str, Any]) -> str:
    """A form without ``action`` posts to the page's own address, whatever path a proxy has put before it."""
    # Meets: RFC 8058 section 3.1 (the same body as a mail program's)
    return (
        '<form method="post"><input type="hidden" name="List-Unsubscribe" value="One-Click">'
        f'<button type="submit">{escape(texts["button"])}</button></form>'
        f'\n<p class="note">{escape(texts["note"])}</p>'
    )


def _weighed(entry: str) -> tuple[str, float]:
    tag, _, weight = entry.strip().partition(";")
    try:
        return tag[:2].lower(), float(weight.strip().removeprefix("q=") or 1)
    except ValueError:
        return tag[:2].lower(), 0.0


@cache
def _layout() -> Template:
    return Template((_HERE / "layout.html").read_text(encoding="utf-8"))


@cache
def _texts(language: str) -> Mapping[str, Any]:
    return tomllib.loads((_HERE / "texts" / f"{language}.toml").read_text(encoding="utf-8"))
