"""How long a contact may be kept, and what is due today.

The term runs from the last word that came from the person: the day of collection, an inbound contact, a consent that
stands, a sale. That a mail was opened is no such word, and is not even known here. Of a contact without a date the
day on which it entered the base is taken: its details are at least that old.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from sender.law import Ruling
from sender.law.calendar import last_day
from sender.record.census import Head

__all__ = ["Standing", "Term", "Terms", "last_word", "standing"]

Terms = Callable[[str | None], Ruling[int]]
"""The ruling on retention for a country."""


class Standing(StrEnum):
    """Where a contact stands towards its term."""

    KEPT = "kept"
    SOON = "soon"  # the term ends within the days that were named
    DUE = "due"
    ASKED = "asked"  # was asked, and may still answer
    RESTRICTED = "restricted"  # Meets: GDPR art. 18(2) (who had their data restricted decides over it)
    REQUESTED = "requested"  # a request by right is open: what it is about must not vanish
    SENDING = "sending"

    @property
    def past(self) -> bool:
        """The term is over."""
        return self not in {Standing.KEPT, Standing.SOON}


@dataclass(frozen=True, slots=True)
class Term:
    """``since``: the last word, and what it was: collected, inbound, consent, sale, entered."""

    since: date
    word: str
    until: date
    rule: str


def last_word(head: Head) -> tuple[date, str]:
    days = (
        (head.collected_on, "collected"),
        (head.last_inbound_on, "inbound"),
        (head.consent_on, "consent"),
        (head.sold_on, "sale"),
    )
    known = [(day, word) for day, word in days if day is not None]
    return max(known) if known else (head.created_at.date(), "entered")


def term(head: Head, terms: Terms) -> Term:
    # Meets: FR F10 (CNIL); GDPR art. 5(1)(e)
    since, word = last_word(head)
    ruling = terms(head.country)
    return Term(since, word, last_day(since, ruling.value), ruling.rule)


def standing(head: Head, terms: Terms, today: date, *, within: int = 0, answer: int = 0) -> tuple[Standing, Term]:
    """``within``: days before the end that count as soon; ``answer``: days that who was asked has to answer."""
    found = term(head, terms)
    if today <= found.until:
        return (Standing.SOON if (found.until - today).days < within else Standing.KEPT), found
    if head.restricted:
        return Standing.RESTRICTED, found
    if head.requested:
        return Standing.REQUESTED, found
    if head.sending:
        return Standing.SENDING, found
    if head.asked_at and today <= head.asked_at.date() + timedelta(days=answer):
        return Standing.ASKED, found
    return Standing.DUE, found
