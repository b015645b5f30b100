"""Refuses letters that do not say who writes: what sender and recipient countries ask for, shown in text and HTML."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from sender.gates import shown
from sender.gates.facts import CampaignFacts
from sender.gates.sight import sights
from sender.gates.verdicts import Findings, found, unless_found
from sender.model import Finding, LegalIdentity, Part, Sender, Verdict

_ELEMENTS = ("name", "legal_form", "capital", "siren", "rcs", "registered_office", "postal_address")
FINDINGS: Findings = {
    "shown": ("elements",),
    "no_rendering": (),
    "element_unknown": ("element",),
    "siren_invalid": (),
    "postal_address_incomplete": (),
    **{f"{element}_missing": () for element in _ELEMENTS},
    **{f"{element}_not_shown": ("part",) for element in _ELEMENTS},
}
# C. com. R123-238 asks companies for their capital; these have none, or need not state it.
_NO_CAPITAL = (
    *("ei", "eirl", "entrepreneur individuel", "entrepreneuse individuelle", "entreprise individuelle"),
    *("micro entrepreneur", "micro entrepreneuse", "micro entreprise", "auto entrepreneur", "autoentrepreneur"),
)
_NOT_REGISTERED = (
    *("association", "fondation", "syndicat", "profession liberale", "professionnel liberal", "aarpi"),
    *("etablissement public", "collectivite", "fonds de dotation"),
)


_LINE = "sender.legal_line"


@dataclass(frozen=True, slots=True)
class _Element:
    key: str
    value: Callable[[Sender], str | None]
    is_shown: Callable[[str, str], bool]


_KNOWN: Mapping[str, _Element] = {
    "name": _Element("sender.name", lambda s: s.name, shown.words),
    "legal_form": _Element("sender.legal.form", lambda s: s.legal.form, shown.legal_form),
    "capital": _Element("sender.legal.capital", lambda s: s.legal.capital, shown.amount),
    "siren": _Element("sender.legal.siren", lambda s: s.legal.siren, shown.number),
    "rcs": _Element("sender.legal.rcs", lambda s: s.legal.rcs, shown.registry),
    "registered_office": _Element("sender.legal.registered_office", lambda s: s.legal.registered_office, shown.place),
    "postal_address": _Element("sender.legal.postal_address", lambda s: s.postal_address, shown.place),
}


def judge(facts: CampaignFacts) -> Verdict:
    # Meets: FR F5, FR F6, FR F7, FR F8 (C. com. R123-237, R123-238); CAN-SPAM 7704(a)(5) (postal address)
    asked = dict(_asked(facts))
    return unless_found(
        "identity",
        _findings(facts, asked),
        found("shown", "; ".join(sorted(set(asked.values()))), elements=tuple(asked)),
    )


def _asked(facts: CampaignFacts) -> Iterator[tuple[str, str]]:
    """The union over all countries; name and postal address are asked for everywhere, whatever the packs say."""
    wanted = {"name": "FR F5; ePrivacy art. 13(4)", "postal_address": "A6; CAN-SPAM 7704(a)(5)"}
    for rules in facts.content:
        wanted.update(rules.identity)
    legal = facts.campaign.sender.legal
    yield from ((element, rule) for element, rule in wanted.items() if not _spared(element, legal))


def _spared(element: str, legal: LegalIdentity) -> bool:
    if element not in {"capital", "rcs"} or not legal.form:
        return False
    form = shown.folded(legal.form)
    unregistered = any(form.startswith(kind) for kind in _NOT_REGISTERED)
    return unregistered or (element == "capital" and any(form == k or form.startswith(f"{k} ") for k in _NO_CAPITAL))


def _findings(facts: CampaignFacts, asked: Mapping[str, str]) -> Iterator[Finding]:
    campaign = facts.campaign
    if not facts.renderings:
        yield found("no_rendering", "FR F5", campaign.place("message"))
    for name, rule in asked.items():
        element = _KNOWN.get(name)
        if element is None:
            yield found("element_unknown", rule, campaign.place("sender"), element=name)
            continue
        value = (element.value(campaign.sender) or "").strip()
        place = campaign.place(element.key)
        flaw = _flaw(name, value)
        if flaw:
            yield found(flaw, rule, place)
        else:
            yield from _unshown(facts, name, rule, value)


def _flaw(name: str, value: str) -> str | None:
    if not shown.folded(value):
        return f"{name}_missing"
    if name == "siren" and not valid_siren(value):
        return "siren_invalid"
    if name == "postal_address" and not any(map(str.isdigit, value)):
        return "postal_address_incomplete"
    return None


def valid_siren(siren: str) -> bool:
    """Nine digits whose check digit is right (Luhn, ISO/IEC 7812-1)."""
    digits = "".join(siren.split())
    if len(digits) != 9 or not (digits.isascii() and digits.isdigit()) or int(digits) == 0:
        return False
    doubled = (int(d) * (2 if place % 2 else 1) for place, d in enumerate(digits))
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0


def _unshown(facts: CampaignFacts, name: str, rule: str, value: str) -> Iterator[Finding]:
    """A line that is there but hidden is pointed at; one that is not there stands nowhere."""
    is_shown, place = _KNOWN[name].is_shown, facts.template_place
    for rendering in facts.renderings:
        if not is_shown(value, rendering.text):
            yield found(f"{name}_not_shown", rule, place(Part.TEXT, name=_LINE), part=Part.TEXT.value)
        if not all(is_shown(value, sight.text) for sight in sights(rendering.html)):
            yield found(f"{name}_not_shown", rule, place(Part.HTML, value, _LINE), part=Part.HTML.value)
