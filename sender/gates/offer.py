"""Refuses campaigns that do not say what they offer, to whose work, and why; universal goods; banned sectors."""

from __future__ import annotations

from collections.abc import Iterator

from sender.functions import FUNCTIONS
from sender.gates.facts import CampaignFacts
from sender.gates.shown import folded
from sender.gates.verdicts import Findings, found, unless_found
from sender.gates.wording import TOOLS, UNIVERSAL
from sender.model import Finding, Offer, Verdict

FINDINGS: Findings = {
    "stated": ("functions",),
    "overridden": ("functions",),
    "what_missing": (),
    "because_missing": (),
    "functions_missing": (),
    "function_unknown": ("function",),
    "universal": ("goods",),
    "sector_banned": ("sector",),
}
_RELEVANCE = "FR F3(c) (CPCE L34-5; CNIL); D2"
_UNIVERSAL = "FR F13 (CNIL SAN-2020-018); D2"


def judge(facts: CampaignFacts) -> Verdict:
    # Meets: FR F3(c), FR F9, FR F13
    offer = facts.campaign.offer
    signed = _is_universal(offer) is not None and _signed(offer)
    passed = found("overridden" if signed else "stated", _RELEVANCE, functions=offer.functions)
    return unless_found("offer", _findings(facts), passed)


def _findings(facts: CampaignFacts) -> Iterator[Finding]:
    offer, place = facts.campaign.offer, facts.campaign.place
    if not folded(offer.what or ""):
        yield found("what_missing", _RELEVANCE, place("offer.what"))
    if not folded(offer.because or ""):
        yield found("because_missing", _RELEVANCE, place("offer.because"))
    if not offer.functions:
        yield found("functions_missing", _RELEVANCE, place("offer.functions"))
    for function in offer.functions:
        if function not in FUNCTIONS:
            yield found("function_unknown", _RELEVANCE, place("offer.functions"), function=function)
    goods = _is_universal(offer)
    if goods is not None and not _signed(offer):
        yield found("universal", _UNIVERSAL, place("offer.what"), goods=goods)
    yield from _sector_findings(facts)


def _signed(offer: Offer) -> bool:
    return bool((offer.override or "").strip())


def _is_universal(offer: Offer) -> str | None:
    """The kind of goods that anybody at work can use; None where the offer is a tool of a trade.

    Software for caterers is no meal, and meals offered to a canteen's cook are his work.
    """
    if offer.universal:
        return "declared"
    text = f" {folded(offer.what or '')} "
    is_tool = not TOOLS.isdisjoint(text.split())
    for goods in UNIVERSAL:
        trade = bool(offer.functions) and goods.trades.issuperset(offer.functions)
        if trade or (is_tool and not goods.tools_too):
            continue
        if any(f" {word} " in text for word in goods.words):
            return goods.name
    return None


def _sector_findings(facts: CampaignFacts) -> Iterator[Finding]:
    sector = folded(facts.campaign.offer.sector or "").replace(" ", "_")
    for rules in facts.content:
        if sector in rules.banned_sectors:
            yield found(
                "sector_banned", rules.banned_sectors[sector], facts.campaign.place("offer.sector"), sector=sector
            )
