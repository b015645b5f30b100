"""SPF: whether the record of the envelope's domain can be read to its end, and whether it names the relay.

The whole tree is read as a receiver reads it for an address that nothing names: that is the most look-ups it costs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_network

from sender.preflight.names import IP, Names, Silent
from sender.preflight.remarks import Level, Remark
from sender.preflight.spf_record import ASKING, Network, SpfError, SpfRecord, Term, of_spf, parse

__all__ = ["LOOKUPS", "Tree", "check", "read", "result"]

# Meets: RFC 7208 §4.6.4 (ten look-ups, two that find nothing, ten hosts of an MX)
LOOKUPS = 10
VOIDS = 2
HOSTS = 10
_AT_MOST = 20  # look-ups after which we stop asking: the number is wrong enough
_RESULTS = {"+": "pass", "-": "fail", "~": "softfail", "?": "neutral"}


@dataclass(frozen=True, slots=True)
class Reach:
    """What a mechanism covers: networks, or another record. ``networks`` None: it depends on the letter."""

    term: Term
    networks: tuple[Network, ...] | None = ()
    record: Node | None = None


@dataclass(frozen=True, slots=True)
class Node:
    """A record with what its terms lead to. ``redirect``: the record that goes on where no term fits."""

    reaches: tuple[Reach, ...]
    redirect: Node | None = None
    redirected: bool = False


@dataclass(slots=True)
class Tree:
    """A record read to its end. ``faults``: code, domain, and the term at fault; ``silent``: names without answer."""

    root: Node | None = None
    record: SpfRecord | None = None
    lookups: int = 0
    voids: int = 0
    faults: list[tuple[str, str, str]] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)
    asks_ptr: bool = False


async def check(domain: str, names: Names, relay: Sequence[IP] = ()) -> list[Remark]:
    """``domain``: of the envelope sender; ``relay``: the relay's addresses where they are known."""
    tree = await read(domain, names)
    remarks = list(_about_record(domain, tree))
    if not tree.faults and not tree.silent and tree.root:
        remarks += _about_relay(domain, tree.root, relay)
    return remarks


async def read(domain: str, names: Names) -> Tree:
    """The record of a domain and all that it leads to."""
    tree = Tree()
    tree.root = await _node(domain, names, tree, (), "")
    if tree.lookups > LOOKUPS:
        tree.faults.append(("too_many_lookups", domain, str(tree.lookups)))
    if tree.voids > VOIDS:
        tree.faults.append(("too_many_voids", domain, str(tree.voids)))
    return tree


async def _node(domain: str, names: Names, tree: Tree, above: tuple[str, ...], term: str) -> Node | None:
    if domain in above:
        tree.faults.append(("loop", above[-1], term))
        return None
    record = await _record(domain, names, tree, above, term)
    if record is None:
        return None
    if not above:
        tree.record = record
    way = (*above, domain)
    reaches = await asyncio.gather(*(_reach(one, domain, names, tree, way) for one in record.terms))
    onward = None
    if record.redirect:
        onward = await _onward(record.redirect, names, tree, way)
    return Node(tuple(reaches), onward, record.redirect is not None)


async def _record(domain: str, names: Names, tree: Tree, above: tuple[str, ...], term: str) -> SpfRecord | None:
    try:
        found = of_spf(await names.texts(domain))
    except Silent as silent:
        tree.silent.append(silent.name)
        return None
    if len(found) == 1:
        try:
            return parse(found[0])
        except SpfError as fault:
            tree.faults.append(("syntax", domain, fault.term))
            return None
    if found:
        # Meets: RFC 7208 §4.5 (more than one record is an error)
        tree.faults.append(("several", domain, str(len(found))))
    elif above:
        # Meets: RFC 7208 §5.2 (an include of a domain without a record is an error)
        tree.voids += 1
        tree.faults.append(("target_missing", above[-1], term))
    else:
        tree.faults.append(("missing", domain, ""))
    return None


async def _onward(target: str, names: Names, tree: Tree, way: tuple[str, ...]) -> Node | None:
    if not _may_ask(tree) or "%" in target:
        return None
    return await _node(target, names, tree, way, f"redirect={target}")


