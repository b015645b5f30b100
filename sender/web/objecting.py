"""The link of every mail: a page with a button, one POST that stops the mails, and two afterthoughts.

The path without anything behind it does one thing only: whatever is posted there is an objection.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import lru_cache
from http import HTTPStatus

from litestar import Response, post, route
from litestar.enums import HttpMethod
from litestar.params import FromPath, RawBody

from sender.links import OBJECT_PATH, LinkTarget
from sender.web.desk import NotRecordedError, Person, Said, Undone
from sender.web.forms import Form, Group
from sender.web.limits import Bucket
from sender.web.look import Look
from sender.web.pages import LANGUAGES, Page, hint, render, texts
from sender.web.reception import AnyRequest, Reception, fields_of, reception_of

__all__ = ["ADDRESS", "CHOICES", "DATA", "PRIVACY", "ROUTES", "afterthought", "spoken", "who_wrote"]

_FILE = "objection"
_PATH = f"{OBJECT_PATH}{{token:str}}"
_LINK, _UNDOING = "\1", "\2"  # stand-ins that occur in no text
_UNDO, _REASON, CHOICES, ADDRESS, PRIVACY, DATA = "undo", "reason", "choices", "address", "privacy", "data"

ASK = Page(_FILE, "ask", turns=True)
DONE = Page(_FILE, "done")
NOT_RECORDED = Page(_FILE, "not_recorded", HTTPStatus.SERVICE_UNAVAILABLE)
UNDONE = {
    Undone.YES: Page(_FILE, "undone"),
    Undone.TOO_LATE: Page(_FILE, "too_late", HTTPStatus.CONFLICT),
    Undone.NOT_THIS_ONE: Page(_FILE, "not_this_one", HTTPStatus.CONFLICT),
    Undone.NOT_NOW: Page(_FILE, "not_now", HTTPStatus.SERVICE_UNAVAILABLE),
}
THANKS = Page(_FILE, "thanks")
NOT_TOLD = Page(_FILE, "not_told", HTTPStatus.SERVICE_UNAVAILABLE)


@route(_PATH, http_method=HttpMethod.OPTIONS)
async def methods() -> Response[None]:
    """What may be asked here. Registered first: litestar's own answer leaves POST out."""
    return Response(None, status_code=HTTPStatus.NO_CONTENT, headers={"allow": "GET, HEAD, OPTIONS, POST"})


@route(_PATH, http_method=[HttpMethod.GET, HttpMethod.HEAD])
async def ask(request: AnyRequest, token: FromPath[str]) -> Response[str]:
    """The page with the button. Changes nothing: scanners follow every link of a mail."""
    # Meets: RFC 8058 section 3.2 (only a POST unsubscribes), RFC 9110 section 9.2.1
    house = reception_of(request)
    target = house.whose(token)
    house.admit(request, target, house.limits.pages)
    person = await house.desk.person(target)
    language = house.speaks(request, person.language if person else None)
    words = texts(_FILE, language)
    said = [who_wrote(words, person, house.look.name), _why(words, person)]
    ways = [(f"{token}/{CHOICES}", words["ask"]["fewer"])]
    if house.board:
        ways.append((f"{token}/{PRIVACY}", words["ask"]["privacy"]))
    if house.data:
        ways.append((f"{token}/{DATA}", words["ask"]["data"]))
    return house.answer(ASK, language, said, [_stop_form(words["ask"])], ways)


@post(_PATH, status_code=HTTPStatus.OK)
async def stop(request: AnyRequest, token: FromPath[str], body: RawBody) -> Response[str]:
    """Take the objection. The signed link is all the authority; nothing in the body can make it something else.

    Mail programs send ``List-Unsubscribe=One-Click``, urlencoded or multipart, the page's button sends the same.
    An objection that comes with anything else is one all the same. No limit by address stands here.
    """
    # Meets: RFC 8058 section 3.1 (no cookie, no login, no redirect), section 3.2
    begun = time.perf_counter()
    house = reception_of(request)
    target = house.whose(token)
    house.demand(house.limits.objections.wait(target))
    language = spoken(house, request, body)
    try:
        said = await house.desk.take(target)
    except NotRecordedError:
        house.meters.lost.inc()
        return house.answer(NOT_RECORDED, language)
    house.meters.objections.inc()
    house.meters.seconds.observe(time.perf_counter() - begun)
    return house.hand(DONE, _done(house, language, token, said))


