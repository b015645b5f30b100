"""Which contacts of the base a campaign could lawfully reach today, and why not the others. Writes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from sender import contacts, ledger
from sender.model import Verdict
from sender.papers import Alarm, Bars, Block, Prose, Section, Table
from sender.record import Words
from sender.steps.brief import BATCH, Brief
from sender.steps.house import House
from sender.steps.judging import Judging
from sender.steps.plan import Held
from sender.steps.reasons import reason

__all__ = ["Reach", "reach", "reach_section"]


@dataclass(frozen=True, slots=True)
class Reach:
    """``looked_at`` = ``reachable`` + ``held_contacts`` + ``already``. ``refused``: campaign gates that stop it all."""

    campaign: str
    looked_at: int
    reachable: int
    held_contacts: int
    already: int
    held: tuple[Held, ...]
    refused: tuple[Verdict, ...]


def reach(house: House, brief: Brief, *, reserved_allowed: bool) -> Reach:
    """Every gate over the whole base, batch by batch."""
    judging, looked_at = Judging.begin(house, brief, reserved_allowed=reserved_allowed), 0
    with house.store.read() as connection:
        campaign = ledger.known_campaign(connection, brief.campaign.name)
        everybody = contacts.walk(connection)
        while batch := list(islice(everybody, BATCH)):
            histories = ledger.history(connection, campaign, [one.id for one in batch], house.today)
            judging.contacts([(one, histories[one.id]) for one in batch])
            looked_at += len(batch)
    tally = judging.tally
    refused = tuple(verdict for verdict in judging.campaign() if not verdict.passed)
    return Reach(
        campaign=brief.campaign.name,
        looked_at=looked_at,
        reachable=tally.to_send,
        held_contacts=tally.held_contacts,
        already=tally.already,
        held=tally.held(),
        refused=refused,
    )


def reach_section(found: Reach, language: str) -> Section:
    words = Words(language)
    rows = (
        (words("reach.reachable"), found.reachable),
        (words("reach.held"), found.held_contacts),
        (words("reach.already"), found.already),
    )
    blocks: list[Block] = [Bars(rows, found.looked_at)]
    if found.refused:
        gates = ", ".join(verdict.gate for verdict in found.refused)
        blocks.insert(0, Alarm(words("reach.refused", gates=gates)))
    if found.held:
        heads = tuple(words(f"paper.{name}") for name in ("gate", "reason", "rule", "contacts"))
        blocks += [
            Prose(words("campaign.held_note")),
            Table(heads, tuple(_row(one, language) for one in _ordered(found))),
        ]
    return Section(words("reach.title", campaign=found.campaign), tuple(blocks))


def _ordered(found: Reach) -> list[Held]:
    return sorted(found.held, key=lambda one: -one.contacts)


def _row(one: Held, language: str) -> tuple[str, str, str, int]:
    return one.gate, reason(one.gate, one.finding, language), one.finding.rule, one.contacts
