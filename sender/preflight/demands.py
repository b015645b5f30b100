"""What the big mailbox providers ask for, against what the campaign would send."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum, auto

from sender.preflight.remarks import Level, Remark
from sender.providers import Provider, Tier, providers

__all__ = ["DEMANDS", "State", "compare", "states"]

DEMANDS = ("spf", "dkim", "dmarc", "reports", "aligned", "one_click", "reverse", "tls", "signal_spam", "web_site")


class State(Enum):
    """Whether a demand is met, as far as it can be seen from here."""

    MET = auto()
    UNMET = auto()
    UNSEEN = auto()


def compare(remarks: Sequence[Remark], letters: Mapping[str, int], *, one_click: bool) -> Iterator[Remark]:
    """``letters``: so many would go to each provider, by its id; those that get none are passed over."""
    known = states(remarks, one_click=one_click)
    for provider in providers():
        if provider.tiers and (count := letters.get(provider.id, 0)):
            yield from _of_provider(provider, count, known)


def _of_provider(provider: Provider, letters: int, known: Mapping[str, State]) -> Iterator[Remark]:
    # Meets: C6 (what each asks for, and from which number on)
    unseen: list[str] = []
    wrong = False
    facts: dict[str, str | int] = {"provider": provider.name, "letters": letters}
    for tier in provider.tiers:
        unmet = [demand for demand in tier.demands if known[demand] is State.UNMET]
        reached = letters >= tier.start
        if unmet:
            wrong = True
            yield _unmet(provider, letters, tier, unmet, reached=reached)
        if reached:
            unseen += [demand for demand in tier.demands if known[demand] is State.UNSEEN]
    if unseen:
        facts["demands"] = _listed(unseen)
        yield Remark(Level.UNKNOWN, "providers", "unseen", provider.domains[0], facts)
    elif not wrong:
        yield Remark(Level.PASSED, "providers", "met", provider.domains[0], facts)


def _unmet(provider: Provider, letters: int, tier: Tier, unmet: Iterable[str], *, reached: bool) -> Remark:
    facts: dict[str, str | int] = {"provider": provider.name, "letters": letters, "start": tier.start}
    facts["demands"] = _listed(unmet)
    if not reached:
        return Remark(Level.WARNING, "providers", "unmet_above", provider.domains[0], facts)
    level, code = (Level.FAILED, "unmet") if tier.refuses else (Level.WARNING, "unmet_mildly")
    return Remark(level, "providers", code, provider.domains[0], facts)


def _listed(demands: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(demands))


def states(remarks: Sequence[Remark], *, one_click: bool) -> Mapping[str, State]:
    """Every demand as the remarks of the DNS leave it."""
    said = {(one.check, one.code): one.level for one in remarks}

    def of(check: str, passed: str, *wrong: str) -> State:
        codes = {code for name, code in said if name == check}
        if codes & {*wrong} or Level.FAILED in {said[check, code] for code in codes}:
            return State.UNMET
        return State.MET if passed in codes and "silent" not in codes else State.UNSEEN

    spf = of("spf", "read", "missing")
    if spf is State.MET and said.keys() & {("spf", "relay_not_named"), ("spf", "relay_by_macro")}:
        spf = State.UNSEEN  # the relay may send from other addresses
    dmarc = of("dmarc", "found", "missing")
    return {
        "spf": spf,
        "dkim": of("dkim", "found"),
        "dmarc": dmarc,
        "reports": State.UNMET if ("dmarc", "no_reports") in said else dmarc,
        "aligned": _aligned(said),
        "one_click": State.MET if one_click else State.UNMET,
        "reverse": State.MET if ("reverse", "found") in said else State.UNSEEN,
        "tls": State.UNSEEN,
        "signal_spam": State.UNSEEN,
        "web_site": State.UNSEEN,
    }


def _aligned(said: Mapping[tuple[str, str], Level]) -> State:
    """One of the two is enough for DMARC."""
    if said.keys() & {("alignment", "signed"), ("alignment", "envelope")}:
        return State.MET
    apart = ("alignment", "signed_apart") in said and ("alignment", "envelope_apart") in said
    return State.UNMET if apart else State.UNSEEN
