"""The text part made from the HTML part: what a reader without HTML sees, links included."""

from __future__ import annotations

import re
from collections.abc import Mapping

from inscriptis import get_text
from inscriptis.model.config import ParserConfig
from inscriptis.model.html_document_state import HtmlDocumentState
from inscriptis.model.tag import CustomHtmlTagHandlerMapping

_VISIBLE = ("http:", "https:", "mailto:", "tel:")
_SAID_TWICE = re.compile(r"(?<!\S)(\S+) <(?:mailto:|tel:)?\1>")
_BLANK_LINES = re.compile(r"\n{3,}")


def _open_link(state: HtmlDocumentState, attributes: Mapping[str, str]) -> None:
    target = attributes.get("href", "").strip()
    state.link_target = target if target.lower().startswith(_VISIBLE) else ""


def _close_link(state: HtmlDocumentState) -> None:
    # RFC 3986 appendix C: angle brackets keep what follows out of the address
    if state.link_target:
        state.tags[-1].write(f" <{state.link_target}>")
        state.link_target = ""


_CONFIG = ParserConfig(
    custom_html_tag_handler_mapping=CustomHtmlTagHandlerMapping({"a": _open_link}, {"a": _close_link}),
)


def text_of(html: str) -> str:
    """The words of a document, one block a line, each link followed by its address."""
    lines = [line.strip() for line in get_text(html, _CONFIG).splitlines()]
    text = _SAID_TWICE.sub(r"\1", "\n".join(lines))
    return _BLANK_LINES.sub("\n\n", text).strip() + "\n"
