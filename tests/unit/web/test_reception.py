"""Who asks, as far as that can be believed."""

from __future__ import annotations

import pytest
from litestar import Request

from sender.web import Proxies
from sender.web.reception import AnyRequest, fields_of


def request(peer: str | None, *said: str, header: str = "x-forwarded-for") -> AnyRequest:
    headers = [(header.encode(), each.encode()) for each in said]
    return Request({"type": "http", "client": peer and (peer, 4711), "headers": headers})  # type: ignore[typeddict-item, misc]


@pytest.mark.parametrize(
    ("named", "peer", "said", "client"),
    [
        ((), "203.0.113.5", ("192.0.2.1",), "203.0.113.5"),
        (("203.0.113.5",), "203.0.113.5", ("192.0.2.1",), "192.0.2.1"),
        (("203.0.113.5",), "203.0.113.5", ("198.51.100.9, 192.0.2.1",), "192.0.2.1"),
        (("203.0.113.5",), "203.0.113.5", ("198.51.100.9", "192.0.2.1"), "192.0.2.1"),
        (("203.0.113.5", "10.0.0.0/8"), "203.0.113.5", ("192.0.2.1, 10.0.0.9",), "192.0.2.1"),
        (("203.0.113.5", "10.0.0.0/8"), "203.0.113.5", ("10.0.0.9",), "203.0.113.5"),
        (("203.0.113.5",), "203.0.113.5", (), "203.0.113.5"),
        (("203.0.113.5",), "203.0.113.5", (" , ",), "203.0.113.5"),
        ((), None, ("198.51.100.9, 192.0.2.1",), "192.0.2.1"),
        ((), None, (), None),
        ((), None, ("192.0.2.1:49152",), "192.0.2.1"),
        ((), None, ("[2001:db8::1]:49152",), "2001:db8::1"),
        ((), None, ("2001:db8::1",), "2001:db8::1"),
    ],
)
def test_only_proxies_of_ours_say_who_asks(
    named: tuple[str, ...], peer: str | None, said: tuple[str, ...], client: str | None
) -> None:
    """The last address that is no proxy's counts: what a client wrote before it does not. A unix socket has no peer."""
    assert Proxies.of(named).client(request(peer, *said)) == client


def test_a_name_is_no_proxy() -> None:
    """Addresses and networks alone can be compared with certainty."""
    with pytest.raises(ValueError, match="proxy"):
        Proxies.of(("proxy.example",))


@pytest.mark.parametrize(
    ("peer", "header", "watchers", "may"),
    [
        ("127.0.0.1", None, (), True),
        ("::1", None, (), True),
        (None, None, (), True),
        ("127.0.0.1", "x-forwarded-for", (), False),
        ("127.0.0.1", "x-forwarded-host", (), False),
        ("127.0.0.1", "forwarded", (), False),
        ("192.0.2.1", None, (), False),
        ("192.0.2.1", None, ("192.0.2.0/24",), True),
    ],
)
def test_metrics_are_read_from_here(peer: str | None, header: str | None, watchers: tuple[str, ...], may: bool) -> None:
    """By somebody on this machine, not through a proxy, or by one who was named."""
    asked = request(peer, *(("x",) if header else ()), header=header or "")

    assert Proxies.of((), watchers).is_watcher(asked) is may


@pytest.mark.parametrize("body", [b"\xff", b"&".join([b"a=b"] * 50), b"------x\r\nContent-Disposition: form-data"])
def test_no_body_is_an_error(body: bytes) -> None:
    """What is no form of a browser has no field that we ask for."""
    assert "undo" not in fields_of(body)
