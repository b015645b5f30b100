"""What people are told about the processing of their data, from the same record as the register: for anybody to read.

Only what is the same for all: no numbers, and of the terms and sources those that really occur.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sender.papers import Facts, Paper, Prose, Section
from sender.record.declared import Entry
from sender.record.register_paper import Register
from sender.record.words import Words

__all__ = ["notice_paper"]

_BASES = ("legitimate_interest", "consent", "customer", "none")


def notice_paper(found: Register, language: str, *, beside_data: bool = False) -> Paper:
    """In the order of GDPR art. 13 and 14; what must be said and is not known is a fact without a value.

    ``beside_data``: for a person who sees their own, and from where these come; not which data and sources there are.
    """
    # Meets: GDPR art. 13(1), 13(2), 14(1), 14(2)
    words = Words(language)
    sections = (
        _controller(found, words),
        *_purposes(found, words),
        _decisions(words) if beside_data else _data(found, words),
        _recipients(found, words),
        _kept(found, words),
        _rights(found, words),
    )
    return Paper(words("notice.title"), words("notice.subtitle"), language, sections, found.made)


def _controller(found: Register, words: Words) -> Section:
    one = found.declared.controller
    where = ((words("register.representative"), one.representative), (words("register.dpo"), one.dpo))
    rows = (
        (words("register.controller"), one.name),
        (words("register.address"), one.address),
        (words("register.contact"), one.contact),
        *((name, value) for name, value in where if value),  # art. 13(1)(a), (b): where there is one
    )
    return Section(words("notice.controller"), (Facts(rows),))


def _purposes(found: Register, words: Words) -> Sequence[Section]:
    """One for each processing; campaigns that name none are told of together."""
    entries = dict(sorted(found.declared.processings.items()))
    unnamed = Entry(title=words("notice.mailing"), purposes=(words("notice.mailing_purpose"),))
    bases: dict[str | None, set[str]] = defaultdict(set)
    for use in found.held.uses:
        if use.basis:
            bases[use.record if use.record in entries else None].add(use.basis)
    told: list[tuple[str | None, Entry]] = [*entries.items()]
    if not told or bases[None]:
        told.append((None, unnamed))
    return [_purpose(entry, bases[name], words) for name, entry in told]


def _purpose(entry: Entry, bases: set[str], words: Words) -> Section:
    lawful = "\n".join(words(f"notice.basis_{basis}") for basis in _BASES if basis in bases)
    rows = (
        (words("register.purpose"), "\n".join(entry.purposes) or None),
        (words("register.basis"), lawful or words("notice.basis_legitimate_interest")),
        *(((words("register.people"), "\n".join(entry.people)),) if entry.people else ()),
    )
    return Section(words("notice.purpose", title=entry.title or words("notice.mailing")), (Facts(rows),))


def _decisions(words: Words) -> Section:
    # Meets: GDPR art. 15(1)(h)
    return Section(words("notice.decisions"), (Prose(words("notice.automated")),))


def _data(found: Register, words: Words) -> Section:
    held = found.held
    further = (("consents", held.consents), ("letters", held.letters), ("suppressions", held.suppressed))
    names = [name for name, _ in held.fields] + [name for name, count in further if count]
    rows = [(words("notice.categories"), "\n".join(words(f"field.{name}") for name in names) or words("paper.none"))]
    if held.sources:
        rows.append((words("notice.sources"), "\n".join(words(f"source.{kind}") for kind, _ in held.sources)))
    told = Prose(words("notice.voluntary")), Prose(words("notice.automated"))
    return Section(words("notice.data"), (Facts(tuple(rows)), *told))


def _recipients(found: Register, words: Words) -> Section:
    relay = found.declared.relay
    named = [one for entry in found.declared.processings.values() for one in entry.recipients]
    carriers = words("notice.carrier", provider=relay.provider) if relay.provider else words("notice.carriers")
    abroad = ((words("register.region"), relay.region), (words("register.transfer"), relay.transfer_basis))
    rows = (
        (words("register.recipients"), "\n".join(dict.fromkeys((*named, carriers)))),
        *((name, value) for name, value in abroad if value),  # art. 13(1)(f): where applicable
    )
    return Section(words("notice.recipients"), (Facts(rows),))


def _kept(found: Register, words: Words) -> Section:
    by_days: dict[int, list[str]] = defaultdict(list)
    for country, _ in found.held.countries:
        by_days[found.terms(country).value].append(country or words("paper.unknown"))
    if not by_days:
        by_days[found.terms(found.declared.controller.country).value] = []
    several = len(by_days) > 1
    spans = (
        _span(days, words) + (f" ({', '.join(sorted(where))})" if several else "")
        for days, where in sorted(by_days.items())
    )
    rows = (
        (words("notice.details"), words("notice.details_term", spans=" ; ".join(spans))),
        (words("register.objections"), words("register.objections_term")),
        (words("register.proofs"), words("register.proofs_term")),
    )
    return Section(words("notice.kept"), (Facts(rows),))


def _span(days: int, words: Words) -> str:
    years, rest = divmod(days, 365)
    return words("notice.days", n=days) if rest else words("notice.years", n=years)


def _rights(found: Register, words: Words) -> Section:
    french = found.declared.controller.country == "FR"
    told = ("notice.rights_are", "notice.rights_how", "notice.authority_fr" if french else "notice.authority")
    return Section(words("notice.rights"), tuple(Prose(words(key)) for key in told))
