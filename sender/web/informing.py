"""The privacy notice: for anybody who comes, and behind a link also the version that its person was given.

Nothing else of the person is shown: mails are forwarded, and a link that may stop mails opens no file.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from html import escape
from http import HTTPStatus
from typing import Any

from litestar import Response, route
from litestar.enums import HttpMethod
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from markdown_it import MarkdownIt

from sender.links import OBJECT_PATH, PRIVACY_PATH
from sender.papers import as_fragment
from sender.web.notices import Given, NoticeBoard
from sender.web.objecting import PRIVACY
from sender.web.pages import Page, texts
from sender.web.reception import AnyRequest, Reception, reception_of

__all__ = ["ROUTES"]

_FILE = "notice"

NOTICE = Page(_FILE, "notice", turns=True)
NOT_NOW = Page(_FILE, "not_now", HTTPStatus.SERVICE_UNAVAILABLE)


@route(PRIVACY_PATH, http_method=[HttpMethod.GET, HttpMethod.HEAD])
async def notice(request: AnyRequest) -> Response[str]:
    """What holds today, at an address that may stand in a footer or a form."""
    # Meets: GDPR art. 12(1), 13, 14
    house = reception_of(request)
    house.count(request, house.limits.addresses)
    return await _shown(house, house.speaks(request))


@route(f"{OBJECT_PATH}{{token:str}}/{PRIVACY}", http_method=[HttpMethod.GET, HttpMethod.HEAD])
async def own_notice(request: AnyRequest, token: FromPath[str]) -> Response[str]:
    """The same, below what the person was given when the address was collected."""
    house = reception_of(request)
    target = house.whose(token)
    house.admit(request, target, house.limits.pages)
    given = await _board(house).given(target)
    language = house.speaks(request)  # not the one on file: somebody may have chosen it
    words = texts(_FILE, language)[NOTICE.name]
    return await _shown(house, language, _told(given, words) if given else "", [(f"../{token}", words["stop"])])


ROUTES = (notice, own_notice)


def _board(house: Reception) -> NoticeBoard:
    if house.board is None:
        raise NotFoundException
    return house.board


async def _shown(
    house: Reception, language: str, before: str = "", links: list[tuple[str, str]] | None = None
) -> Response[str]:
    paper = await _board(house).present(language)
    if paper is None:
        return house.answer(NOT_NOW, language)
    return house.answer(NOTICE, language, links=links or (), body=before + as_fragment(paper))


def _told(given: Given, words: Mapping[str, Any]) -> str:
    """The notice of collection as it was, or that there was one."""
    # Meets: GDPR art. 5(2)
    key = "given_words" if given.text is None else "given_once" if given.on is None else "given_on"
    said = escape(words[key].format(version=given.version, date=given.on))
    text = f'<div class="given">\n{_as_html(given.text)}</div>\n' if given.text else ""
    return f"<h2>{escape(words['given'])}</h2>\n<p>{said}</p>\n{text}<p>{escape(words['present'])}</p>\n"


def _as_html(markdown: str) -> str:
    """HTML in the text is shown as text, pictures as their words; its titles stand below those of the page."""
    reader = _reader()
    tokens = reader.parse(markdown)
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(6, int(token.tag[1]) + 2)}"
    return str(reader.renderer.render(tokens, reader.options, {}))


@cache
def _reader() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
