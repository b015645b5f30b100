"""What people chose for themselves: fewer mails, their language, subjects that they want to hear nothing of.

A refused subject is an objection to a part, and is kept like one: under the keyed hash of the address, never taken
away, in force until a proved consent to that very subject was given after it. The rest belongs to the contact and goes
with it. No file that is read in changes either.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, select

from sender.contacts.consents import Record, latest_on_topics
from sender.contacts.lifting import given_at
from sender.model import Choices, Consent, ContactId
from sender.store.kept import Kept, among
from sender.store.refusing import refuse_rows
from sender.store.schema import aliases, choices, contacts, topic_refusals
from sender.store.statements import insert_into, slices

__all__ = [
    "caps_of",
    "choices_of",
    "choose",
    "copy_choices",
    "refuse_topics",
    "refused_by",
    "refused_under",
    "stricter",
]


# --- in


def choose(
    connection: Connection,
    contact: ContactId,
    *,
    record: Record,
    now: datetime,
    most_per_year: int | None = None,
    language: str | None = None,
    may_raise: bool = False,
    no_cap: bool = False,
) -> Choices:
    """Write down what is given; None leaves what stands. Returns what holds from now on.

    A cap that stands is only lowered, unless ``may_raise``: whoever holds a forwarded mail may lessen mails, no more.
    ``no_cap`` takes it away.
    """
    # Meets: GDPR art. 21(2) (an objection to a part of it)
    held = choices_of(connection, [contact]).get(contact, Choices())
    asked = most_per_year if may_raise else _lower(held.most_per_year, most_per_year)
    most = None if no_cap else held.most_per_year if most_per_year is None else asked
    spoken = language or held.language
    if (most, spoken) != (held.most_per_year, held.language):
        _put(connection, contact, most, spoken, now)
        record(connection, "choices", {"most_per_year": most, "language": spoken}, contact, now)
    return Choices(most, spoken, held.refused)


def refuse_topics(
    connection: Connection,
    contact: ContactId | None,
    address_hash: bytes,
    topics: Sequence[str],
    *,
    record: Record,
    now: datetime,
) -> None:
    """The person wants to hear nothing of these. It holds whether or not the base knows the address."""
    # Meets: GDPR art. 21(2), 21(3)
    if not topics:
        return
    refuse_rows(connection, [{"hash": address_hash, "topic": topic, "since": now} for topic in dict.fromkeys(topics)])
    record(connection, "topics_refused", {"topics": ", ".join(topics)}, contact, now)


def copy_choices(connection: Connection, source: ContactId, target: ContactId, now: datetime) -> None:
    """``target`` gets what ``source``, a double of it, chose; of two caps the lower one."""
    both = choices_of(connection, [source, target])
    if source in both:
        one = stricter(both.get(target, Choices()), both[source])
        _put(connection, target, one.most_per_year, one.language, now)


def stricter(kept: Choices, other: Choices) -> Choices:
    return Choices(
        _lower(kept.most_per_year, other.most_per_year),
        kept.language or other.language,
        tuple(sorted({*kept.refused, *other.refused})),
    )


# --- out


def choices_of(connection: Connection, ids: Sequence[ContactId]) -> dict[ContactId, Choices]:
    """Of those contacts who chose anything."""
    found: dict[ContactId, Choices] = {}
    for some in slices(ids):
        rows = _CHOSEN.rows(connection, {"b_contacts": some})
        found |= {ContactId(row[0]): Choices(row[1], row[2]) for row in rows}
        for contact, topics in refused_by(connection, some).items():
            found[contact] = replace(found.get(contact, Choices()), refused=topics)
    return found


def caps_of(connection: Connection, ids: Sequence[ContactId]) -> dict[ContactId, int]:
    """How many mails in twelve months they asked for at most: of those contacts who did."""
    return {ContactId(row[0]): row[1] for row in _CAPS.rows(connection, {"b_contacts": ids})}


def refused_under(connection: Connection, hashes: Sequence[bytes]) -> dict[bytes, tuple[str, ...]]:
    """The same by address, for people whom the base does not know: it may have known them once."""
    found: dict[bytes, tuple[str, ...]] = {}
    for some in slices(hashes):
        asked = select(topic_refusals.c.hash, topic_refusals.c.topic).where(topic_refusals.c.hash.in_(some))
        for each, topic in connection.execute(asked.order_by(topic_refusals.c.topic)):
            found[each] = (*found.get(each, ()), topic)
    return found


def refused_by(connection: Connection, some: Sequence[ContactId]) -> dict[ContactId, tuple[str, ...]]:
    """The newest word on each topic counts: a refusal or a withdrawal against it, a proved consent for it."""
    consents = latest_on_topics(connection, some)
    refused = {key for key, at in _said_against(connection, some).items() if not _after(consents.get(key), at)}
    refused |= {key for key, consent in consents.items() if consent.withdrawn_on is not None}
    found: dict[ContactId, tuple[str, ...]] = {}
    for contact, topic in sorted(refused):
        found[contact] = (*found.get(contact, ()), topic)
    return found


def _said_against(connection: Connection, some: Sequence[ContactId]) -> dict[tuple[ContactId, str], datetime]:
    """When each topic was refused last, under any address of the contact."""
    found: dict[tuple[ContactId, str], datetime] = {}
    for row in _REFUSED.named(connection, {"b_contacts": some}):
        key, at = (ContactId(row["id"]), row["topic"]), row["renewed_at"] or row["since"]
        found[key] = max(at, found.get(key, at))
    return found


def _after(consent: Consent | None, refused_at: datetime) -> bool:
    """A consent to the topic that may end the refusal: given by the person, proved, and later."""
    if consent is None or consent.withdrawn_on is not None or not (consent.wording_version or "").strip():
        return False
    proved = consent.by == "person" and consent.proof in {"double_opt_in", "signed"}
    return proved and given_at(consent) > refused_at


# --- rows

_THEIRS = among(choices.c.contact_id, "b_contacts")
_CHOSEN = Kept(select(choices.c.contact_id, choices.c.most_per_year, choices.c.language).where(_THEIRS))
_CAPS = Kept(select(choices.c.contact_id, choices.c.most_per_year).where(_THEIRS, choices.c.most_per_year.is_not(None)))
_WORD = topic_refusals.c.topic, topic_refusals.c.since, topic_refusals.c.renewed_at
_REFUSED = Kept(
    select(contacts.c.id, *_WORD)
    .join(topic_refusals, topic_refusals.c.hash == contacts.c.address_hash)
    .where(among(contacts.c.id, "b_contacts"))
    .union_all(
        select(aliases.c.contact_id, *_WORD)
        .join(topic_refusals, topic_refusals.c.hash == aliases.c.address_hash)
        .where(among(aliases.c.contact_id, "b_contacts"))
    )
)


def _put(connection: Connection, contact: ContactId, most: int | None, language: str | None, now: datetime) -> None:
    values = {"most_per_year": most, "language": language, "recorded_at": now}
    entry = insert_into(connection, choices).values(contact_id=contact, **values)
    connection.execute(entry.on_conflict_do_update(index_elements=["contact_id"], set_=values))


def _lower(one: int | None, other: int | None) -> int | None:
    return min((each for each in (one, other) if each is not None), default=None)