async def _reach(term: Term, domain: str, names: Names, tree: Tree, way: tuple[str, ...]) -> Reach:
    if term.network is not None:
        return Reach(term, (term.network,))
    if term.kind not in ASKING:
        return Reach(term)
    tree.asks_ptr |= term.kind == "ptr"
    if not _may_ask(tree) or term.opaque or term.kind in {"ptr", "exists"}:
        return Reach(term, None)
    if term.kind == "include":
        return Reach(term, record=await _node(term.value, names, tree, way, str(term)))
    try:
        return Reach(term, await _hosts(term, term.value or domain, names, tree))
    except Silent as silent:
        tree.silent.append(silent.name)
        return Reach(term, None)


def _may_ask(tree: Tree) -> bool:
    """Count one more look-up; past the bound nothing is asked."""
    tree.lookups += 1
    return tree.lookups <= _AT_MOST


async def _hosts(term: Term, name: str, names: Names, tree: Tree) -> tuple[Network, ...]:
    hosts = [name]
    if term.kind == "mx":
        hosts = [host for _, host in await names.exchangers(name) if host]
        if len(hosts) > HOSTS:
            tree.faults.append(("too_many_hosts", name, str(len(hosts))))
            hosts = hosts[:HOSTS]
    found = [one for each in await asyncio.gather(*map(names.addresses, hosts)) for one in each]
    tree.voids += not found
    return tuple(ip_network((one, term.four if one.version == 4 else term.six), strict=False) for one in found)


def result(node: Node | None, address: IP) -> str:
    """What a receiver says of ``address``: pass, fail, softfail, neutral, permerror; unknown where a macro decides."""
    if node is None:
        return "permerror"
    for reach in node.reaches:
        fits = _fits(reach, address)
        if fits == "yes":
            return _RESULTS[reach.term.qualifier]
        if fits != "no":
            return fits
    if not node.redirected:
        return "neutral"
    return result(node.redirect, address)


def _fits(reach: Reach, address: IP) -> str:
    if reach.term.kind == "all":
        return "yes"
    if reach.networks is None:
        return "unknown"
    if reach.term.kind != "include":
        return "yes" if any(address in one for one in reach.networks if one.version == address.version) else "no"
    # Meets: RFC 7208 §5.2 (only a pass of the other record is a match)
    inner = result(reach.record, address)
    return {"pass": "yes", "permerror": "permerror", "unknown": "unknown"}.get(inner, "no")


def _about_record(domain: str, tree: Tree) -> Iterator[Remark]:
    for code, where, term in dict.fromkeys(tree.faults):
        level = Level.WARNING if code == "missing" else Level.FAILED
        yield Remark(level, "spf", code, where, {"term": term, "domain": domain})
    for name in dict.fromkeys(tree.silent):
        yield Remark(Level.UNKNOWN, "spf", "silent", name)
    if tree.asks_ptr:
        # Meets: RFC 7208 §5.5 (ptr should not be published)
        yield Remark(Level.WARNING, "spf", "ptr", domain)
    if tree.record:
        yield from _about_end(domain, tree.record)
    if not tree.faults and not tree.silent:
        yield Remark(Level.PASSED, "spf", "read", domain, {"lookups": tree.lookups, "limit": LOOKUPS})


def _about_end(domain: str, record: SpfRecord) -> Iterator[Remark]:
    if record.end == "+":
        yield Remark(Level.FAILED, "spf", "open", domain)
    elif record.end == "?" or (record.end is None and record.redirect is None):
        yield Remark(Level.WARNING, "spf", "no_end", domain)


def _about_relay(domain: str, root: Node, relay: Sequence[IP]) -> Iterator[Remark]:
    for address in relay:
        said = result(root, address)
        facts = {"address": str(address), "result": said}
        if said == "pass":
            yield Remark(Level.PASSED, "spf", "relay_named", domain, facts)
        elif said == "unknown":
            yield Remark(Level.UNKNOWN, "spf", "relay_by_macro", domain, facts)
        else:
            yield Remark(Level.WARNING, "spf", "relay_not_named", domain, facts)
