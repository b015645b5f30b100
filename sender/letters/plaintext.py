"""The text part made from the HTML part: what a reader without HTML sees, links included."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from inscriptis.model.config import ParserConfig
    from inscriptis.model.html_document_state import HtmlDocumentState

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


@cache
def _config() -> ParserConfig:
    from inscriptis.model.config import ParserConfig
    from inscriptis.model.tag import CustomHtmlTagHandlerMapping

    handlers = CustomHtmlTagHandlerMapping({"a": _open_link}, {"a": _close_link})
    return ParserConfig(custom_html_tag_handler_mapping=handlers)


def said_once(line: str) -> str:
    """A link whose words are its address is written once."""
    return _SAID_TWICE.sub(r"\1", line)


def text_of(html: str, finish: Callable[[str], str] = said_once) -> str:
    """The words of a document, one block a line, each link followed by its address."""
    from inscriptis import get_text

    lines = [finish(line.strip()) for line in get_text(html, _config()).splitlines()]
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip() + "\n"
