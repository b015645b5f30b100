"""Meets addresses with all that stands against them: earlier normal forms, blocked domains, hashed exclusion lists.

The sending path compares one hash of the address and one of its domain. What stands in any other form is turned into an
ordinary suppression here, once: when a contact comes in, when its address changes, when a list comes in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import md5, sha1, sha256
from itertools import islice
from typing import NamedTuple

from sqlalchemy import Connection, select

from sender.address import earlier_forms, unicode_domain
from sender.contacts.suppression import all_reasons, weight
from sender.model import NORMALISATION, Address, Suppression
from sender.store import schema
from sender.store.suppressing import suppress_rows

__all__ = [
    "DIGESTS",
    "HashOf",
    "digest_as_address",
    "domain_as_address",
    "forms_of",
    "hashes_of",
    "meet",
    "spellings",
    "standing_against",
    "wildcard_as_address",
]

HashOf = Callable[[Address], bytes]
"""The keyed hash under which an address stands on the suppression list (``Keys.suppression_hash``)."""

DIGESTS = {"md5": md5, "sha1": sha1, "sha256": sha256}
"""By which exclusion lists hide addresses: chosen by whoever publishes them, not by us."""

_BATCH = 1000
_FIRST_FORM = 1  # of domains and digests there has been one normal form only


def domain_as_address(domain: str) -> Address:
    """What is hashed for a whole domain that is suppressed: no address has such a key."""
    return Address("", domain, f"@{domain}", _FIRST_FORM)


def wildcard_as_address(domain: str) -> Address:
    """The same for ``domain`` and everything below it."""
    return Address("", domain, f"@*.{domain}", _FIRST_FORM)


def digest_as_address(kind: str, digest: str) -> Address:
    """What is hashed for an entry of a hashed list: the digest itself would name its person to whoever can guess."""
    return Address("", "", f"{kind}:{digest.lower()}", _FIRST_FORM)


class _Candidate(NamedTuple):
    """Addresses with one form in common, and the hash under which the sending path would see what stands there."""

    addresses: Sequence[Address]
    seen_as: bytes
    normalisation: int = NORMALISATION


@dataclass(frozen=True, slots=True)
class Against:
    """A suppression that concerns an address, in whatever form it was entered."""

    entry: Suppression
    seen_as: bytes
    normalisation: int


def standing_against(
    connection: Connection, addresses: Sequence[Address], *, hash_of: HashOf
) -> dict[Address, list[Against]]:
    """All that is in force against each address, the weightiest first; addresses with nothing are left out."""
    found: dict[Address, list[Against]] = {}
    kinds = _kinds(connection)
    remaining = iter(dict.fromkeys(addresses))
    while some := list(islice(remaining, _BATCH)):
        for candidate, entry in _met(connection, some, hash_of, kinds):
            against = Against(entry, candidate.seen_as, candidate.normalisation)
            for address in candidate.addresses:
                found.setdefault(address, []).append(against)
    return {address: sorted(each, key=lambda one: weight(one.entry)) for address, each in found.items()}


def meet(connection: Connection, addresses: Sequence[Address], *, hash_of: HashOf) -> dict[Address, list[Against]]:
    """The same, and from now on the sending path sees it. An entry keeps its reason, its origin and its date."""
    found = standing_against(connection, addresses, hash_of=hash_of)
    rows = [
        {
            "hash": one.seen_as,
            "reason": one.entry.reason,
            "since": one.entry.since,
            "origin": one.entry.origin,
            "normalisation": one.normalisation,
        }
        for each in found.values()
        for one in each
    ]
    suppress_rows(connection, rows)
    return found


def hashes_of(address: Address, *, hash_of: HashOf) -> tuple[frozenset[bytes], frozenset[bytes]]:
    """Every hash under which an address may stand on the suppression list, and on hashed exclusion lists."""
    listed = frozenset(
        hash_of(digest_as_address(kind, DIGESTS[kind](text.encode()).hexdigest()))
        for kind in DIGESTS
        for text in spellings(address)
    )
    return forms_of([address], hash_of=hash_of), listed


def forms_of(addresses: Sequence[Address], *, hash_of: HashOf) -> frozenset[bytes]:
    """Every hash under which addresses may stand on the suppression list and in the register of requests."""
    return frozenset(form for form, _ in _forms(addresses, hash_of))


# --- forms


def spellings(address: Address) -> frozenset[str]:
    """As a list may have written the address before it was hashed; of the mixtures of case only the contact's own."""
    written = {address.spec, f"{address.local}@{unicode_domain(address.domain)}", address.key}
    cased = written | {text.lower() for text in written} | {text.upper() for text in written}
    return frozenset(cased | {f"{text}\n" for text in cased})  # ``echo ADDRESS | md5sum``


def _forms(some: Sequence[Address], hash_of: HashOf) -> Iterator[tuple[bytes, _Candidate]]:
    domains: dict[str, list[Address]] = {}
    for address in some:
        own = _Candidate((address,), hash_of(address))
        yield own.seen_as, own
        for earlier in earlier_forms(address):
            yield hash_of(earlier), own
        domains.setdefault(address.domain, []).append(address)
    for domain, addresses in domains.items():
        for form, seen_as in _domain_forms(domain, hash_of):
            yield form, _Candidate(addresses, seen_as, _FIRST_FORM)


def _domain_forms(domain: str, hash_of: HashOf) -> list[tuple[bytes, bytes]]:
    """The domain itself, and a wildcard for it and for each name above it."""
    own = hash_of(domain_as_address(domain))
    labels = domain.split(".")
    above = (".".join(labels[start:]) for start in range(len(labels)))
    return [(own, own), *((hash_of(wildcard_as_address(name)), own) for name in above)]


# --- entries


def _met(
    connection: Connection, some: Sequence[Address], hash_of: HashOf, kinds: Sequence[str]
) -> Iterator[tuple[_Candidate, Suppression]]:
    forms: dict[bytes, list[_Candidate]] = {}
    for form, candidate in _forms(some, hash_of):
        forms.setdefault(form, []).append(candidate)
    for form, entries in all_reasons(connection, forms).items():
        yield from ((candidate, entry) for candidate in forms[form] for entry in entries)
    if kinds:
        yield from _on_hashed_lists(connection, some, hash_of, kinds)


def _on_hashed_lists(
    connection: Connection, some: Sequence[Address], hash_of: HashOf, kinds: Sequence[str]
) -> Iterator[tuple[_Candidate, Suppression]]:
    asked: dict[bytes, Address] = {}
    for address in some:
        for text in spellings(address):
            for kind in kinds:
                asked[hash_of(digest_as_address(kind, DIGESTS[kind](text.encode()).hexdigest()))] = address
    digests, lists = schema.exclusion_digests, schema.exclusion_lists
    wanted = select(digests.c.hash, lists.c.reason, lists.c.imported_at, lists.c.origin).join(lists)
    remaining = iter(asked)
    while hashes := list(islice(remaining, _BATCH)):
        for row in connection.execute(wanted.where(digests.c.hash.in_(hashes))):
            address = asked[row.hash]
            yield _Candidate((address,), hash_of(address)), Suppression(row.reason, row.imported_at, row.origin)


def _kinds(connection: Connection) -> list[str]:
    lists = schema.exclusion_lists
    kinds = connection.execute(select(lists.c.kind).where(lists.c.kind.in_(list(DIGESTS))).distinct()).scalars()
    return sorted(kinds)
