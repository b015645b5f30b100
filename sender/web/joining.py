"""Opting in: a form, a letter to the address that was typed, a page with a button behind its link, one POST.

Whatever address is typed, the answer is the same, and so is the work that is done before it: nobody finds out who is
known. The link of the letter is followed by scanners, too; only its page's button confirms.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from litestar import Response, post, route
from litestar.enums import HttpMethod
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, RawBody

from sender.address import AddressError, parse
from sender.links import OPT_IN_PATH
from sender.web.clerk import Asked, Confirmed, JoiningDesk
from sender.web.forms import Form, Group, Line, with_errors
from sender.web.objecting import PRIVACY, spoken
from sender.web.offer import Offer
from sender.web.pages import Page, hint, texts
from sender.web.reception import AnyRequest, Reception, all_of, fields_of, reception_of

__all__ = ["FIELDS", "ROUTES", "form_of"]

_FILE = "opt_in"
_CONFIRM = f"{OPT_IN_PATH}/{{token:str}}"
_EMAIL, _TOPICS, _TRACKING, _WORDS, _TRAP = "email", "topics", "tracking", "wording", "website"
FIELDS = (_EMAIL, _TOPICS, _TRACKING, _WORDS, _TRAP, "language")
_LONGEST = 254  # Meets: RFC 5321 section 4.5.3.1.3

ASK = Page(_FILE, "ask", turns=True)
AGAIN = Page(_FILE, "again", HTTPStatus.UNPROCESSABLE_ENTITY)
CHANGED = Page(_FILE, "changed", HTTPStatus.CONFLICT)
SENT = Page(_FILE, "sent")
NOT_NOW = Page(_FILE, "not_now", HTTPStatus.SERVICE_UNAVAILABLE)
CONFIRM = Page(_FILE, "confirm", turns=True)
RESULTS = {
    Confirmed.YES: Page(_FILE, "done"),
    Confirmed.CLOSED: Page(_FILE, "closed", HTTPStatus.CONFLICT),
    Confirmed.GONE: Page(_FILE, "gone", HTTPStatus.GONE),
    Confirmed.NOT_NOW: Page(_FILE, "not_now", HTTPStatus.SERVICE_UNAVAILABLE),
}


@route(OPT_IN_PATH, http_method=[HttpMethod.GET, HttpMethod.HEAD])
async def ask(request: AnyRequest) -> Response[str]:
    """The form, nothing ticked."""
    house, desk = _open(request)
    house.count(request, house.limits.addresses)
    language = house.speaks(request)
    ways = [(PRIVACY, texts(_FILE, language)["ask"]["privacy"])] if house.board else []
    return house.answer(ASK, language, forms=[form_of(desk.offer, language)], links=ways)


@post(OPT_IN_PATH, status_code=HTTPStatus.OK)
async def send(request: AnyRequest, body: RawBody) -> Response[str]:
    """Take the address; its letter goes out afterwards. From here or from a form in another site."""
    house, desk = _open(request)
    house.count(request, house.limits.newcomers)
    language, fields = spoken(house, request, body), fields_of(body)
    form = form_of(desk.offer, language)
    try:
        address = parse(fields.get(_EMAIL, "").strip()[: _LONGEST + 1])
    except AddressError:
        wrong = with_errors(form, {_EMAIL: texts(_FILE, language)["again"]["error"]})
        return house.answer(AGAIN, language, forms=[wrong])
    if fields.get(_WORDS) != desk.offer.digest(language):
        return house.answer(CHANGED, language, forms=[form])
    client = house.proxies.client(request)
    asked = Asked(
        address,
        language,
        tuple(one for one in dict.fromkeys(all_of(body, _TOPICS)) if one in desk.offer.topics[language]),
        _TRACKING in fields and bool(desk.offer.tracking),
        client,
    )
    if not fields.get(_TRAP) and not await desk.ask(asked):
        return house.answer(NOT_NOW, language)
    house.meters.newcomers.labels("asked").inc()
    return house.answer(SENT, language)


@route(_CONFIRM, http_method=[HttpMethod.GET, HttpMethod.HEAD])
async def look(request: AnyRequest, token: FromPath[str]) -> Response[str]:
    """The page with the button. Changes nothing: scanners follow every link of a mail."""
    # Meets: RFC 9110 section 9.2.1
    house, desk = _open(request)
    target = house.answered_by(token)
    house.admit(request, target, house.limits.pages)
    found = await desk.look(target)
    if isinstance(found, Confirmed):
        return house.answer(RESULTS[found], house.speaks(request))
    language = house.speaks(request, found.language)
    words = texts(_FILE, language)["confirm"]
    agreed = dict.fromkeys(part for text in found.words for part in text.split("\n\n") if part)
    said = [words["known"].format(hint=hint(found.email)), *agreed]
    return house.answer(CONFIRM, language, said, [Form(words["button"], {})])


@post(_CONFIRM, status_code=HTTPStatus.OK)
async def confirm(request: AnyRequest, token: FromPath[str], body: RawBody) -> Response[str]:
    """Record the consent. It is on the disk before the answer leaves; a second time is answered like the first."""
    # Meets: GDPR art. 7(1), FR F12
    house, desk = _open(request)
    target = house.answered_by(token)
    house.admit(request, target, house.limits.confirmations)
    result = await desk.confirm(target, house.proxies.client(request))
    house.meters.newcomers.labels(result.value).inc()
    return house.answer(RESULTS[result], spoken(house, request, body))


ROUTES = (ask, send, look, confirm)


def form_of(offer: Offer, language: str, action: str = "", *, trap: bool = True) -> Form:
    """The form; the words that are agreed to stand in it, before its button. ``trap``: hidden by our style sheet."""
    words: Mapping[str, Any] = texts(_FILE, language)["ask"]
    tracking = {"yes": offer.tracking[language]} if offer.tracking else {}
    fields = (
        Line(_EMAIL, words["email"], "email", fills="email", required=True),
        *((Line(_TRAP, words["trap"], trap=True),) if trap else ()),
        Group(_TOPICS, words["topics"], offer.topics[language], "checkbox"),
        Group(_TRACKING, words["tracking"], tracking, "checkbox"),
    )
    said = tuple(part for part in offer.shown("mail", language).split("\n\n") if part)
    return Form(words["button"], {_WORDS: offer.digest(language)}, action, fields, said=said)


def _open(request: AnyRequest) -> tuple[Reception, JoiningDesk]:
    """Where the settings offer nothing, there is no such page."""
    house = reception_of(request)
    if house.joining is None:
        raise NotFoundException
    return house, house.joining
