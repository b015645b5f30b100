"""What every page needs: who asks, how often, in which language, and how an answer is written."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any, cast
from urllib.parse import parse_qsl

from litestar import MediaType, Request, Response
from litestar.exceptions import NotFoundException, TooManyRequestsException

from sender.links import LinkTarget
from sender.web.claims import DataDesk
from sender.web.clerk import JoiningDesk, MovingDesk
from sender.web.desk import ObjectionDesk
from sender.web.forms import Form
from sender.web.letters import LetterDesk
from sender.web.limits import Bucket, Limits, network_of
from sender.web.look import Look
from sender.web.meters import Meters
from sender.web.notices import NoticeBoard
from sender.web.pages import LANGUAGES, Page, language_of, render

__all__ = [
    "NOT_FOUND",
    "REFUSED",
    "TOO_MANY",
    "AnyRequest",
    "Proxies",
    "Reception",
    "all_of",
    "fields_of",
    "reception_of",
]

AnyRequest = Request[Any, Any, Any]
Topics = Callable[[str], Mapping[str, str]]
Networks = Sequence[IPv4Network | IPv6Network]

NOT_FOUND = Page("common", "not_found", HTTPStatus.NOT_FOUND)
REFUSED = Page("common", "refused", HTTPStatus.BAD_REQUEST)
TOO_MANY = Page("common", "too_many", HTTPStatus.TOO_MANY_REQUESTS)

_FIELDS = 60  # as many topics as anybody would read, and some more


@dataclass(frozen=True, slots=True)
class Proxies:
    """Whose word on the client's address is taken: of those who may write to the unix socket, and of ``named`` ones.

    ``watchers``: who may read the metrics from elsewhere than this machine.
    """

    named: Networks = ()
    watchers: Networks = ()

    @classmethod
    def of(cls, named: Sequence[str], watchers: Sequence[str] = ()) -> Proxies:
        """Addresses or networks. Raises ValueError for anything else."""
        return cls(*(tuple(ip_network(one, strict=False) for one in each) for each in (named, watchers)))

    def client(self, request: AnyRequest) -> str | None:
        """Where the request comes from; None on a unix socket whose proxy does not say.

        Each proxy adds the address it was asked by at the end, so the last one that no proxy of ours has is believed.
        """
        peer = _peer(request)
        if peer is not None and not _within(peer, self.named):
            return peer
        said = ",".join(request.headers.getall("x-forwarded-for", []))
        hops = [_without_port(hop.strip()) for hop in said.split(",") if hop.strip()]
        return next((hop for hop in reversed(hops) if not _within(hop, self.named)), peer)

    def is_watcher(self, request: AnyRequest) -> bool:
        """Somebody on this machine who does not come through a proxy, or one who was named."""
        if any(name.startswith("x-forwarded") or name == "forwarded" for name in request.headers):
            return False
        peer = _peer(request)
        return peer is None or _is_loopback(peer) or _within(peer, self.watchers)


@dataclass(frozen=True, slots=True)
class Reception:
    """Everything that routes share. ``language`` is spoken where neither browser nor contact asks for another.

    ``topics``: those that people may refuse, with their names in a language, in the order in which they are shown.
    ``board``: where the privacy notice hangs. ``letters``: where letters can be sent to who asks for one; then people
    can have their mails ``moving`` elsewhere and see their ``data``, and where the sender offers it, ``joining``.
    """

    desk: ObjectionDesk
    look: Look = field(default_factory=Look)
    language: str = "fr"
    proxies: Proxies = field(default_factory=Proxies)
    limits: Limits = field(default_factory=Limits)
    meters: Meters = field(default_factory=Meters)
    topics: Topics = lambda _language: {}
    board: NoticeBoard | None = None
    letters: LetterDesk | None = None
    joining: JoiningDesk | None = None
    moving: MovingDesk | None = None
    data: DataDesk | None = None

    def whose(self, token: str) -> LinkTarget:
        """Whom a genuine link names. All else is a page that does not exist."""
        target = self.desk.whose(token)
        if target is None:
            raise NotFoundException
        return target

    def answered_by(self, token: str) -> LinkTarget:
        """Which request the genuine link of a letter names."""
        target = self.letters.whose(token) if self.letters else None
        if target is None:
            raise NotFoundException
        return target

    def admit(self, request: AnyRequest, target: LinkTarget, bucket: Bucket) -> None:
        """Count the request against its address, and its link against ``bucket``; refuse it where one is full."""
        self.count(request, self.limits.addresses)
        self.demand(bucket.wait(target))

    def count(self, request: AnyRequest, bucket: Bucket) -> None:
        client = self.proxies.client(request)
        if client is not None:
            self.demand(bucket.wait(network_of(client)))

    def demand(self, wait: float) -> None:
        if wait:
            self.meters.limited.inc()
            raise TooManyRequestsException(headers={"retry-after": str(math.ceil(wait))})

    def speaks(self, request: AnyRequest, otherwise: str | None = None) -> str:
        """What the reader chose on the page, else what their browser asks for, else what the contact speaks."""
        chosen = request.query_params.get("language", "")
        if chosen in LANGUAGES:
            return str(chosen)
        return language_of(request.headers.get("accept-language", ""), otherwise or self.language)

    def answer(
        self,
        page: Page,
        language: str,
        said: Sequence[str] = (),
        forms: Sequence[Form] = (),
        links: Sequence[tuple[str, str]] = (),
        body: str = "",
    ) -> Response[str]:
        return self.hand(page, render(page, language, self.look, said, forms, links, body))

    def hand(self, page: Page, html: str) -> Response[str]:
        return Response(html, status_code=page.status, media_type=MediaType.HTML)


def reception_of(request: AnyRequest) -> Reception:
    return cast("Reception", request.app.state.reception)


def fields_of(body: bytes) -> dict[str, str]:
    """The fields of a form that a browser sent; of anything else, none."""
    try:
        return dict(parse_qsl(body.decode("ascii"), max_num_fields=_FIELDS))
    except ValueError:
        return {}


def all_of(body: bytes, name: str) -> list[str]:
    """The values of a field that a form may send several times."""
    try:
        return [value for each, value in parse_qsl(body.decode("ascii"), max_num_fields=_FIELDS) if each == name]
    except ValueError:
        return []


def _without_port(hop: str) -> str:
    """Some proxies name the port, too, a new one for each connection: ``192.0.2.1:49152``, ``[2001:db8::1]:49152``."""
    if hop.startswith("["):
        return hop[1:].partition("]")[0]
    return hop.partition(":")[0] if hop.count(":") == 1 else hop


def _peer(request: AnyRequest) -> str | None:
    client = request.scope.get("client")
    return client[0] if client and client[0] else None


def _is_loopback(peer: str) -> bool:
    return _within(peer, (ip_network("127.0.0.0/8"), ip_network("::1/128")))


def _within(client: str, networks: Networks) -> bool:
    try:
        address = ip_address(client)
    except ValueError:
        return False
    return any(address in network for network in networks)
