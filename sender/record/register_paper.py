"""The record of processing as papers: a list, and a sheet for each processing, in the order of the CNIL's form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sender.papers import Alarm, Bars, Block, Facts, Paper, Prose, Section, Table, missing_in
from sender.record.declared import Declared, Entry
from sender.record.possession import Possession, Use
from sender.record.retention import Terms
from sender.record.words import Words

__all__ = ["Register", "register_papers"]

_SHOWN = 15  # countries, before the others are put together


@dataclass(frozen=True, slots=True)
class Register:
    """Everything the record is written from. ``relay``: host and protection of the connection; ``made``: by what."""

    declared: Declared
    held: Possession
    terms: Terms
    relay: str | None
    made: str


def register_papers(found: Register, language: str) -> dict[str, Paper]:
    """By the name of the sheet; the list first."""
    words = Words(language)
    named = {use.record for use in found.held.uses if use.record} | set(found.declared.processings)
    sheets = {name: _with_alarm(_sheet(found, name, words), words) for name in sorted(named)}
    return {words("register.list"): _list(found, sheets, words), **sheets}


def _list(found: Register, sheets: dict[str, Paper], words: Words) -> Paper:
    heads = tuple(words(f"register.{name}") for name in ("reference", "activity", "campaigns", "gaps"))
    rows = tuple(
        (
            name,
            _entry(found, name).title,
            sum(use.record == name for use in found.held.uses),
            sum(1 for _ in missing_in(paper)),
        )
        for name, paper in sheets.items()
    )
    unrecorded = tuple(use.campaign for use in found.held.uses if not use.record)
    blocks: list[Block] = [Table(heads, rows)] if rows else [Alarm(words("register.empty"))]
    if unrecorded:
        blocks.append(Alarm(words("register.unrecorded", campaigns=", ".join(unrecorded))))
    sections = (Section(words("register.activities"), tuple(blocks)), _actors(found, words))
    return Paper(words("register.title"), words("register.subtitle"), words.language, sections, found.made)


def _with_alarm(paper: Paper, words: Words) -> Paper:
    gaps = sum(1 for _ in missing_in(paper))
    if not gaps:
        return paper
    first = Section(words("register.incomplete"), (Alarm(words("register.missing", n=gaps)),))
    return Paper(paper.title, paper.subtitle, paper.language, (first, *paper.sections), paper.made)


def _entry(found: Register, name: str) -> Entry:
    return found.declared.processings.get(name, Entry())


def _sheet(found: Register, name: str, words: Words) -> Paper:
    entry, uses = _entry(found, name), [use for use in found.held.uses if use.record == name]
    sections = (
        _actors(found, words),
        _purposes(entry, uses, found, words),
        _people(entry, found.held, words),
        _data(found.held, words),
        _recipients(entry, found, words),
        _transfers(found, words),
        _deadlines(found, words),
        _security(found, words),
        _campaigns(uses, words),
    )
    title = words("register.sheet", name=name, title=entry.title or "")
    return Paper(title.rstrip(" :"), words("register.article"), words.language, sections, found.made)


def _lines(values: Sequence[str]) -> str | None:
    return "\n".join(values) or None


def _actors(found: Register, words: Words) -> Section:
    one = found.declared.controller
    rows = (
        (words("register.controller"), one.name),
        (words("register.address"), one.address),
        (words("register.country"), one.country),
        (words("register.contact"), one.contact),
        (words("register.dpo"), one.dpo),
        *(((words("register.representative"), one.representative),) if one.representative else ()),
    )
    return Section(words("register.actors"), (Facts(rows),))


def _purposes(entry: Entry, uses: Sequence[Use], found: Register, words: Words) -> Section:
    bases = sorted({words(f"basis.{use.basis}") for use in uses if use.basis})
    tests = [f"{one.name}, version {one.version} ({one.since})" for one in found.held.documents if one.kind == "test"]
    rows: list[tuple[str, str | None]] = [
        (words("register.activity"), entry.title),
        (words("register.purpose"), _lines(entry.purposes)),
        (words("register.basis"), _lines(bases)),
        (words("register.created"), entry.created),
        (words("register.reviewed"), entry.reviewed),
    ]
    if any(use.basis == "legitimate_interest" for use in uses):
        rows.append((words("register.tests"), _lines(tests)))
    return Section(words("register.purposes"), (Facts(tuple(rows)),))


def _people(entry: Entry, held: Possession, words: Words) -> Section:
    first, rest = held.countries[:_SHOWN], held.countries[_SHOWN:]
    rows = [(country or words("paper.unknown"), count) for country, count in first]
    if rest:
        rows.append((words("register.others"), sum(count for _, count in rest)))
    facts = Facts(((words("register.people"), _lines(entry.people)), (words("register.number"), str(held.contacts))))
    return Section(
        words("register.categories"), (facts, Prose(words("register.common")), Bars(tuple(rows), held.contacts))
    )


def _data(held: Possession, words: Words) -> Section:
    heads = (words("register.data"), words("paper.contacts"))
    fields = tuple((words(f"field.{name}"), count) for name, count in held.fields)
    further = (
        (words("field.consents"), held.consents),
        (words("field.letters"), held.letters),
        (words("field.suppressions"), held.suppressed),
    )
    sources = tuple((words(f"source.{kind}"), count) for kind, count in held.sources)
    blocks = (
        Table(heads, (*fields, *further)),
        Prose(words("register.sources")),
        Bars(sources, held.contacts),
    )
    return Section(words("register.data_title"), blocks)


def _recipients(entry: Entry, found: Register, words: Words) -> Section:
    relay = found.declared.relay
    rows = (
        (words("register.recipients"), _lines(entry.recipients)),
        (words("register.relay"), relay.provider),
        (words("register.contract"), relay.contract),
    )
    return Section(words("register.recipients_title"), (Facts(rows),))


def _transfers(found: Register, words: Words) -> Section:
    relay = found.declared.relay
    rows = ((words("register.region"), relay.region), (words("register.transfer"), relay.transfer_basis))
    return Section(words("register.transfers"), (Facts(rows),))


def _deadlines(found: Register, words: Words) -> Section:
    rulings = {(term.value, term.rule) for country, _ in found.held.countries for term in (found.terms(country),)}
    rows = [
        (words("register.prospects"), words("register.days", days=days, rule=rule)) for days, rule in sorted(rulings)
    ]
    rows += [(words(f"register.{name}"), words(f"register.{name}_term")) for name in ("objections", "proofs", "proof")]
    return Section(words("register.deadlines"), (Facts(tuple(rows)),))


def _security(found: Register, words: Words) -> Section:
    rows: tuple[tuple[str, str | None], ...] = (
        (words("register.organisation"), _lines(found.declared.security)),
        (words("register.program"), words("register.program_does")),
        (words("register.wire"), found.relay),
    )
    return Section(words("register.security"), (Facts(rows),))


def _campaigns(uses: Sequence[Use], words: Words) -> Section:
    if not uses:
        return Section(words("register.campaigns"), (Prose(words("register.no_campaign")),))
    heads = ("campaign.name", "campaign.basis", "register.audience", "state.accepted")
    rows = tuple(
        (use.campaign, words(f"basis.{use.basis}") if use.basis else None, use.audience, use.accepted) for use in uses
    )
    return Section(words("register.campaigns"), (Table(tuple(map(words, heads)), rows),))
