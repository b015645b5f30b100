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

from sender.links import DATA_PATH, OBJECT_PATH
from sender.web.claims import Claim, DataDesk, Done, Opened, Settled
from sender.web.forms import Form, Group, Line, with_errors
from sender.web.objecting import DATA, afterthought, spoken
from sender.web.pages import Page, hint, texts
from sender.web.reception import AnyRequest, Reception, fields_of, reception_of

__all__ = ["ROUTES"]

_FILE = "data"
_ASK = f"{OBJECT_PATH}{{token:str}}/{DATA}"
_MINE = f"{DATA_PATH}{{token:str}}"
_SEE, _DOWNLOAD, _FIELDS = "see", "download", "fields"
_SURE, _SHOWN, _NEW = "sure", "shown", "new_"
_FILLS = {
    "first_name": "given-name",
    "last_name": "family-name",
    "title": "organization-title",
    "company": "organization",
    "legal_form": "off",
    "country": "country",
    "language": "language",
}
"""What browsers fill the fields with."""

_ARCHIVE = "my-data.zip"

ASK = Page(_FILE, "ask", turns=True)
SENT = Page(_FILE, "sent")
MINE = Page(_FILE, "mine", turns=True)
SEEN = Page(_FILE, "seen")
FIELDS = Page(_FILE, "fields")
AGAIN = Page(_FILE, "again", HTTPStatus.UNPROCESSABLE_ENTITY)
NOT_SURE = Page(_FILE, "not_sure", HTTPStatus.UNPROCESSABLE_ENTITY)
DONE = {
    Claim.CORRECT: Page(_FILE, "corrected"),
    Claim.RESTRICT: Page(_FILE, "restricted"),
    Claim.OBJECT: Page(_FILE, "stopped"),
    Claim.DELETE: Page(_FILE, "deleted"),
}
RESULTS = {
    Done.OPEN: Page(_FILE, "open", HTTPStatus.ACCEPTED),
    Done.PARTLY: Page(_FILE, "partly"),
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
    house.meters.data.labels("asked").inc()
    return house.answer(SENT, language)


@route(_MINE, http_method=[HttpMethod.GET, HttpMethod.HEAD])
async def look(request: AnyRequest, token: FromPath[str]) -> Response[str]:
    """The page with the buttons. Changes nothing and shows nothing: scanners follow every link of a mail."""
    house, desk = _open(request)
    letter = _named(desk, token)
    house.admit(request, letter.target, house.limits.pages)
    found = await desk.look(letter)
    if isinstance(found, Done):
        return house.answer(RESULTS[found], house.speaks(request))
    language = house.speaks(request, found.language)
    words = texts(_FILE, language)["mine"]
    return house.answer(MINE, language, [words["known"].format(hint=hint(found.email))], _buttons(words, token))


@post(f"{_MINE}/{_SEE}", status_code=HTTPStatus.OK)
async def see(request: AnyRequest, token: FromPath[str], body: RawBody) -> Response[str]:
    """All that is held, on one page."""
    # Meets: GDPR art. 15(1), 15(3)
    house, desk, letter, language = _pressed(request, token, body)
    found = await desk.see(letter, language)
    if isinstance(found, Done):
        return house.answer(RESULTS[found], language)
    house.meters.data.labels(_SEE).inc()
    return house.answer(SEEN, language, links=_back(token, language), body=found)


@post(f"{_MINE}/{_DOWNLOAD}", status_code=HTTPStatus.OK)
async def download(request: AnyRequest, token: FromPath[str], body: RawBody) -> Response[Any]:
    """The same to keep: one file, JSON for machines and HTML for people."""
    # Meets: GDPR art. 15(3), 20(1)
    house, desk, letter, language = _pressed(request, token, body)
    found = await desk.download(letter, language)
    if isinstance(found, Done):
        return house.answer(RESULTS[found], language)
    as_file = {"content-disposition": f'attachment; filename="{_ARCHIVE}"'}
    house.meters.data.labels(_DOWNLOAD).inc()
    return Response(found, media_type="application/zip", headers=as_file)


@post(f"{_MINE}/{_FIELDS}", status_code=HTTPStatus.OK)
async def fields(request: AnyRequest, token: FromPath[str], body: RawBody) -> Response[str]:
    """The fields that may be corrected, filled in with what stands there."""
    house, desk, letter, language = _pressed(request, token, body)
    found = await desk.look(letter)
    if isinstance(found, Done):
        return house.answer(RESULTS[found], language)
    return house.answer(FIELDS, language, forms=[_fields(language, found.fields)], links=_back(token, language))


@post(f"{_MINE}/{Claim.CORRECT.value}", status_code=HTTPStatus.OK)
async def correct(request: AnyRequest, token: FromPath[str], body: RawBody) -> Response[str]:
    """An emptied field takes away what stood there, so nothing is taken that does not come from the form."""
    # Meets: GDPR art. 16
    house, desk, letter, language = _pressed(request, token, body)
    typed = fields_of(body)
    if _SHOWN not in typed:
        return house.answer(AGAIN, language, links=_back(token, language))
    said = {name: " ".join(typed.get(_NEW + name, "").split()) for name in _FILLS}
    settled = await desk.settle(letter, Claim.CORRECT, said)
    if settled.done is not Done.UNCLEAR:
        return _told(house, Claim.CORRECT, settled, token, language)
    wrong = {_NEW + name: texts(_FILE, language)["again"]["error"] for name in settled.unclear}
    form = with_errors(_fields(language, said), wrong)
    return house.answer(AGAIN, language, forms=[form], links=_back(token, language))


@post(f"{_MINE}/{Claim.RESTRICT.value}", status_code=HTTPStatus.OK)
async def restrict(request: AnyRequest, token: FromPath[str], body: RawBody) -> Response[str]:
    """Keep what is held, and do not use it."""
    # Meets: GDPR art. 18(1)
    return await _settled(request, token, body, Claim.RESTRICT)


@post(f"{_MINE}/{Claim.OBJECT.value}", status_code=HTTPStatus.OK)
async def object_(request: AnyRequest, token: FromPath[str], body: RawBody) -> Response[str]:
    """No more mail, as from the link of any mail."""
    # Meets: GDPR art. 21(2)
    answer = await _settled(request, token, body, Claim.OBJECT)
    reception_of(request).desk.heard()
    return answer


@post(f"{_MINE}/{Claim.DELETE.value}", status_code=HTTPStatus.OK)
async def delete(request: AnyRequest, token: FromPath[str], body: RawBody) -> Response[str]:
    """For good, so a box beside the button says that one means it. The link is worth nothing afterwards."""
    # Meets: GDPR art. 17(1), WCAG 2.2 3.3.4 (what cannot be undone is confirmed)
    if _SURE in fields_of(body):
        return await _settled(request, token, body, Claim.DELETE)
    house, _, _, language = _pressed(request, token, body)
    words = texts(_FILE, language)
    form = with_errors(_deletion(words["mine"], Claim.DELETE.value), {_SURE: words["not_sure"]["error"]})
    return house.answer(NOT_SURE, language, forms=[form], links=_back(token, language))


ROUTES = (ask, send, look, see, download, fields, correct, restrict, object_, delete)


async def _settled(request: AnyRequest, token: str, body: bytes, claim: Claim) -> Response[str]:
    house, desk, letter, language = _pressed(request, token, body)
    return _told(house, claim, await desk.settle(letter, claim), token, language)


def _told(house: Reception, claim: Claim, settled: Settled, token: str, language: str) -> Response[str]:
    """What was done, or by when it will be."""
    house.meters.data.labels(f"{claim.value}_{settled.done.value}").inc()
    page = DONE[claim] if settled.done is Done.YES else RESULTS[settled.done]
    due = [texts(_FILE, language)["mine"]["due"].format(due=settled.due_on)] if settled.due_on else []
    ways = _back(token, language) if settled.done is Done.YES and claim is not Claim.DELETE else []
    return house.answer(page, language, due, links=ways)


def _buttons(words: Mapping[str, Any], token: str) -> list[Form]:
    """One form each; they are posted below the page's own address, which ends in the token."""
    noted = (Claim.RESTRICT.value, Claim.OBJECT.value)
    return [
        *(Form(words[step], {}, f"{token}/{step}", quiet=step != _SEE) for step in (_SEE, _DOWNLOAD, _FIELDS)),
        *(Form(words[step], {}, f"{token}/{step}", note=words[f"{step}_note"], quiet=True) for step in noted),
        _deletion(words, f"{token}/{Claim.DELETE.value}"),
    ]


def _deletion(words: Mapping[str, Any], action: str) -> Form:
    sure = Group(_SURE, words["delete_note"], {"yes": words["sure"]}, "checkbox", required=True)
    return Form(words[Claim.DELETE.value], {}, action, [sure], quiet=True)


def _fields(language: str, stands: Mapping[str, str]) -> Form:
    words = texts(_FILE, language)
    labels = words["labels"]
    lines = [Line(_NEW + name, labels[_NEW + name], fills=fills, value=stands[name]) for name, fills in _FILLS.items()]
    return Form(words["fields"]["button"], {_SHOWN: "yes"}, Claim.CORRECT.value, lines)


def _back(token: str, language: str) -> list[tuple[str, str]]:
    return [(f"../{token}", texts(_FILE, language)["mine"]["back"])]


def _pressed(request: AnyRequest, token: str, body: bytes) -> tuple[Reception, DataDesk, Opened, str]:
    """Whose button it was, and in which language to answer; refused where there were too many."""
    house, desk = _open(request)
    letter = _named(desk, token)
    house.admit(request, letter.target, house.limits.confirmations)
    return house, desk, letter, spoken(house, request, body)


def _open(request: AnyRequest) -> tuple[Reception, DataDesk]:
    """Where no letter can be sent, there is no such page."""
    house = reception_of(request)
    if house.data is None:
        raise NotFoundException
    return house, house.data


def _named(desk: DataDesk, token: str) -> Opened:
    letter = desk.whose(token)
    if letter is None:
        raise NotFoundException
    return letter
