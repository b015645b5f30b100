"""Corrects what the base says of a person, on the person's word. The id stays, and with it all that was decided.

A corrected address takes along what stood against the old one, and what stands against the new one holds too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from sender.address import AddressError, parse
from sender.contacts import values
from sender.contacts.aliases import remember
from sender.contacts.base import by_key
from sender.contacts.choices import choose
from sender.contacts.consents import Record
from sender.contacts.flat import columns_of
from sender.contacts.forms import meaning
from sender.contacts.meeting import HashOf, domain_as_address, meet, standing_against
from sender.contacts.values import UnclearError
from sender.errors import UsageError
from sender.model import Contact, as_topic
from sender.store import schema

__all__ = ["corrected", "rectify", "with_topics"]

COMPLAINTS = {
    "SC-322": "A correction is not understood",
    "SC-323": "Another contact has the corrected address",
    "SC-324": "The corrected address was erased",
}

_TEXTS = ("first_name", "last_name", "company", "title")


def corrected(stored: Contact, said: Mapping[str, str]) -> Contact:
    """The contact as the person says it is. An empty text takes a field away; the address cannot be taken away."""
    changes: dict[str, Any] = {}
    for name, text in said.items():
        word = text.strip()
        try:
            changes |= _change(name, word)
        except (UnclearError, AddressError):
            raise UsageError.of(
                "SC-322",
                f"--{name.replace('_', '-')} is not understood",
                why="A wrong correction would be worse than none; nothing was changed.",
                todo="Write a country as FR, a language as fr, an address alone.",
            ) from None
    return replace(stored, **changes)


def _change(name: str, word: str) -> dict[str, Any]:
    if name == "email":
        return {"email": parse(word)}
    if name == "country":
        return {"country": values.country(word) if word else None}
    if name == "language":
        return {"language": values.language(word) if word else None}
    if name == "legal_form":
        return {"legal_form": word or None, "form": meaning(word)}
    if name == "company_number":
        return {"company_number": values.company_number(word) if word else None}
    if name not in _TEXTS:
        raise ValueError("not a field that people correct")
    return {name: word or ("" if name.endswith("_name") else None)}


def with_topics(stored: Contact, words: Sequence[str]) -> Contact:
    """``+rgpd`` adds a topic, ``-rgpd`` takes it away. Raises UsageError."""
    topics = dict.fromkeys(stored.topics)
    for word in words:
        topic = as_topic(word[1:])
        if word[:1] not in {"+", "-"} or not topic:
            raise UsageError.of(
                "SC-322",
                "--topic is not understood",
                why="Whether the topic is to be added or taken away is not said; nothing was changed.",
                todo="Write --topic +rgpd or --topic=-rgpd",
            )
        if word[0] == "+":
            topics[topic] = None
        else:
            topics.pop(topic, None)
    return replace(stored, topics=tuple(topics))


def rectify(
    connection: Connection,
    stored: Contact,
    changed: Contact,
    *,
    hash_of: HashOf,
    record: Record,
    now: datetime,
    kind: str = "rectified",
    request: str | None = None,
) -> tuple[str, ...]:
    """Write the corrections down, with what stood before, where it can be erased. Names the columns that changed.

    ``kind`` of the journal's entry: ``rectified`` on the person's word, ``edited`` on our own. ``request``: where the
    holder of a link asked for it, its number.
    """
    # Meets: GDPR art. 5(1)(d), 16
    before, after = columns_of(stored), columns_of(changed)
    differing = tuple(name for name in after if after[name] != before[name])
    if not differing:
        return ()
    new = {name: after[name] for name in differing}
    if changed.email.key != stored.email.key:
        _demand_free(connection, changed, hash_of)
        domain = hash_of(domain_as_address(changed.email.domain))
        new |= {"address_hash": hash_of(changed.email), "domain_hash": domain}
    mine = schema.contacts.c.id == stored.id
    connection.execute(schema.contacts.update().where(mine).values(**new, updated_at=now))
    if stored.choices.language and "language" in differing:
        choose(connection, stored.id, language=changed.language, record=record, now=now)
    if changed.email.key != stored.email.key:
        remember(connection, stored.id, stored.email, hash_of=hash_of, now=now)
    meet(connection, [changed.email], hash_of=hash_of)
    told = {f"{name}.{when}": row[name] for name in differing for when, row in (("before", before), ("after", after))}
    record(connection, kind, told | ({"request": request} if request else {}), stored.id, now)
    return differing


def _demand_free(connection: Connection, changed: Contact, hash_of: HashOf) -> None:
    """No two people become one by a correction, and nobody who was erased comes back by one."""
    holder = by_key(connection, changed.email.key)
    if holder is not None and holder.id != changed.id:
        raise UsageError.of(
            "SC-323",
            "another contact has the corrected address",
            why="Two contacts would become one, with the consents of one and the objections of the other.",
            todo="Where both are one person: send-campaign contacts merge KEEP OTHER. Nothing was changed.",
        )
    against = standing_against(connection, [changed.email], hash_of=hash_of).get(changed.email, [])
    if any(one.entry.reason == "erased" for one in against):
        raise UsageError.of(
            "SC-324",
            "the corrected address was erased on its holder's request",
            why="Nothing of that person may be stored again; nothing was changed.",
            todo="Ask the person which address holds.",
        )
