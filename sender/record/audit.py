"""How fit the base is: shares by source, notice, basis, function, age and country, what is due, what is missing.

One pass; what is remembered are counts, so that memory does not grow with the base.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from sender.functions import match
from sender.model import CompanyForm, SourceKind
from sender.papers import Bars, Block, Paper, Section, Table
from sender.record.census import Head
from sender.record.retention import Terms, last_word, standing
from sender.record.words import Words

__all__ = ["Audit", "audit", "audit_paper"]

SHARES = ("source", "notice", "basis", "function", "age", "country", "term", "missing")
_SHOWN = 15
_YEAR = 365
_CODED = {"source", "notice", "basis", "function", "age", "term", "missing"}


@dataclass(slots=True)
class Audit:
    """``shares``: by question, how many contacts have each answer; a contact may lack several facts."""

    contacts: int = 0
    shares: dict[str, Counter[str]] = field(default_factory=lambda: {name: Counter() for name in SHARES})


def audit(heads: Iterable[Head], terms: Terms, today: date) -> Audit:
    found = Audit()
    for head in heads:
        found.contacts += 1
        where, _ = standing(head, terms, today, within=60)
        shares = found.shares
        shares["source"][head.source_kind] += 1
        shares["notice"][_notice(head)] += 1
        shares["basis"][_basis(head)] += 1
        shares["function"]["known" if match(head.title).functions else "unknown" if head.title else "untitled"] += 1
        shares["age"][_age(head, today)] += 1
        shares["country"][head.country or ""] += 1
        shares["term"][where.value] += 1
        shares["missing"].update(_missing(head))
    return found


def _notice(head: Head) -> str:
    if not head.notice_given:
        return "not_told"
    return "told" if head.objection_offered else "no_objection"


def _basis(head: Head) -> str:
    if head.suppressed:
        return "suppressed"
    return "consent" if head.consent_on else "sale" if head.sold_on else "interest"


def _age(head: Head, today: date) -> str:
    years = (today - last_word(head)[0]).days // _YEAR
    return ("first", "second", "third")[years] if 0 <= years < 3 else "older" if years >= 3 else "future"


def _missing(head: Head) -> list[str]:
    indirect = SourceKind(head.source_kind).indirect
    lacks = {
        "country": not head.country,
        "title": not head.title,
        "company": not head.company,
        "form": head.form == CompanyForm.UNKNOWN.value,
        "collected": head.collected_on is None,
        "version": head.notice_given and not head.notice_version,
        "notice_date": head.notice_given and head.notice_given_on is None,
        "record": indirect and not head.source_record,
    }
    return [name for name, lacking in lacks.items() if lacking]


def audit_paper(found: Audit, language: str, made: str, more: tuple[Section, ...] = ()) -> Paper:
    """``more``: what a campaign could reach, where one was named."""
    words = Words(language)
    sections = tuple(
        Section(words(f"audit.{name}"), (_bars(name, found, words),)) for name in SHARES if found.shares[name]
    )
    subtitle = words("audit.subtitle", n=found.contacts)
    return Paper(words("audit.title"), subtitle, language, (*more, *sections), made)


def _bars(name: str, found: Audit, words: Words) -> Block:
    ordered = found.shares[name].most_common()
    rows = [(_label(name, value, words), count) for value, count in ordered[:_SHOWN]]
    if len(ordered) > _SHOWN:
        rows.append((words("register.others"), sum(count for _, count in ordered[_SHOWN:])))
    return Bars(tuple(rows), found.contacts) if found.contacts else Table((), ())


def _label(name: str, value: str, words: Words) -> str:
    if name == "source":
        return words(f"source.{value}")
    return words(f"audit.{name}_{value}") if name in _CODED else value or words("paper.unknown")
