"""What receivers will find: asked of the DNS as far as the settings let it, and read off letters to invented people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum

from sender.address import is_reserved_domain
from sender.letters import CannotCompose, synthetic_contacts
from sender.model import Campaign
from sender.preflight import Level, Remark, Scanner, Sending, ask, check_letter, check_spam, compare
from sender.settings import RelayUrl, Settings
from sender.steps.brief import Brief
from sender.steps.house import House
from sender.steps.judging import composing
from sender.steps.signing import identities, signer_of

__all__ = ["NotAsked", "Preflight", "not_asked", "preflight", "sending"]


class NotAsked(StrEnum):
    """Why the DNS was left alone."""

    PRACTICE = "practice"
    OFF = "off"
    INVENTED = "invented"  # a reserved domain is in no DNS but one's own


@dataclass(frozen=True, slots=True)
class Preflight:
    """``not_asked``: why nothing of the DNS is among the remarks; then nothing about it is known."""

    remarks: tuple[Remark, ...] = ()
    not_asked: NotAsked | None = None

    @property
    def failed(self) -> bool:
        return any(remark.level is Level.FAILED for remark in self.remarks)


def preflight(house: House, brief: Brief, providers: Mapping[str, int], *, practice: bool) -> Preflight:
    """What the DNS says of the campaign, what big providers hold against it, what is wrong with its letters.

    ``providers``: letters to each. Takes some seconds at most. Raises SettingsError for a key.
    """
    settings, campaign = house.settings, brief.campaign
    letter = (*_of_letters(house, brief), *_of_filter(house, brief, practice=practice))
    why_not = not_asked(settings, campaign, practice=practice)
    if why_not:
        return Preflight(letter, why_not)
    servers = [(server.address, server.port) for server in settings.resolver]
    asked = ask(sending(settings, campaign), servers)
    # Meets: RFC 8058 §3.1 (one click needs https)
    one_click = (settings.pages_url or "").startswith("https://")
    return Preflight((*asked, *compare(asked, providers, one_click=one_click), *letter))


def _of_letters(house: House, brief: Brief) -> Iterator[Remark]:
    """Letters to invented people; those that lack what the template must print have none."""
    written, sent = [], []
    for contact in synthetic_contacts(brief.campaign, brief.templates.columns):
        links = house.links_for(contact)
        with suppress(CannotCompose):
            sent.append(brief.templates.render(contact, links).html)
            written.append(brief.templates.written(contact, links))
    yield from check_letter(brief.templates.sources(), written, sent)


def _of_filter(house: House, brief: Brief, *, practice: bool) -> Iterator[Remark]:
    """What the spam filter of the settings says of one letter, signed as letters are; none is asked in practice."""
    named = house.settings.spam_check
    if practice or named is None:
        return
    compose = composing(house, brief, signer_of(house, brief.campaign))
    for contact in synthetic_contacts(brief.campaign, brief.templates.columns):
        with suppress(CannotCompose):
            yield check_spam(Scanner(named.kind, named.host, named.port), compose(contact).content)
            return


def not_asked(settings: Settings, campaign: Campaign, *, practice: bool) -> NotAsked | None:
    """Why the DNS is left alone; None where it is asked."""
    if practice:
        return NotAsked.PRACTICE
    if not settings.preflight:
        return NotAsked.OFF
    if is_reserved_domain(campaign.sender.from_.domain) and not settings.resolver:
        return NotAsked.INVENTED
    return None


def sending(settings: Settings, campaign: Campaign) -> Sending:
    """What the campaign's letters will carry."""
    sender, relay = campaign.sender, settings.relay
    return Sending(
        author=sender.from_.domain,
        envelope=(settings.bounces or sender.from_).domain,
        replies=sender.reply_to.domain if sender.reply_to else None,
        relay=_distant(relay),
        own_machine=relay is not None and relay.local,
        identities=identities(settings),
    )


def _distant(relay: RelayUrl | None) -> str | None:
    return relay.host if relay and not relay.local else None
