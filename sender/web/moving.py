"""Another address: from the link of any mail one is asked for, from the mailbox of the new one it is confirmed.

Whoever holds a forwarded link can ask, and gets nothing by it: the address of today is told at once, with a button that
keeps it, and only who reads the new mailbox can confirm.
"""

from __future__ import annotations

from http import HTTPStatus

from litestar import Response, post, route
from litestar.enums import HttpMethod
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, RawBody

from sender.address import AddressError, parse
from sender.links import ADDRESS_PATH, OBJECT_PATH
from sender.web.clerk import Moved, MovingDesk
from sender.web.forms import Form, Line, with_errors
from sender.web.objecting import ADDRESS, afterthought, spoken
from sender.web.pages import Page, hint, texts
from sender.web.reception import AnyRequest, Reception, fields_of, reception_of

__all__ = ["ROUTES"]

_FILE = "address"
_ASK = f"{OBJECT_PATH}{{token:str}}/{ADDRESS}"
_CONFIRM = f"{ADDRESS_PATH}{{token:str}}"
_EMAIL = "email"

ASK = Page(_FILE, "ask", turns=True)
AGAIN = Page(_FILE, "again", HTTPStatus.UNPROCESSABLE_ENTITY)
SENT = Page(_FILE, "sent")
CONFIRM = Page(_FILE, "confirm", turns=True)
KEEP = Page(_FILE, "keep", turns=True)
RESULTS = {
    Moved.YES: Page(_FILE, "done"),
    Moved.KEPT: Page(_FILE, "kept"),
    Moved.NOT_POSSIBLE: Page(_FILE, "not_possible", HTTPStatus.CONFLICT),
    Moved.GONE: Page(_FILE, "gone", HTTPStatus.GONE),
    Moved.NOT_NOW: Page(_FILE, "not_now", HTTPStatus.SERVICE_UNAVAILABLE),
}


@route(_ASK, http_method=[HttpMethod.GET, HttpMethod.HEAD])
async def ask(request: AnyRequest, token: FromPath[str]) -> Response[str]:
    """The form, empty."""
    house, _ = _open(request)
    house.admit(request, house.whose(token), house.limits.pages)
    language = house.speaks(request)
    return house.answer(ASK, language, forms=[_form(language)])


@post(_ASK, status_code=HTTPStatus.OK)
async def send(request: AnyRequest, token: FromPath[str], body: RawBody) -> Response[str]:
    """Two letters go out afterwards: to the new address, and to the one of today. The answer is always the same."""
    house, desk = _open(request)
    house, target, language = afterthought(request, token, body)
    try:
        address = parse(fields_of(body).get(_EMAIL, "").strip()[:255])
    except AddressError:
        wrong = with_errors(_form(language), {_EMAIL: texts("opt_in", language)["again"]["error"]})
        return house.answer(AGAIN, language, forms=[wrong])
    if not await desk.ask(target, address, language, house.proxies.client(request)):
        return house.answer(RESULTS[Moved.NOT_NOW], language)
    return house.answer(SENT, language)


@route(_CONFIRM, http_method=[HttpMethod.GET, HttpMethod.HEAD])
async def look(request: AnyRequest, token: FromPath[str]) -> Response[str]:
    """The page with the button. Changes nothing: scanners follow every link of a mail."""
    house, desk = _open(request)
    target = house.answered_by(token)
    house.admit(request, target, house.limits.pages)
    found = await desk.look(target)
    if isinstance(found, Moved):
        return house.answer(RESULTS[found], house.speaks(request))
    language = house.speaks(request, found.language)
    page = CONFIRM if found.new else KEEP
    words = texts(_FILE, language)[page.name]
    return house.answer(page, language, [words["known"].format(hint=hint(found.email))], [Form(words["button"], {})])


@post(_CONFIRM, status_code=HTTPStatus.OK)
async def confirm(request: AnyRequest, token: FromPath[str], body: RawBody) -> Response[str]:
    """Carry out what the letter was about: move, or keep the address of before."""
    # Meets: GDPR art. 16
    house, desk = _open(request)
    target = house.answered_by(token)
    house.admit(request, target, house.limits.confirmations)
    return house.answer(RESULTS[await desk.settle(target)], spoken(house, request, body))


ROUTES = (ask, send, look, confirm)


def _form(language: str) -> Form:
    words = texts(_FILE, language)["ask"]
    return Form(words["button"], {}, fields=(Line(_EMAIL, words["email"], "email", fills="email", required=True),))


def _open(request: AnyRequest) -> tuple[Reception, MovingDesk]:
    """Where no letter can be sent, there is no such page."""
    house = reception_of(request)
    if house.moving is None:
        raise NotFoundException
    return house, house.moving
