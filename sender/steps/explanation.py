"""Why one contact may or may not get one campaign: every gate of both stages asked about this one alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sender import contacts
from sender.gates import ContactFacts, judge_contact
from sender.ledger import known_campaign
from sender.model import Address, Contact, Verdict
from sender.steps.brief import Brief, Rows
from sender.steps.house import House
from sender.steps.judging import Judging, looked_up


@dataclass(frozen=True, slots=True)
class Explanation:
    """``verdicts``: of the campaign gates as if this contact were the whole audience, then of the contact gates."""

    facts: ContactFacts
    verdicts: tuple[Verdict, ...]

    @property
    def may_send(self) -> bool:
        return bool(self.verdicts) and all(verdict.passed for verdict in self.verdicts)


def explained(house: House, brief: Brief, address: Address, *, reserved_allowed: bool) -> Explanation | None:
    """What the gates say now; None where nothing is known of the contact."""
    house.hear()
    contact = next(_known(house, brief, address), None)
    if contact is None:
        return None
    judging = Judging.begin(house, brief, reserved_allowed=reserved_allowed)
    with house.store.read() as connection:
        campaign = known_campaign(connection, brief.campaign.name)
    people = looked_up(house, [contact], campaign)
    facts = judging.bench.of(*people[0])
    decision = judge_contact(facts)
    judging.tally.countries.add(facts.contact.country)
    judging.contacts(people)
    return Explanation(facts, (*judging.campaign(), *decision.verdicts))


def _known(house: House, brief: Brief, address: Address) -> Iterator[Contact]:
    """As the campaign's file has the contact, else as the base has it."""
    for batch in Rows(house, brief).batches():
        yield from (contact for contact in batch if contact.email.key == address.key)
    with house.store.read() as connection:
        if stored := contacts.by_email(connection, address):
            yield stored
