"""Asks beforehand what receivers will ask about a campaign's domains, as far as the settings let it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sender.address import is_reserved_domain
from sender.model import Campaign
from sender.preflight import Level, Remark, Sending, ask
from sender.settings import RelayUrl, Settings
from sender.steps.signing import identities

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


def preflight(settings: Settings, campaign: Campaign, *, practice: bool) -> Preflight:
    """Everything that the DNS says of the campaign; takes some seconds at most. Raises SettingsError for a key."""
    why_not = not_asked(settings, campaign, practice=practice)
    if why_not:
        return Preflight(not_asked=why_not)
    servers = [(server.address, server.port) for server in settings.resolver]
    return Preflight(ask(sending(settings, campaign), servers))


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
