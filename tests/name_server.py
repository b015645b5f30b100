"""A DNS server on this machine that says what a test tells it to, or says nothing."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from ipaddress import ip_address
from socketserver import BaseServer
from threading import Thread

from dnslib import AAAA, CNAME, MX, PTR, QTYPE, RCODE, RR, TXT, A, DNSRecord
from dnslib.server import BaseResolver, DNSHandler, DNSServer

Texts = Mapping[str, Sequence[str]]
Zone = Mapping[tuple[str, str], Sequence[str]]
"""By name and type: ``("eluard.example", "MX"): ["10 mx.eluard.example"]``; TXT, A, AAAA, MX, PTR, CNAME."""

SILENT = "silence.example"
FAILING = "failure.example"


class _Zone(BaseResolver):
    """Knows the records of some names; others do not exist. Below SILENT no answer comes, below FAILING a failure."""

    def __init__(self, records: Zone) -> None:
        self._records = records
        self._names = {name for name, _ in records}

    def resolve(self, request: DNSRecord, handler: DNSHandler) -> DNSRecord:
        name = str(request.q.qname).removesuffix(".").lower()
        reply = request.reply()
        if name.endswith(SILENT):
            raise _Nothing
        if name.endswith(FAILING):
            reply.header.rcode = RCODE.SERVFAIL
        elif name not in self._names:
            reply.header.rcode = RCODE.NXDOMAIN
        else:
            for kind in (QTYPE[request.q.qtype], "CNAME"):
                for text in self._records.get((name, kind), ()):
                    reply.add_answer(RR(name, getattr(QTYPE, kind), ttl=60, rdata=_data(kind, text)))
        return reply


class _Nothing(Exception):  # noqa: N818  no answer is meant to leave
    pass


class _Quiet:
    """Logs nothing; a handler that raises sends nothing."""

    def __getattr__(self, _name: str) -> object:
        return lambda *_args, **_named: None


def _data(kind: str, text: str) -> object:
    if kind == "TXT":
        return TXT(_strings(text))
    if kind == "MX":
        preference, _, host = text.partition(" ")
        return MX(host, int(preference))
    return {"A": A, "AAAA": AAAA, "PTR": PTR, "CNAME": CNAME}[kind](text)


def _strings(text: str) -> list[bytes]:
    data = text.encode()
    return [data[at : at + 255] for at in range(0, len(data), 255)] or [b""]


def reverse_of(address: str) -> str:
    """The name whose PTR records say what an address is called."""
    return ip_address(address).reverse_pointer


def _both(zone: BaseResolver) -> tuple[BaseServer, BaseServer]:
    """UDP and TCP at one port; another one is tried where somebody else has it for TCP."""
    for _ in range(20):
        udp = DNSServer(zone, address="127.0.0.1", port=0, logger=_Quiet()).server
        try:
            port = udp.server_address[1]
            return udp, DNSServer(zone, address="127.0.0.1", port=port, tcp=True, logger=_Quiet()).server
        except OSError:
            udp.server_close()
    raise AssertionError("no port is free for UDP and TCP")


@contextmanager
def name_server(texts: Texts, records: Zone | None = None) -> Iterator[tuple[str, int]]:
    """Runs it; address and port. UDP and TCP, since long answers go by the latter."""
    zone = {(name, "TXT"): found for name, found in texts.items()} | dict(records or {})
    servers = _both(_Zone(zone))
    port = servers[0].server_address[1]
    # polled often, so that a test need not wait for the end of its server
    threads = [Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}) for server in servers]
    for thread in threads:
        thread.start()
    try:
        yield "127.0.0.1", port
    finally:
        for server, thread in zip(servers, threads, strict=True):
            server.shutdown()
            thread.join()
            server.server_close()


@contextmanager
def deaf_server() -> Iterator[tuple[str, int]]:
    """A port that takes every question and never answers; address and port."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as deaf:
        deaf.bind(("127.0.0.1", 0))
        yield deaf.getsockname()
