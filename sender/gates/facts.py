"""What the gates judge on, gathered by the pipeline. Everything is frozen; nothing here can be asked for more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from html import escape

from sender.errors import Place
from sender.law import Rules
from sender.model import (
    AddressClass,
    Campaign,
    Contact,
    FunctionMatch,
    History,
    LegalBasis,
    Offer,
    Part,
    PartSyntax,
    Rendering,
)


@dataclass(frozen=True, slots=True)
class ContactFacts:
    """One contact in one campaign. ``collection_notice``: this mail shows the full notice of GDPR art. 14.

    ``topics``: what the campaign is about. ``notice_understood``: it is written in the contact's own language.
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
    notice_understood: bool = True
    reserved_allowed: bool = True
    topics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Channels:
    """The ways to stop that exist: public pages, a mailbox. ``mailbox_read``: by this program, within 48 hours."""

    pages_url: str | None = None
    mailbox: str | None = None
    mailbox_read: bool = False


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
    ``consented_to_tracking``: every single recipient did. ``sources``: the templates' text by file.
    """

    today: date
    campaign: Campaign
    content: tuple[Rules, ...]
    syntax: tuple[PartSyntax, ...]
    renderings: tuple[Rendering, ...]
    channels: Channels
    documents: Documents
    consented_to_tracking: bool = False
    sources: Mapping[str, str] = field(default_factory=dict)

    def template_place(self, part: Part, literal: str = "", name: str = "") -> Place:
        """Where ``literal`` stands in a template, or the variable ``name`` is used, as far as either is known."""
        own = reversed([*self.sources.items()]) if part is Part.TEXT else self.sources.items()  # HTML was read first
        for file, source in own:
            at = next((at for said in _spellings(literal) if (at := source.find(said)) >= 0), -1)
            if at >= 0:
                return Place(file, source.count("\n", 0, at) + 1, at - source.rfind("\n", 0, at))
        uses = (
            use for syntax in self.syntax if syntax.part is part for use in syntax.uses if name and use.name == name
        )
        key = "message.text" if part is Part.TEXT and self.campaign.message.text else "message.html"
        return next((use.place for use in uses), self.campaign.place(key))


def _spellings(literal: str) -> tuple[str, ...]:
    """As a template may have it: plain, or with the entities that HTML asks for."""
    return tuple(dict.fromkeys((literal, escape(literal, quote=False), escape(literal)))) if literal else ()
