"""How fast a campaign may go: what providers take, what the settings say, what the campaign file says.

A receiver is a provider with all its domains, since it counts them together, or one domain that the settings name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from hashlib import sha256

from sender import ledger
from sender.contacts import domain_as_address
from sender.ledger import Lane, Pace
from sender.model import Campaign
from sender.providers import providers
from sender.rates import Limits
from sender.settings import Settings
from sender.steps.house import House
from sender.steps.plan import DayPlan, Slow

__all__ = [
    "Receiver",
    "day_of",
    "lasts_too_long",
    "pace_of",
    "pace_of_receivers",
    "receiver_of",
    "receivers",
    "slow_ones",
]

_WORTH_A_WORD = 60  # seconds


@dataclass(frozen=True, slots=True)
class Receiver:
    """``id``: the provider's, or the domain; ``lane``: the name of its lane, the same in every run."""

    id: str
    name: str
    domains: tuple[str, ...]
    limits: Limits
    lane: str


def receivers(settings: Settings) -> tuple[Receiver, ...]:
    """All that are known by name, those without limits too. What is set for one domain of a provider is for it all."""
    said = dict(settings.pace.limits)
    known = []
    for provider in providers():
        own = [limits for domain in provider.domains if (limits := said.pop(domain, None)) is not None]
        limits = reduce(Limits.stricter, own) if own else provider.limits
        known.append(Receiver(provider.id, provider.name, provider.domains, limits, provider.id))
    return (*known, *(Receiver(domain, domain, (domain,), limits, _lane(domain)) for domain, limits in said.items()))


def _lane(domain: str) -> str:
    """Short enough for any domain."""
    return f"own-{sha256(domain.encode()).hexdigest()[:20]}"


def receiver_of(settings: Settings) -> Callable[[str], str | None]:
    """From a domain, in lower case, to the id of its receiver; None for all that nothing is known of."""
    return {domain: one.id for one in receivers(settings) for domain in one.domains}.get


def slow_ones(settings: Settings, campaign: Campaign, counts: Mapping[str, int], letters: int) -> Iterator[Slow]:
    """What takes a minute or more: of ``letters`` in all, and of those in ``counts`` by their receivers' ids."""
    rates = [(None, letters, rate) for rate in (settings.rate, campaign.schedule and campaign.schedule.rate) if rate]
    paced = [(one.name, counts.get(one.id, 0), one.limits.rate) for one in receivers(settings) if one.limits.rate]
    for name, count, rate in (*rates, *paced):
        seconds = (rate.interval * (count - 1) - rate.ahead).total_seconds()
        if seconds >= _WORTH_A_WORD:
            yield Slow(name, count, rate, seconds)


def lasts_too_long(campaign: Campaign, slow: Iterable[Slow], now: datetime) -> bool:
    """Whether something goes so slowly that it would not be done by the campaign's end, were it to begin now."""
    schedule = campaign.schedule
    longest = timedelta(seconds=max((one.seconds for one in slow), default=0.0))
    return bool(schedule and schedule.not_after and now < schedule.not_after < now + longest)


def day_of(house: House, campaign: Campaign) -> DayPlan | None:
    """What today is like for the sender's domain."""
    if house.practice:
        return None
    domain, warm_up = campaign.sender.from_.domain, house.settings.warm_up
    with house.store.read() as connection:
        day = ledger.today(connection, domain, house.now())
    return DayPlan(domain, max(day.best, day.sent), day.left(warm_up) if warm_up else None)


def pace_of(house: House, campaign: Campaign, campaign_id: int) -> Pace:
    """What holds for this campaign's letters. Practice has all the time of the world, and no receiver."""
    if house.practice:
        return Pace()
    settings = house.settings
    rates = {"relay": settings.rate, f"campaign-{campaign_id}": campaign.schedule and campaign.schedule.rate}
    lanes = [Lane(name, Limits(rate)) for name, rate in rates.items() if rate]
    return Pace((*pace_of_receivers(house).lanes, *lanes), campaign.sender.from_.domain, settings.warm_up)


def pace_of_receivers(house: House) -> Pace:
    """What holds for all campaigns' letters to some receivers."""
    if house.practice:
        return Pace()
    lanes = [
        Lane(one.lane, one.limits, frozenset(house.hash_of(domain_as_address(domain)) for domain in one.domains))
        for one in receivers(house.settings)
    ]
    return Pace(tuple(lanes))
