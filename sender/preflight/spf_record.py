"""One SPF record, read: its mechanisms in their order, and where it sends the reader on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Literal

from sender.preflight.remarks import visible

__all__ = ["ASKING", "Network", "Qualifier", "SpfError", "SpfRecord", "Term", "of_spf", "parse"]

Network = IPv4Network | IPv6Network
Qualifier = Literal["+", "-", "~", "?"]

# Meets: RFC 7208 §4.6.4 (the terms that cost a look-up; redirect is the sixth)
ASKING = frozenset({"include", "a", "mx", "ptr", "exists"})

_TERM = re.compile(
    r"(?P<qualifier>[-+~?]?)(?P<kind>all|include|a|mx|ptr|ip4|ip6|exists)(?P<rest>[:/].*)?", re.IGNORECASE
)
_MODIFIER = re.compile(r"(?P<name>[A-Za-z][A-Za-z0-9._-]*)=(?P<value>.*)")
_LENGTHS = re.compile(r"(?P<domain>.*?)(?:/(?P<four>\d{1,2}))?(?://(?P<six>\d{1,3}))?")
# Meets: RFC 7208 §7.1 (a domain ends with a label of letters and digits, below another one)
_NAME = re.compile(r"[\x21-\x7e]+\.[A-Za-z0-9-]+\.?")
_MACRO = re.compile(r"[\x21-\x7e]*%[\x21-\x7e]*")


class SpfError(ValueError):
    """The record cannot be read; receivers say ``permerror``. ``term``: what they stumble over."""

    def __init__(self, term: str) -> None:
        super().__init__(term)
        self.term = visible(term)


@dataclass(frozen=True, slots=True)
class Term:
    """A mechanism. ``value``: the domain it names, empty for the record's own; ``four``, ``six``: prefix lengths."""

    qualifier: Qualifier
    kind: str
    value: str = ""
    four: int = 32
    six: int = 128
    network: Network | None = None

    @property
    def opaque(self) -> bool:
        """It holds a macro: what it names depends on the letter."""
        return "%" in self.value

    def __str__(self) -> str:
        return visible(self.kind + (f":{self.value}" if self.value else ""))


@dataclass(frozen=True, slots=True)
class SpfRecord:
    """``redirect``: where the reader goes on when no mechanism fits; None also where ``all`` makes it void."""

    terms: tuple[Term, ...]
    redirect: str | None = None

    @property
    def end(self) -> Qualifier | None:
        """What is said of everybody whom nothing else names; None where nothing is."""
        return next((term.qualifier for term in self.terms if term.kind == "all"), None)


def of_spf(texts: Sequence[str]) -> list[str]:
    """The SPF records among the TXT records of a name."""
    # Meets: RFC 7208 §4.5 (the version stands alone, or a space follows)
    return [text for text in texts if text.lower() == "v=spf1" or text.lower().startswith("v=spf1 ")]


def parse(text: str) -> SpfRecord:
    """Read a record that begins with its version. Raises SpfError."""
    terms: list[Term] = []
    redirects: list[str] = []
    explained = 0
    for word in text.split(" ")[1:]:
        if not word:
            continue
        if found := _TERM.fullmatch(word):
            terms.append(_mechanism(word, found))
        elif modifier := _MODIFIER.fullmatch(word):
            name = modifier["name"].lower()
            if name == "redirect":
                redirects.append(_domain(word, modifier["value"]))
            explained += name == "exp"
        else:
            raise SpfError(word)
    # Meets: RFC 7208 §6 (redirect and exp once each)
    if len(redirects) > 1 or explained > 1:
        raise SpfError("redirect=" if len(redirects) > 1 else "exp=")
    closed = [term.kind for term in terms]
    # Meets: RFC 7208 §5.1 (what follows all is never looked at, redirect neither)
    end = closed.index("all") + 1 if "all" in closed else len(terms)
    return SpfRecord(tuple(terms[:end]), redirects[0] if redirects and "all" not in closed else None)


def _mechanism(word: str, found: re.Match[str]) -> Term:
    kind, rest = found["kind"].lower(), found["rest"] or ""
    qualifier: Qualifier = found["qualifier"] or "+"  # type: ignore[assignment]  # the expression has no others
    if kind == "all":
        if rest:
            raise SpfError(word)
        return Term(qualifier, kind)
    if kind in {"ip4", "ip6"}:
        return Term(qualifier, kind, network=_network(word, kind, rest))
    if kind in {"a", "mx"}:
        return _with_lengths(word, qualifier, kind, rest)
    if kind == "ptr" and not rest:
        return Term(qualifier, kind)
    if not rest.startswith(":"):
        raise SpfError(word)
    return Term(qualifier, kind, _domain(word, rest[1:]))


def _network(word: str, kind: str, rest: str) -> Network:
    try:
        network = ip_network(rest[1:], strict=False)
    except ValueError:
        raise SpfError(word) from None
    if not rest.startswith(":") or network.version != int(kind[-1]):
        raise SpfError(word)
    return network


def _with_lengths(word: str, qualifier: Qualifier, kind: str, rest: str) -> Term:
    parts = _LENGTHS.fullmatch(rest)
    assert parts is not None  # noqa: S101 - every text fits
    four, six = int(parts["four"] or 32), int(parts["six"] or 128)
    named = parts["domain"]
    if four > 32 or six > 128 or (named and not named.startswith(":")):
        raise SpfError(word)
    return Term(qualifier, kind, _domain(word, named[1:]) if named else "", four, six)


def _domain(word: str, text: str) -> str:
    """A name, or a macro; a name of one label or with an empty one cannot be asked for."""
    labels = text.rstrip(".").split(".")
    macro = "%" in text
    sound = _MACRO.fullmatch(text) if macro else _NAME.fullmatch(text) and all(0 < len(one) < 64 for one in labels)
    if not sound:
        raise SpfError(word)
    return text if macro else text.rstrip(".").lower()
