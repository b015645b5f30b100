"""Who of the base is meant: by country, language, topic, source, company, function, and when somebody last had a mail.

What the rows say is asked of the data base; what a title means is asked of the vocabulary of the day, so that a title
that was assigned since counts at once. Everything is read page by page.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, func, or_, select

from sender.contacts.base import page
from sender.model import Contact, ContactId, FunctionMatch, Selection
from sender.store import Store
from sender.store.schema import aliases, attempts, consents, contacts, in_force, suppressions

__all__ = ["selected"]

_PAGE = 1000

Matcher = Callable[[str | None], FunctionMatch]


def selected(
    store: Store, wanted: Selection, *, matcher: Matcher, now: datetime, campaign_id: int | None = None
) -> Iterator[Contact]:
    """By id. Each page is a reading of its own; contacts that come in meanwhile may be missed.

    ``campaign_id``: mails of this campaign do not count as mails, or whoever just had it would leave its audience.
    """
    after = ""
    condition = _condition(wanted, now, campaign_id)
    while True:
        with store.read() as connection:
            ids = _ids(connection, condition, after)
            people = page(connection, ids)
        yield from (one for one in people if _works_in(one, wanted, matcher))
        if len(ids) < _PAGE:
            return
        after = ids[-1]


def _works_in(contact: Contact, wanted: Selection, matcher: Matcher) -> bool:
    return not wanted.functions or not set(wanted.functions).isdisjoint(matcher(contact.title).functions)


def _ids(connection: Connection, condition: ColumnElement[bool], after: str) -> list[ContactId]:
    some = select(contacts.c.id).where(condition, contacts.c.id > after).order_by(contacts.c.id).limit(_PAGE)
    return [ContactId(one) for one in connection.execute(some).scalars()]


def _condition(wanted: Selection, now: datetime, campaign_id: int | None) -> ColumnElement[bool]:
    table = contacts.c
    asked: list[ColumnElement[bool]] = [contacts.c.id != ""]
    if wanted.countries:
        asked.append(table.country.in_(wanted.countries))
    if wanted.languages:
        asked.append(table.language.in_(wanted.languages))
    if wanted.sources:
        asked.append(table.source_kind.in_([kind.value for kind in wanted.sources]))
    if wanted.companies:
        asked.append(func.lower(table.company).in_([name.lower() for name in wanted.companies]))
    if wanted.topics:
        asked.append(or_(*(_has_topic(topic) for topic in wanted.topics)))
    if wanted.not_mailed_since is not None:
        asked.append(~_mailed(now - wanted.not_mailed_since, campaign_id))
    if wanted.suppressed is not None:
        stopped = _suppressed()
        asked.append(stopped if wanted.suppressed else ~stopped)
    if wanted.consent is not None:
        asked.append(_consent(wanted.consent))
    return and_(*asked)


def _has_topic(topic: str) -> ColumnElement[bool]:
    """Topics stand in a list as JSON writes it: quotation marks keep ``paie`` from being found in ``paiement``."""
    return contacts.c.topics.contains(json.dumps(topic, ensure_ascii=False), autoescape=True)


def _mailed(since: datetime, campaign_id: int | None) -> ColumnElement[bool]:
    """Unknown ones count: the person may have got them."""
    counts = or_(attempts.c.outcome.is_(None), attempts.c.outcome.in_(("accepted", "unknown")))
    mine: Any = attempts.c.campaign_id != campaign_id if campaign_id is not None else True
    lately = and_(attempts.c.opened_at >= since, counts, mine)
    own = exists().where(attempts.c.contact_id == contacts.c.id, lately).correlate(contacts)
    formerly = (aliases.c.contact_id == contacts.c.id) & (attempts.c.contact_id == aliases.c.former_id)
    return or_(own, exists().where(formerly, lately).correlate(contacts))


def _suppressed() -> ColumnElement[bool]:
    meets = or_(suppressions.c.hash == contacts.c.address_hash, suppressions.c.hash == contacts.c.domain_hash)
    return exists().where(and_(meets, in_force)).correlate(contacts)


def _consent(wanted: str) -> ColumnElement[bool]:
    """The newest word counts; a consent without proof is one that was given, too."""
    own = (consents.c.contact_id == contacts.c.id) & (consents.c.scope == "mail")
    newest = select(consents.c.id).where(own).order_by(consents.c.recorded_at.desc(), consents.c.id.desc()).limit(1)
    latest = consents.c.id == newest.correlate(contacts).scalar_subquery()
    if wanted == "none":
        return ~exists().where(own).correlate(contacts)
    withdrawn = consents.c.withdrawn_on.is_not(None)
    return exists().where(latest, withdrawn if wanted == "withdrawn" else ~withdrawn).correlate(contacts)
