"""Gathers the facts that the gates judge: law, address class, function, history. No gate asks for anything itself.

In: a campaign, contacts with their histories. Out: ``ContactFacts``, one a contact. What repeats (country pairs,
titles) is remembered by the rooms that know it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256

from sender.functions import match
from sender.gates import ContactFacts, Documents
from sender.law import Rules, classify, resolve
from sender.model import Campaign, Contact, FunctionMatch, History, Part, PartSyntax, Processing
from sender.titles import folded


@dataclass(frozen=True, slots=True)
class Bench:
    """What all contacts of one campaign are judged with.

    ``collection_notice``: the letters carry the notice of GDPR art. 14. ``titles``: functions of titles that a person
    has assigned.
    """

    campaign: Campaign
    accepted: frozenset[str]
    today: date
    frequency_cap: int
    reserved_allowed: bool = False
    collection_notice: bool = False
    titles: Mapping[str, FunctionMatch] = field(default_factory=dict)

    def rules_for(self, country: str | None) -> Rules:
        return resolve(self.campaign.sender.country, country, self.accepted)

    def of(self, contact: Contact, history: History) -> ContactFacts:
        return ContactFacts(
            today=self.today,
            contact=contact,
            address_class=classify(contact.email, contact.form, contact.company),
            functions=self.functions_of(contact.title),
            offer=self.campaign.offer,
            basis=self.campaign.basis,
            rules=self.rules_for(contact.country),
            history=history,
            frequency_cap=self.frequency_cap,
            collection_notice=self.collection_notice,
            reserved_allowed=self.reserved_allowed,
        )

    def functions_of(self, title: str | None) -> FunctionMatch:
        """What a person has assigned to this title; else what it says by itself."""
        assigned = self.titles.get(folded(title)) if title and self.titles else None
        return assigned or match(title)

    def content_rules(self, countries: Iterable[str | None]) -> tuple[Rules, ...]:
        """The rules that the letters' content has to meet: the sender's own and those of every country written to."""
        wanted = sorted({self.campaign.sender.country, *countries}, key=str)
        return tuple(self.rules_for(country) for country in wanted)


NOTICE = "first_contact_notice"


def carries_notice(syntax: Iterable[PartSyntax]) -> bool:
    """Both parts print the first-contact notice, and no condition of the template's own stands before it."""
    # Meets: GDPR art. 14(3)(b)
    parts = {part.part for part in syntax for use in part.uses if use.name == NOTICE and not use.conditional}
    return {Part.HTML, Part.TEXT} <= parts


def documents(processing: Processing) -> Documents:
    """What the campaign refers to, with the hash under which the journal keeps it."""
    path = processing.balancing_test
    content = path.read_bytes() if path and path.is_file() else None
    return Documents(
        record=processing.record,
        balancing_test=sha256(content).hexdigest() if content else None,
        balancing_test_exists=content is not None,
        balancing_test_empty=content is not None and not content.strip(),
    )
