"""What those who run the pages look at: health and figures, without a person in them; and the logo."""

from __future__ import annotations

from http import HTTPStatus

from litestar import Response, route
from litestar.enums import HttpMethod
from litestar.exceptions import NotFoundException

from sender.web.reception import AnyRequest, reception_of

__all__ = ["ROUTES"]

_GET = [HttpMethod.GET, HttpMethod.HEAD]


@route("/health", http_method=_GET)
async def health(request: AnyRequest) -> Response[dict[str, str]]:
    """200 while objections can be kept; 503 when they cannot. The base may be away: none is lost by that."""
    house = reception_of(request)
    house.count(request, house.limits.addresses)
    keeps, base = await house.desk.can_keep(), await house.desk.base_in_reach()
    said = {
        "status": "ok" if keeps else "failing",
        "objections": "ok" if keeps else "cannot be kept",
        "base": "ok" if base else "out of reach",
    }
    return Response(said, status_code=HTTPStatus.OK if keeps else HTTPStatus.SERVICE_UNAVAILABLE)


@route("/metrics", http_method=_GET)
async def metrics(request: AnyRequest) -> Response[bytes]:
    """For Prometheus on this machine, or where it was named; for everybody else there is no such page."""
    house = reception_of(request)
    if not house.proxies.is_watcher(request):
        raise NotFoundException
    house.meters.behind.set(house.desk.base_behind)
    return Response(house.meters.text(), media_type="text/plain; version=0.0.4; charset=utf-8")


@route("/logo", http_method=_GET)
async def logo(request: AnyRequest) -> Response[bytes]:
    """The one picture. It says nothing of who looks at it, and may be kept for a day."""
    picture = reception_of(request).look.logo
    if picture is None:
        raise NotFoundException
    return Response(picture.content, media_type=picture.media_type, headers={"cache-control": "max-age=86400"})


ROUTES = (health, metrics, logo)
