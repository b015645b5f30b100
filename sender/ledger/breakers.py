"""When refusals, bounces and complaints are too many: the rules, as pure functions over counts.

A breaker trips where going on would harm: a receiver that says no to our mail as such says it louder to the next one,
and remembers who did not listen. What is counted, and what a pause stops, is in ``pauses``.
"""

# Meets: RULES C5 (5.7.x is refused, not suppressed, and pauses), C6 (complaints below 0.1 %)

from __future__ import annotations

from enum import StrEnum

__all__ = [
    "BOUNCES_PER_MILLE",
    "COMPLAINTS_PER_MILLE",
    "DOMAINS",
    "DOMAIN_MAILS",
    "DOMAIN_PER_MILLE",
    "EVENTS",
    "IN_A_ROW",
    "MAILS",
    "Reason",
    "of_campaign",
    "of_domain",
    "of_domains",
]

IN_A_ROW = 3
"""Refusals by policy of one domain, with no mail taken between (RULES C5)."""
DOMAIN_PER_MILLE = 10
"""The same by share of the domain's mails: 1 % (RULES C5)."""
DOMAIN_MAILS = 100
"""From how many on the share counts: of fewer, one per cent is less than one mail."""
DOMAINS = 3
"""Paused domains that pause the campaign: the cause is then with us, not with one of them (RULES C5)."""
BOUNCES_PER_MILLE = 20
"""Addresses that do not exist: 2 %. More says that the list is old or bought."""
COMPLAINTS_PER_MILLE = 1
"""0.1 %: what Gmail asks to stay below; it acts at 0.3 % (RULES C6)."""
EVENTS = 3
"""Fewer bounces or complaints stop no campaign, whatever their share: they may be chance."""
MAILS = 500
"""Nor do they before so many mails of the campaign were answered by the relay."""


class Reason(StrEnum):
    """Why something is paused. The first two pause a domain, the others the campaign."""

    IN_A_ROW = "in_a_row"
    SHARE = "share"
    DOMAINS = "domains"
    SENDER = "sender"  # a 5.7.x to MAIL
    BOUNCES = "bounces"
    COMPLAINTS = "complaints"


def of_domain(mails: int, refused: int, in_a_row: int) -> Reason | None:
    """``mails``: answered for good to this domain, refusals included; ``refused``: those by policy."""
    if in_a_row >= IN_A_ROW:
        return Reason.IN_A_ROW
    enough = refused > 0 and mails >= DOMAIN_MAILS
    return Reason.SHARE if enough and refused * 1000 >= mails * DOMAIN_PER_MILLE else None


def of_domains(paused: int) -> Reason | None:
    return Reason.DOMAINS if paused >= DOMAINS else None


def of_campaign(mails: int, bounces: int, complaints: int) -> Reason | None:
    """``mails``: of the campaign, answered for good. Complaints first: they weigh more."""
    if mails < MAILS:
        return None
    if complaints >= EVENTS and complaints * 1000 >= mails * COMPLAINTS_PER_MILLE:
        return Reason.COMPLAINTS
    if bounces >= EVENTS and bounces * 1000 >= mails * BOUNCES_PER_MILLE:
        return Reason.BOUNCES
    return None
