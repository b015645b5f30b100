"""Judges a campaign and its contacts with all that the gates must know, and composes letters: for every step alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sender import contacts, ledger
from sender.campaign import demand_past
from sender.gates import CampaignFacts, Channels, consents_to_tracking, judge_campaign, judge_contact
from sender.letters import CannotCompose, Composer, Moulds, synthetic_contacts
from sender.model import Choices, Contact, ContactId, Decision, History, Letter, Rendering, Verdict
from sender.steps.brief import Brief, Rows
from sender.steps.facts import Bench, documents, tells_at_first_contact
from sender.steps.house import House
from sender.steps.pacing import day_of, lasts_too_long, receiver_of, slow_ones
from sender.steps.plan import Plan, Tally

if TYPE_CHECKING:
    from sender.dkim import Signer

Judged = tuple[Contact, Decision]

# Meets: C6 (an objection is in force within 48 hours)
READ_WITHIN = timedelta(hours=48)
NOBODY = ContactId("0" * 32)  # stands in for the id that a contact gets when it enters the base


@dataclass(slots=True)
class Judging:
    """Judges one campaign in one house; what it counts becomes the plan."""

    house: House
    brief: Brief
    reserved_allowed: bool
    tally: Tally
    uncomposable: Tally
    tells_at_first_contact: bool

    @classmethod
    def begin(cls, house: House, brief: Brief, *, reserved_allowed: bool) -> Judging:
        demand_past(brief.campaign, house.today)
        tells = tells_at_first_contact(brief.campaign, brief.templates)
        return cls(house, brief, reserved_allowed, Tally(receiver_of(house.settings)), Tally(), tells)

    @property
    def bench(self) -> Bench:
        settings = self.house.settings
        return Bench(
            self.brief.campaign,
            self.house.accepted,
            self.house.today,
            settings.frequency_cap,
            self.reserved_allowed,
            self.tells_at_first_contact,
            self.brief.matcher,
        )

    def contacts(self, people: list[tuple[Contact, History]]) -> list[Judged]:
        """Every contact gate about every contact, counted."""
        bench, judged = self.bench, []
        for contact, history in people:
            facts = bench.of(contact, history)
            decision = judge_contact(facts)
            self.tally.count(contact, decision, tracking=consents_to_tracking(facts))
            judged.append((contact, decision))
        return judged

    def campaign(self) -> tuple[Verdict, ...]:
        """Every campaign gate about letters to invented people."""
        return judge_campaign(self.facts(tuple(self.samples())))

    def facts(self, renderings: tuple[Rendering, ...]) -> CampaignFacts:
        """What campaign gates judge on; content rules are those of the countries that may be written to."""
        brief, settings = self.brief, self.house.settings
        mailbox = settings.unsubscribe_mailbox
        return CampaignFacts(
            today=self.house.today,
            campaign=brief.campaign,
            content=self.bench.content_rules(self.tally.countries),
            syntax=brief.templates.syntax(),
            renderings=renderings,
            channels=Channels(settings.pages_url, str(mailbox) if mailbox else None, self._mailbox_is_read()),
            documents=documents(brief.campaign.processing),
            consented_to_tracking=self.tally.to_send > 0 and self.tally.all_consent_to_tracking,
            sources=brief.templates.sources(),
        )

    def _mailbox_is_read(self) -> bool:
        """Every mailbox of the settings, to its end, not long ago; in practice nobody writes to one."""
        house = self.house
        if house.practice:
            return True
        with house.store.read() as connection:
            at = ledger.mailboxes_read(connection, map(str, house.settings.collect))
        return at is not None and house.now() - at <= READ_WITHIN

    def samples(self) -> Iterator[Rendering]:
        """Letters to invented people; those who lack what the template must print have none, as real ones would."""
        templates = self.brief.templates
        for contact in synthetic_contacts(self.brief.campaign, templates.columns):
            try:
                yield templates.render(contact, self.house.links_for(contact))
            except CannotCompose:
                continue

    def plan(self, rows: Rows, verdicts: tuple[Verdict, ...]) -> Plan:
        tally = self.tally
        return Plan(
            campaign=self.brief.campaign,
            verdicts=verdicts,
            reading=rows.reading(),
            to_send=tally.to_send,
            held=tally.held(),
            held_contacts=tally.held_contacts,
            already=tally.already,
            erased=tally.erased,
            uncomposable=self.uncomposable.held(),
            receivers=tally.receivers,
            slow=(slow := tuple(slow_ones(self.house.settings, self.brief.campaign, tally.receivers, tally.to_send))),
            too_slow=lasts_too_long(self.brief.campaign, slow, self.house.now()),
            day=day_of(self.house, self.brief.campaign),
        )


def looked_up(house: House, batch: list[Contact], campaign_id: int | None) -> list[tuple[Contact, History]]:
    """Contacts of a file as the base would have them after an import, with what is known of them."""
    with house.store.read() as connection:
        batch = contacts.as_of_today(connection, batch)
        stored = contacts.by_keys(connection, [contact.email.key for contact in batch])
        against = contacts.standing_against(connection, [c.email for c in batch], hash_of=house.hash_of)
        strangers = {house.hash_of(contact.email): contact for contact in batch if contact.email.key not in stored}
        refused = contacts.refused_under(connection, list(strangers))
        ids = [contact.id for contact in stored.values()]
        known = ledger.history(connection, campaign_id, ids, house.today)
    once = {strangers[each].email.key: Choices(refused=topics) for each, topics in refused.items()}
    people = []
    for contact in batch:
        before = stored.get(contact.email.key)
        history = known[before.id] if before else History()
        standing = against.get(contact.email)
        suppression = history.suppression or (standing[0].entry if standing else None)
        people.append(
            (
                contacts.merge(before, contact) if before else _as_known_once(contact, once),
                replace(history, suppression=suppression),
            )
        )
    return people


def _as_known_once(contact: Contact, once: Mapping[str, Choices]) -> Contact:
    """Whom the base does not know may have refused topics before it forgot them."""
    chosen = once.get(contact.email.key)
    return replace(contact, choices=chosen) if chosen else contact


def composing(house: House, brief: Brief, signer: Signer | None) -> Callable[[Contact], Letter]:
    """The way from a contact to its letter: the same for check, preview and send. Without a signer it is not signed."""
    campaign, templates = brief.campaign, brief.templates
    relay = house.settings.relay
    host = relay.host if relay and not house.practice else ""
    moulds = Moulds(templates, Composer(campaign, templates, bounces=house.settings.bounces, relay=host, signer=signer))
    domain = campaign.sender.from_.domain

    def compose(contact: Contact) -> Letter:
        name = ledger.message_id(house.base.base_id, campaign.name, contact.id, domain)
        return moulds.letter(contact, house.links_for(contact), message_id=name, date=house.now())

    return compose


def try_composing(uncomposable: Tally, compose: Callable[[Contact], Letter], contact: Contact) -> None:
    try:
        compose(contact if contact.id else replace(contact, id=NOBODY))
    except CannotCompose as reason:
        uncomposable.count(contact, Decision((Verdict("letter", False, (reason.finding,)),)))