@post(f"{_PATH}/{_UNDO}", status_code=HTTPStatus.OK)
async def undo(request: AnyRequest, token: FromPath[str], body: RawBody) -> Response[str]:
    """Take back the objection that the page before this one has taken, and no other."""
    limits = reception_of(request).limits
    house, target, language = afterthought(request, token, body, limits.confirmations)  # whatever else was asked before
    shown = texts(_FILE, language)["done"]
    wording = f"{shown['undo']}\n{shown['undo_note']}"
    result = await house.desk.undo(target, fields_of(body).get(_UNDO, ""), wording)
    house.meters.undone.labels(result.value).inc()
    return house.answer(UNDONE[result], language)


@post(f"{_PATH}/{_REASON}", status_code=HTTPStatus.OK)
async def tell_why(request: AnyRequest, token: FromPath[str], body: RawBody) -> Response[str]:
    """Note one of the reasons that the page offers. There is no room for free words: they would be about somebody."""
    # Meets: GDPR art. 5(1)(c)
    house, target, language = afterthought(request, token, body)
    reason = fields_of(body).get(_REASON, "")
    if reason not in texts(_FILE, language)["reasons"]:
        reason = "other"
    if not await house.desk.tell_why(target, reason):
        return house.answer(NOT_TOLD, language)
    house.meters.reasons.labels(reason).inc()
    return house.answer(THANKS, language)


ROUTES = (methods, ask, stop, undo, tell_why)


def afterthought(
    request: AnyRequest, token: str, body: bytes, bucket: Bucket | None = None
) -> tuple[Reception, LinkTarget, str]:
    """Who is asked what, and in which language to answer; refused where there were too many."""
    house = reception_of(request)
    target = house.whose(token)
    house.admit(request, target, bucket or house.limits.afterthoughts)
    return house, target, spoken(house, request, body)


def spoken(house: Reception, request: AnyRequest, body: bytes) -> str:
    """The language of the page whose button was pressed; a mail program's POST has none."""
    chosen = fields_of(body).get("language", "")
    return chosen if chosen in LANGUAGES else house.speaks(request)


def who_wrote(words: Mapping[str, Mapping[str, str]], person: Person | None, house: str) -> str:
    if person is None:
        return words["ask"]["somebody"]
    return words["ask"]["known"].format(sender=person.sender or house, hint=hint(person.email))


def _why(words: Mapping[str, Mapping[str, str]], person: Person | None) -> str:
    """Where the address comes from, as far as the base knows; of whom it does not know, nothing is asserted."""
    # Meets: GDPR art. 14(2)(f)
    said = words["source"]
    if person is None or person.source is None or person.source not in said:
        return said["other"]
    day = person.collected_on
    return said[person.source].format(when=said["dated"].format(date=day) if day else said["undated"])


def _stop_form(ask: Mapping[str, str]) -> Form:
    """The same body as a mail program's."""
    # Meets: RFC 8058 section 3.1
    return Form(ask["button"], {"List-Unsubscribe": "One-Click"}, note=ask["note"])


def _done(house: Reception, language: str, token: str, said: Said) -> str:
    """The page with two afterthoughts, out of a mould: it is asked for a thousand times a second."""
    undo_token = house.desk.undo_token(said)
    link, undoing = _LINK * len(token), _UNDOING * len(undo_token)
    return _mould(house.look, language, link, undoing).replace(link, token).replace(undoing, undo_token)


@lru_cache(maxsize=8)
def _mould(look: Look, language: str, link: str, undoing: str) -> str:
    """What all such pages share, with stand-ins as long as the tokens: the page's padding is right for them too.

    Both forms are posted below the page's own address, which ends in the token.
    """
    words = texts(_FILE, language)
    done = words["done"]
    reasons = Group(_REASON, done["why"], words["reasons"], required=True)
    forms = (
        Form(done["tell"], {}, f"{link}/{_REASON}", [reasons], quiet=True),
        Form(done["undo"], {_UNDO: undoing}, f"{link}/{_UNDO}", note=done["undo_note"], quiet=True),
    )
    return render(DONE, language, look, forms=forms)
