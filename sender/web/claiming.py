"""My data: from the link of any mail a letter is asked for, and behind the letter's link stands what is held.

Mails are forwarded, so whoever holds one sees nothing: the letter goes to the address on file. Its own link shows a
page with buttons and no datum, because scanners follow it; only who presses one sees anything, or changes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from litestar import Response, post, route
from litestar.enums import HttpMethod
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, RawBody

from sender.links import DATA_PATH, OBJECT_PATH, LinkTarget
from sender.web.claims import DataDesk, Done
from sender.web.forms import Form
from sender.web.objecting import DATA, afterthought, spoken
from sender.web.pages import Page, hint, texts
from sender.web.reception import AnyRequest, Reception, reception_of

__all__ = ["ROUTES"]

_FILE = "data"
_ASK = f"{OBJECT_PATH}{{token:str}}/{DATA}"
_MINE = f"{DATA_PATH}{{token:str}}"
_SEE, _DOWNLOAD = "see", "download"
_ARCHIVE = "my-data.zip"

ASK = Page(_FILE, "ask", turns=True)
SENT = Page(_FILE, "sent")
MINE = Page(_FILE, "mine", turns=True)
SEEN = Page(_FILE, "seen")
RESULTS = {
    Done.GONE: Page(_FILE, "gone", HTTPStatus.GONE),
    Done.NOT_NOW: Page(_FILE, "not_now", HTTPStatus.SERVICE_UNAVAILABLE),
}


@route(_ASK, http_method=[HttpMethod.GET, HttpMethod.HEAD])
async def ask(request: AnyRequest, token: FromPath[str]) -> Response[str]:
    """The page with the button. Changes nothing, and asks nobody who this is."""
    house, _ = _open(request)
    house.admit(request, house.whose(token), house.limits.pages)
    language = house.speaks(request)
    return house.answer(ASK, language, forms=[Form(texts(_FILE, language)["ask"]["button"], {})])


@post(_ASK, status_code=HTTPStatus.OK)
async def send(request: AnyRequest, token: FromPath[str], body: RawBody) -> Response[str]:
    """The letter goes out afterwards, if there is anybody to get it. The answer is always the same."""
    house, desk = _open(request)
    house, target, language = afterthought(request, token, body)
    house.count(request, house.limits.newcomers)
    if not await desk.ask(target, language, house.proxies.client(request)):
        return house.answer(RESULTS[Done.NOT_NOW], language)
    return house.answer(SENT, language)


@route(_MINE, http_method=[HttpMethod.GET, HttpMethod.HEAD])
async def look(request: AnyRequest, token: FromPath[str]) -> Response[str]:
    """The page with the buttons. Changes nothing and shows nothing: scanners follow every link of a mail."""
    house, desk = _open(request)
    target = _named(desk, token)
    house.admit(request, target, house.limits.pages)
    found = await desk.look(target)
    if isinstance(found, Done):
        return house.answer(RESULTS[found], house.speaks(request))
    language = house.speaks(request, found.language)
    words = texts(_FILE, language)["mine"]
    return house.answer(MINE, language, [words["known"].format(hint=hint(found.email))], _buttons(words, token))


@post(f"{_MINE}/{_SEE}", status_code=HTTPStatus.OK)
async def see(request: AnyRequest, token: FromPath[str], body: RawBody) -> Response[str]:
    """All that is held, on one page."""
    # Meets: GDPR art. 15(1), 15(3)
    house, desk, target, language = _pressed(request, token, body)
    found = await desk.see(target, language)
    if isinstance(found, Done):
        return house.answer(RESULTS[found], language)
    return house.answer(SEEN, language, links=_back(token, language), body=found)


@post(f"{_MINE}/{_DOWNLOAD}", status_code=HTTPStatus.OK)
async def download(request: AnyRequest, token: FromPath[str], body: RawBody) -> Response[Any]:
    """The same to keep: one file, JSON for machines and HTML for people."""
    # Meets: GDPR art. 15(3), 20(1)
    house, desk, target, language = _pressed(request, token, body)
    found = await desk.download(target, language)
    if isinstance(found, Done):
        return house.answer(RESULTS[found], language)
    as_file = {"content-disposition": f'attachment; filename="{_ARCHIVE}"'}
    return Response(found, media_type="application/zip", headers=as_file)


ROUTES = (ask, send, look, see, download)


def _buttons(words: Mapping[str, Any], token: str) -> list[Form]:
    """One form each; they are posted below the page's own address, which ends in the token."""
    return [Form(words[step], {}, f"{token}/{step}", quiet=step != _SEE) for step in (_SEE, _DOWNLOAD)]


def _back(token: str, language: str) -> list[tuple[str, str]]:
    return [(f"../{token}", texts(_FILE, language)["mine"]["back"])]


def _pressed(request: AnyRequest, token: str, body: bytes) -> tuple[Reception, DataDesk, LinkTarget, str]:
    """Whose button it was, and in which language to answer; refused where there were too many."""
    house, desk = _open(request)
    target = _named(desk, token)
    house.admit(request, target, house.limits.confirmations)
    return house, desk, target, spoken(house, request, body)


def _open(request: AnyRequest) -> tuple[Reception, DataDesk]:
    """Where no letter can be sent, there is no such page."""
    house = reception_of(request)
    if house.data is None:
        raise NotFoundException
    return house, house.data


def _named(desk: DataDesk, token: str) -> LinkTarget:
    target = desk.whose(token)
    if target is None:
        raise NotFoundException
    return target
