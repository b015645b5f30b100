"""Whole domains that get no mail: the operator's own blocks, which the operator lifts again.

``example.com`` is that domain alone; ``*.example.com`` is it and everything below. What people or firms said about
themselves is no block: it comes in by an exclusion list or an objection and is not lifted here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, or_, select, update

from sender.address import AddressError, parse
from sender.contacts.consents import Record
from sender.contacts.meeting import HashOf, domain_as_address, standing_against, wildcard_as_address
from sender.model import Address
from sender.store.schema import contacts, in_force, suppressions
from sender.store.suppressing import suppress_rows

__all__ = ["PatternError", "block", "blocked", "pattern_as_address", "unblock"]

_TOP = re.compile(r"[a-z]{2,63}")


class PatternError(ValueError):
    """Neither a domain nor a wildcard; never the text that was given."""


def pattern_as_address(pattern: str) -> Address:
    """What is hashed for ``example.com``, ``@example.com``, ``*@example.com`` or ``*.example.com``."""
    text = pattern.strip().rstrip(".").lower()
    if text.startswith("*."):
        name = text[2:]
        return wildcard_as_address(name if _TOP.fullmatch(name) else _domain(name))
    return domain_as_address(_domain(text.removeprefix("*").removeprefix("@")))


def block(
    connection: Connection, pattern: str, *, hash_of: HashOf, record: Record, now: datetime, note: str | None = None
) -> int:
    """No mail to the domain from now on; how many contacts that stops. Raises PatternError."""
    named = pattern_as_address(pattern)
    said = {"reason": "domain", "since": now, "origin": _written(named), "normalisation": named.normalisation}
    theirs = _contacts_of(connection, named)
    hashes = {hash_of(named)} | {hash_of(domain_as_address(domain)) for domain in theirs}
    suppress_rows(connection, [said | {"hash": one} for one in sorted(hashes)])
    record(connection, "domain_blocked", {"pattern": _written(named), "note": note}, None, now)
    return sum(map(len, theirs.values()))


def unblock(connection: Connection, pattern: str, *, hash_of: HashOf, record: Record, now: datetime) -> bool:
    """Lift a block of one's own; False where there is none. What other blocks cover stays blocked."""
    named = pattern_as_address(pattern)
    own = (suppressions.c.reason == "domain") & (suppressions.c.origin == _written(named)) & in_force
    lifting = update(suppressions).where(own).values(lifted_at=now, lifted_by="operator")
    if not connection.execute(lifting.returning(suppressions.c.hash)).all():
        return False
    record(connection, "domain_unblocked", {"pattern": _written(named)}, None, now)
    _block_again(connection, [each for some in _contacts_of(connection, named).values() for each in some], hash_of, now)
    return True


def blocked(connection: Connection) -> list[tuple[str, datetime]]:
    """The blocks that hold, each with the day on which it was laid."""
    own = (suppressions.c.reason == "domain") & in_force & suppressions.c.origin.is_not(None)
    found: dict[str, datetime] = {}
    for row in connection.execute(
        select(suppressions.c.origin, suppressions.c.renewed_at, suppressions.c.since).where(own)
    ):
        since = row.renewed_at or row.since
        found[row.origin] = min(since, found.get(row.origin, since))
    return sorted(found.items())


def _block_again(connection: Connection, addresses: Iterable[Address], hash_of: HashOf, now: datetime) -> None:
    """A wider block may have been seen under the name of the one that was lifted."""
    against = standing_against(connection, list(addresses), hash_of=hash_of)
    rows = [
        {"hash": one.seen_as, "reason": "domain", "since": now, "origin": one.entry.origin, "normalisation": 1}
        for each in against.values()
        for one in each
        if one.entry.reason == "domain"
    ]
    suppress_rows(connection, rows)


def _contacts_of(connection: Connection, named: Address) -> dict[str, list[Address]]:
    """The contacts that a pattern means, by their domain."""
    ends = [contacts.c.email.endswith(f"@{named.domain}", autoescape=True)]
    if named.key.startswith("@*"):
        ends.append(contacts.c.email.endswith(f".{named.domain}", autoescape=True))
    found: dict[str, list[Address]] = {}
    for email in connection.execute(select(contacts.c.email).where(or_(*ends))).scalars():
        address = parse(email)
        found.setdefault(address.domain, []).append(address)
    return found


def _written(named: Address) -> str:
    return named.key.removeprefix("@")


def _domain(text: str) -> str:
    try:
        return parse(f"a@{text}").domain
    except AddressError:
        raise PatternError from None
