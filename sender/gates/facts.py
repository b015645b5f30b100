"""What the gates judge on, gathered by the pipeline. Everything is frozen; nothing here can be asked for more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sender.law import Rules
from sender.model import (
    AddressClass,
    Campaign,
    Contact,
    FunctionMatch,
    History,
    LegalBasis,
    Offer,
    PartSyntax,
    Rendering,
)


@dataclass(frozen=True, slots=True)
class ContactFacts:
    """One contact in one campaign. ``collection_notice``: this mail carries the full notice of GDPR art. 14.

    ``reserved_allowed``: the relay is on this machine, so that mail to invented domains (RFC 2606) goes nowhere.
    """

    today: date
    contact: Contact
    address_class: AddressClass
    functions: FunctionMatch
    offer: Offer
    basis: LegalBasis
    rules: Rules
    history: History
    frequency_cap: int
    collection_notice: bool = False
    reserved_allowed: bool = True


@dataclass(frozen=True, slots=True)
class Channels:
    """The ways to stop that exist: public pages, a mailbox that is read."""

    pages_url: str | None = None
    mailbox: str | None = None


@dataclass(frozen=True, slots=True)
class Documents:
    """What the campaign refers to. ``balancing_test``: SHA-256 of the file's content."""

    record: str | None = None
    balancing_test: str | None = None
    balancing_test_exists: bool = False
    balancing_test_empty: bool = False


@dataclass(frozen=True, slots=True)
class CampaignFacts:
    """One campaign, with letters rendered for invented people who differ in every field.

    ``content``: the rules of the sender's country and of each country written to.
    ``consented_to_tracking``: every single recipient did.
    """

    today: date
    campaign: Campaign
    content: tuple[Rules, ...]
    syntax: tuple[PartSyntax, ...]
    renderings: tuple[Rendering, ...]
    channels: Channels
    documents: Documents
    consented_to_tracking: bool = False
