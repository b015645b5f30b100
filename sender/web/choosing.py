"""Fewer mails instead of none: topics switched off, a cap, a language. From the same link as an objection.

Mails are forwarded, so whoever holds the link may only lessen mails or do what harms nobody, and is told nothing that
stands in the base: the page has no boxes ticked, and its answer is the same whatever was chosen before.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from litestar import Response, post, route
from litestar.enums import HttpMethod
from litestar.params import FromPath, RawBody

from sender.links import OBJECT_PATH
from sender.web.desk import Wish
from sender.web.forms import Form, Group, with_errors
from sender.web.objecting import ADDRESS, CHOICES, afterthought, who_wrote
from sender.web.pages import Page, texts
from sender.web.reception import AnyRequest, Reception, all_of, fields_of, reception_of

__all__ = ["ROUTES"]

_FILE = "choices"
_PATH = f"{OBJECT_PATH}{{token:str}}/{CHOICES}"
_TOPICS, _MOST, _LANGUAGE = "refused", "most", "spoken"

ASK = Page(_FILE, "ask", turns=True)
NOTHING = Page(_FILE, "nothing", HTTPStatus.UNPROCESSABLE_ENTITY)
DONE = Page(_FILE, "done")
NOT_NOW = Page(_FILE, "not_now", HTTPStatus.SERVICE_UNAVAILABLE)


@route(_PATH, http_method=[HttpMethod.GET, HttpMethod.HEAD])
async def ask(request: AnyRequest, token: FromPath[str]) -> Response[str]:
    """The page with the choices, none of them made. Changes nothing."""
    house = reception_of(request)
    target = house.whose(token)
    house.admit(request, target, house.limits.pages)
    person = await house.desk.person(target)
    language = house.speaks(request)  # not the one on file: somebody may have chosen it
    said = [who_wrote(texts("objection", language), person, house.look.name)]
    return house.answer(ASK, language, said, [_form(house, language)], _ways(house, token, language))


@post(_PATH, status_code=HTTPStatus.OK)
async def choose(request: AnyRequest, token: FromPath[str], body: RawBody) -> Response[str]:
    """Write the choices down. What is no choice of the page counts as none."""
    house, target, language = afterthought(request, token, body)
    wish = _wish(house, body, language)
    if wish == Wish():
        form = with_errors(_form(house, language), {_MOST: texts(_FILE, language)["nothing"]["error"]})
        return house.answer(NOTHING, language, forms=[form], links=_ways(house, token, language))
    if not await house.desk.choose(target, wish):
        return house.answer(NOT_NOW, language, links=_ways(house, token, language))
    house.meters.choices.inc()
    return house.answer(DONE, language, _told(house, wish, language), links=_ways(house, token, language))


ROUTES = (ask, choose)


def _wish(house: Reception, body: bytes, language: str) -> Wish:
    fields, words = fields_of(body), texts(_FILE, language)
    most, spoken = fields.get(_MOST, ""), fields.get(_LANGUAGE, "")
    known = house.topics(language)
    return Wish(
        int(most) if most in words["most"] else None,
        spoken if spoken in words["spoken"] else None,
        tuple(topic for topic in dict.fromkeys(all_of(body, _TOPICS)) if topic in known),
    )


def _form(house: Reception, language: str) -> Form:
    words = texts(_FILE, language)
    asked: Mapping[str, Any] = words["ask"]
    fields = (
        Group(_TOPICS, asked["refused"], house.topics(language), "checkbox"),
        Group(_MOST, asked["most"], words["most"]),
        Group(_LANGUAGE, asked["spoken"], words["spoken"]),
    )
    return Form(asked["button"], {}, fields=fields, note=asked["note"])


def _told(house: Reception, wish: Wish, language: str) -> list[str]:
    """What was just chosen, in words; nothing of what stood before."""
    words = texts(_FILE, language)
    done: Mapping[str, str] = words["done"]
    names = house.topics(language)
    return [
        *([done["refused"].format(topics=", ".join(names[one] for one in wish.refused))] if wish.refused else []),
        *([done["most"].format(most=words["most"][str(wish.most)])] if wish.most else []),
        *([done["spoken"].format(language=words["spoken"][wish.language])] if wish.language else []),
    ]


def _ways(house: Reception, token: str, language: str) -> list[tuple[str, str]]:
    """To another address, where letters can be sent, and back to the button that stops everything."""
    words = texts(_FILE, language)["ask"]
    elsewhere = [(ADDRESS, words["elsewhere"])] if house.moving else []
    return [*elsewhere, (f"../{token}", words["stop"])]
