"""Refuses addresses whose provenance is unknown, guessed or scraped, or that came from others without a record."""

from __future__ import annotations

from sender.gates.facts import ContactFacts
from sender.gates.verdicts import Findings, allow, refuse
from sender.model import SourceKind, Verdict

_REFUSED = {
    SourceKind.SCRAPED: "FR F14 (CNIL SAN-2024-020)",
    SourceKind.GUESSED: "FR F13 (CNIL SAN-2020-018)",
    SourceKind.UNKNOWN: "GDPR art. 5(2), 14(2)(f)",
}
_FROM_OTHERS = frozenset(kind for kind in SourceKind if kind.indirect)
_KNOWN = frozenset(SourceKind)
FINDINGS: Findings = {
    "known": ("source",),
    "scraped": (),
    "guessed": (),
    "unknown": (),
    "no_record": ("source",),
}


def judge(facts: ContactFacts) -> Verdict:
    # Meets: FR F13, FR F14
    provenance = facts.contact.provenance
    kind = provenance.kind
    if kind in _REFUSED:
        return refuse("source", kind.value, _REFUSED[kind])
    if kind not in _KNOWN:
        return refuse("source", "unknown", _REFUSED[SourceKind.UNKNOWN])
    if kind in _FROM_OTHERS and not (provenance.record or "").strip():
        return refuse("source", "no_record", "GDPR art. 5(2), 14(2)(f)", ("source", kind.value))
    return allow("source", "known", "GDPR art. 5(2)", ("source", kind.value))
