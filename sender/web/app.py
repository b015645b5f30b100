"""The routes, and the server that answers them."""

from __future__ import annotations

import socket
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, cast

import uvicorn
from litestar import Litestar, MediaType, Request, Response, post, route
from litestar.concurrency import sync_to_thread
from litestar.datastructures import MutableScopeHeaders, State
from litestar.enums import HttpMethod
from litestar.exceptions import HTTPException
from litestar.params import FromPath, RawBody
from litestar.types import Message, Scope

from sender.errors import UsageError
from sender.links import OBJECT_PATH
from sender.web.desk import NotRecordedError, ObjectionDesk, Person
from sender.web.pages import SECURITY_HEADERS, Page, language_of, render

__all__ = ["COMPLAINTS", "create_app", "serve", "server"]

COMPLAINTS: dict[str, str] = {"SC-160": "The public pages cannot listen there"}

_BODY_LIMIT = 16_384  # a one-click body has some 30 bytes, as multipart some 200
_CONNECTIONS = 500
_PATH = f"{OBJECT_PATH}{{token:str}}"

AnyRequest = Request[Any, Any, Any]


@route(_PATH, http_method=HttpMethod.OPTIONS)
async def methods() -> Response[None]:
    """What may be asked here. Registered first: litestar's own answer leaves POST out."""
    return Response(None, status_code=HTTPStatus.NO_CONTENT, headers={"allow": "GET, HEAD, OPTIONS, POST"})


@route(_PATH, http_method=[HttpMethod.GET, HttpMethod.HEAD])
async def ask(request: AnyRequest, token: FromPath[str]) -> Response[str]:
    """The page with the button. Changes nothing: scanners follow every link of a mail."""
    # Meets: RFC 8058 section 3.2 (only a POST unsubscribes), RFC 9110 section 9.2.1
    if (target := _desk(request).whose(token)) is None:
        return _answer(request, Page.NOT_FOUND)
    return _answer(request, Page.ASK, await sync_to_thread(_desk(request).person, target))


@post(_PATH, status_code=HTTPStatus.OK)
async def stop(request: AnyRequest, token: FromPath[str], body: RawBody) -> Response[str]:
    """Take the objection. The signed link is all the authority; the body is read and not looked at.

    Mail programs send ``List-Unsubscribe=One-Click``, urlencoded or multipart, the page's button sends the same.
    An objection that comes with anything else is one all the same.
    """
    # Meets: RFC 8058 section 3.1 (no cookie, no login, no redirect), section 3.2
    if (target := _desk(request).whose(token)) is None:
        return _answer(request, Page.NOT_FOUND)
    try:
        await sync_to_thread(_desk(request).take, target)
    except NotRecordedError:
        return _answer(request, Page.NOT_RECORDED)
    return _answer(request, Page.DONE)


@route("/health", http_method=[HttpMethod.GET, HttpMethod.HEAD])
async def health(request: AnyRequest) -> dict[str, str]:
    """Alive while objections can be taken; the base may be away."""
    return {"status": "ok", "base": "ok" if await sync_to_thread(_desk(request).base_in_reach) else "out of reach"}


def create_app(desk: ObjectionDesk, *, language: str = "fr") -> Litestar:
    """The public pages; ``language`` is spoken where neither browser nor contact asks for another."""
    return Litestar(
        route_handlers=[methods, ask, stop, health],
        state=State({"desk": desk, "language": language}),
        exception_handlers={Exception: _failed},
        before_send=[_secure],
        request_max_body_size=_BODY_LIMIT,
        openapi_config=None,
        logging_config=None,
        debug=False,
        pdb_on_exception=False,
    )


def serve(app: Litestar, host: str, port: int, *, tell: Callable[[int], None] = lambda _port: None) -> None:
    """Answer until a signal ends it; requests that are under way are finished first. ``tell`` gets the port."""
    with _listen(host, port) as listening:
        tell(listening.getsockname()[1])
        server(app).run(sockets=[listening])


def server(app: Litestar) -> uvicorn.Server:
    """The HTTP server. It logs nothing of its own: its lines would hold tokens and addresses of readers."""
    return uvicorn.Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            ws="none",
            limit_concurrency=_CONNECTIONS,
            timeout_graceful_shutdown=10,
        )
    )


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except (OSError, OverflowError) as error:
        raise UsageError.of(
            "SC-160",
            f"{COMPLAINTS['SC-160']}: {host}:{port}",
            why=f"The system says: {getattr(error, 'strerror', None) or 'no such port'}.",
            todo="End what listens there, or choose another: send-campaign serve --port 8081",
        ) from error


def _desk(request: AnyRequest) -> ObjectionDesk:
    return cast("ObjectionDesk", request.app.state.desk)


def _answer(request: AnyRequest, page: Page, person: Person | None = None) -> Response[str]:
    spoken = person.language if person and person.language else request.app.state.language
    language = language_of(request.headers.get("accept-language", ""), spoken)
    return Response(render(page, language, person), status_code=page.status, media_type=MediaType.HTML)


def _failed(request: AnyRequest, error: Exception) -> Response[str]:
    """The page for what no route answered. Unknown paths and forged links get the same one."""
    status = error.status_code if isinstance(error, HTTPException) else HTTPStatus.INTERNAL_SERVER_ERROR
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        _desk(request).trouble("fault", type(error).__name__)
    response = _answer(request, Page.NOT_FOUND if status == HTTPStatus.NOT_FOUND else Page.REFUSED)
    response.status_code = status
    if isinstance(error, HTTPException):
        response.headers.update(error.headers or {})  # "Allow" of a 405
    return response


async def _secure(message: Message, _scope: Scope) -> None:
    """Put the security headers on every answer, also on those that no route made."""
    if message["type"] == "http.response.start":
        MutableScopeHeaders.from_message(message).update(SECURITY_HEADERS)
