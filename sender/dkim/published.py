"""Whether the DNS publishes the public half of a key, and what it says where it does not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from sender.dkim.record import Record, quoted, record_name, record_text
from sender.dkim.signer import Identity
from sender.errors import Complaint, Place, SettingsError, Unreachable

if TYPE_CHECKING:
    from dns.resolver import Resolver as DnsResolver

__all__ = ["Resolver", "demand_published"]

SECONDS = 8.0  # for one name, all servers and tries together
_LOST = "Receivers find no key that fits, take the letters for unsigned, and refuse or hide many of them."


class Resolver:
    """Asks the DNS. ``servers``: address and port of each that is asked, in their order; else the system's."""

    def __init__(self, servers: Sequence[tuple[str, int]] = (), *, seconds: float = SECONDS) -> None:
        self._servers = tuple(servers)
        self._seconds = seconds

    def texts(self, name: str) -> list[str]:
        """The TXT records of a name, each in one piece; none where there is none. Raises Unreachable."""
        from dns.exception import DNSException
        from dns.resolver import NXDOMAIN, NoAnswer

        try:
            answer = self._resolver().resolve(f"{name}.", "TXT", search=False)
        except (NXDOMAIN, NoAnswer):
            return []
        except DNSException as problem:
            raise self._silent(name, problem) from problem
        return [b"".join(record.strings).decode("ascii", "replace") for record in answer]

    def _resolver(self) -> DnsResolver:
        from dns.nameserver import Do53Nameserver
        from dns.resolver import Resolver as DnsResolver

        resolver = DnsResolver(configure=not self._servers)
        if self._servers:
            resolver.nameservers = [Do53Nameserver(address, port) for address, port in self._servers]
        resolver.lifetime = self._seconds
        return resolver

    def _silent(self, name: str, problem: Exception) -> Exception:
        from dns.exception import Timeout

        late = isinstance(problem, Timeout)
        return Unreachable.of(
            "SC-687",
            f"the DNS gives no answer within {self._seconds:g} s" if late else "the DNS answers with a failure",
            why="Whether receivers find the key is not known; nothing was changed.",
            todo="Try again later, or name a server that answers: resolver in the settings.",
            place=Place(name),
        )


def demand_published(identities: Sequence[Identity], resolver: Resolver) -> tuple[str, ...]:
    """Raise unless each key is published as it should be: SettingsError, or Unreachable where the DNS is silent.

    The names whose record says that the domain only tests (``t=y``), with which receivers may do as they like.
    """
    complaints: list[Complaint] = []
    silent: list[Complaint] = []
    testing = []
    for one in identities:
        try:
            texts = resolver.texts(record_name(one))
        except Unreachable as problem:
            silent += problem.complaints
            continue
        wrong = tuple(_wrong(one, texts))
        complaints += wrong
        record = Record.parse(texts[0]) if texts and not wrong else None
        if record and record.testing:
            testing.append(record_name(one))
    SettingsError.unless_empty(complaints + silent if complaints else ())
    Unreachable.unless_empty(silent)
    return tuple(testing)


def _wrong(one: Identity, texts: Sequence[str]) -> Iterator[Complaint]:
    publish = f"Publish there: {quoted(record_text(one.key))}"
    if not texts:
        yield _complaint(one, "SC-680", "no key is published", publish)
    elif len(texts) > 1:
        # Meets: RFC 6376 section 3.6.2.2 (with several records the outcome is undefined)
        yield _complaint(one, "SC-681", f"{len(texts)} records are published where one is read", f"Keep one. {publish}")
    elif (record := Record.parse(texts[0])) is None:
        yield _complaint(one, "SC-682", "what is published is no DKIM key", publish)
    else:
        yield from _differing(one, record, publish)


def _differing(one: Identity, record: Record, publish: str) -> Iterator[Complaint]:
    if record.public == b"":
        # Meets: RFC 6376 section 3.6.1 (an empty p= revokes)
        again = "Make a new key under a new selector: send-campaign dkim keygen"
        yield _complaint(one, "SC-683", "the key is revoked (p= is empty)", again)
    elif record.kind != one.key.kind:
        what = f"the published key is k={_visible(record.kind)}, ours is k={one.key.kind}"
        yield _complaint(one, "SC-684", what, publish)
    elif record.public is None:
        yield _complaint(one, "SC-682", "the published key (p=) is no base64", publish)
    elif not record.is_of(one.key):
        yield _complaint(one, "SC-685", "another key is published", publish)
    elif "sha256" not in record.hashes or record.services.isdisjoint({"*", "email"}):
        # Meets: RFC 6376 section 3.6.1 (h= and s= say what a key is for)
        what = "the published key may not be used with sha256, or not for e-mail (h= or s=)"
        yield _complaint(one, "SC-686", what, publish)


def _visible(text: str) -> str:
    return "".join(letter if letter.isascii() and letter.isalnum() else "?" for letter in text)[:20]


def _complaint(one: Identity, code: str, what: str, todo: str) -> Complaint:
    return Complaint(code, what, _LOST, todo, Place(record_name(one)))
