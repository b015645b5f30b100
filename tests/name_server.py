"""A DNS server on this machine that says what a test tells it to, or says nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from dnslib import QTYPE, RCODE, RR, TXT, DNSRecord
from dnslib.server import BaseResolver, DNSHandler, DNSServer

Texts = Mapping[str, Sequence[str]]
SILENT = "silence.example"
FAILING = "failure.example"


class _Zone(BaseResolver):
    """Knows the texts of some names; others do not exist. Below SILENT no answer comes, below FAILING a failure."""

    def __init__(self, texts: Texts) -> None:
        self._texts = texts

    def resolve(self, request: DNSRecord, handler: DNSHandler) -> DNSRecord:
        name = str(request.q.qname).removesuffix(".").lower()
        reply = request.reply()
        if name.endswith(SILENT):
            raise _Nothing
        if name.endswith(FAILING):
            reply.header.rcode = RCODE.SERVFAIL
        elif name not in self._texts:
            reply.header.rcode = RCODE.NXDOMAIN
        elif request.q.qtype == QTYPE.TXT:
            reply.add_answer(*(RR(name, QTYPE.TXT, ttl=60, rdata=TXT(_strings(text))) for text in self._texts[name]))
        return reply


class _Nothing(Exception):  # noqa: N818  no answer is meant to leave
    pass


class _Quiet:
    """Logs nothing; a handler that raises sends nothing."""

    def __getattr__(self, _name: str) -> object:
        return lambda *_args, **_named: None


def _strings(text: str) -> list[bytes]:
    data = text.encode()
    return [data[at : at + 255] for at in range(0, len(data), 255)] or [b""]


@contextmanager
def name_server(texts: Texts) -> Iterator[tuple[str, int]]:
    """Runs it; address and port. UDP and TCP, since long answers go by the latter."""
    udp = DNSServer(_Zone(texts), address="127.0.0.1", port=0, logger=_Quiet())
    port = udp.server.server_address[1]
    tcp = DNSServer(_Zone(texts), address="127.0.0.1", port=port, tcp=True, logger=_Quiet())
    servers = (udp, tcp)
    for server in servers:
        server.start_thread()
    try:
        yield "127.0.0.1", port
    finally:
        for server in servers:
            server.stop()
            server.server.server_close()
