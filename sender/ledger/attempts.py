"""A letter on its way, as its rooms name it to each other and to the base: a claim, an attempt, an attempt's letter.

``claiming``, ``opening`` and ``closing`` are the three steps between a decision and the relay's word.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import ColumnElement, or_

from sender.model import ContactId
from sender.store.kept import Listed
from sender.store.schema import letters

__all__ = ["GIVEN", "Claim", "Opened", "answered", "attempt_key", "claim_key", "claimed"]


class Claim(NamedTuple):
    """A letter that this run alone may open, as long as it lives."""

    campaign_id: int
    contact: ContactId
    run_id: str
    fence: int


class Opened(NamedTuple):
    """An attempt is on the disk: the letter may go to the wire."""

    claim: Claim
    number: int
    message_id: str


# --- in statements

GIVEN = Listed("b_rows", campaign=int, contact=str, run=str, fence=int, number=int)
"""Attempts by their keys, and claims, which have no number; ``attempt_key`` and ``claim_key`` begin the rows."""


def claimed() -> ColumnElement[bool]:
    """The letter that a claim took, while the claim holds."""
    return (
        (letters.c.campaign_id == GIVEN["campaign"])
        & (letters.c.contact_id == GIVEN["contact"])
        & (letters.c.claimed_by == GIVEN["run"])
        & (letters.c.fence == GIVEN["fence"])
        & or_(letters.c.state == "waiting", letters.c.state == "deferred")
    )


def answered() -> ColumnElement[bool]:
    """The letter of an attempt that is its newest, not yet settled."""
    return (
        (letters.c.campaign_id == GIVEN["campaign"])
        & (letters.c.contact_id == GIVEN["contact"])
        & (letters.c.tries == GIVEN["number"])
        & or_(letters.c.state == "sending", letters.c.state == "unknown")
    )


Key = tuple[int, ContactId, str, int]


def claim_key(one: Claim) -> Key:
    return one.campaign_id, one.contact, one.run_id, one.fence


def attempt_key(one: Opened) -> tuple[*Key, int]:
    return *claim_key(one.claim), one.number
