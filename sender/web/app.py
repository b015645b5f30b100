"""The routes of every page put together, and what holds for all of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from http import HTTPStatus

from litestar import Litestar, Response
from litestar.datastructures import State
from litestar.exceptions import HTTPException, TooManyRequestsException
from litestar.handlers import BaseRouteHandler
from litestar.types import Message, Scope

from sender.web import choosing, claiming, informing, joining, moving, objecting, watching
from sender.web.pages import security_headers
from sender.web.reception import NOT_FOUND, REFUSED, TOO_MANY, AnyRequest, Reception, reception_of

__all__ = ["create_app"]

_BODY_LIMIT = 16_384  # a one-click body has some 30 bytes, as multipart some 200
_PAGES = {HTTPStatus.NOT_FOUND: NOT_FOUND, HTTPStatus.TOO_MANY_REQUESTS: TOO_MANY}


def create_app(reception: Reception, further: Sequence[BaseRouteHandler] = ()) -> Litestar:
    """The public pages, with the ``further`` routes of other files."""

    @asynccontextmanager
    async def open_desk(_app: Litestar) -> AsyncIterator[None]:
        reception.desk.open()
        if reception.letters:
            reception.letters.open()
        try:
            yield
        finally:
            if reception.letters:
                await reception.letters.close()
            if reception.board:
                reception.board.close()
            await reception.desk.close()

    locked = [(name.encode(), value.encode()) for name, value in security_headers(reception.look).items()]

    async def lock_down(message: Message, scope: Scope) -> None:
        """Put the security headers on every answer, also on those that no route made, and count it."""
        if message["type"] == "http.response.start":
            said = [*message["headers"]]
            names = {name.lower() for name, _ in said}
            message["headers"] = said + [each for each in locked if each[0] not in names]
            reception.meters.answered(str(scope.get("method", "")), message["status"])

    return Litestar(
        route_handlers=[
            *objecting.ROUTES,
            *choosing.ROUTES,
            *joining.ROUTES,
            *moving.ROUTES,
            *informing.ROUTES,
            *claiming.ROUTES,
            *watching.ROUTES,
            *further,
        ],
        state=State({"reception": reception}),
        lifespan=[open_desk],
        exception_handlers={Exception: failed},
        before_send=[lock_down],
        request_max_body_size=_BODY_LIMIT,
        openapi_config=None,
        logging_config=None,
        debug=False,
        pdb_on_exception=False,
    )


def failed(request: AnyRequest, error: Exception) -> Response[str]:
    """The page for what no route answered. Unknown paths and forged links get the same one."""
    house = reception_of(request)
    if isinstance(error, HTTPException) and error.status_code == HTTPStatus.NOT_FOUND:
        try:
            house.count(request, house.limits.strangers)
        except TooManyRequestsException as too_many:
            error = too_many
    status = error.status_code if isinstance(error, HTTPException) else HTTPStatus.INTERNAL_SERVER_ERROR
    if not isinstance(error, HTTPException):  # litestar has one of these for whoever hangs up in mid-request
        house.desk.trouble("fault", type(error).__name__)
    response = house.answer(_PAGES.get(HTTPStatus(status), REFUSED), house.speaks(request))
    response.status_code = status
    if isinstance(error, HTTPException):
        response.headers.update(error.headers or {})  # "Allow" of a 405, "Retry-After" of a 429
    return response
