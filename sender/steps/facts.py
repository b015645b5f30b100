"""Gathers the facts that the gates judge: law, address class, function, history. No gate asks for anything itself.

In: a campaign, contacts with their histories. Out: ``ContactFacts``, one a contact. What repeats (country pairs,
titles) is remembered by the rooms that know it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from importlib.resources import files

from sender.functions import IMPORTED, REVIEWED, Matcher, match, with_reviewed
from sender.gates import ContactFacts, Documents, seen_everywhere
from sender.law import Rules, classify, resolve
from sender.letters import (
    CannotCompose,
    Links,
    Templates,
    notice_sentences,
    synthetic_contacts,
    understood,
)
from sender.model import (
    Campaign,
    Contact,
    History,
    Part,
    PartSyntax,
    Processing,
    Provenance,
    Rendering,
    SourceKind,
)


@dataclass(frozen=True, slots=True)
class Bench:
    """What all contacts of one campaign are judged with.

    ``collection_notice``: the letters carry the notice of GDPR art. 14. ``matcher``: knows the titles
    that people have assigned, too.
    """

    campaign: Campaign
    accepted: frozenset[str]
    today: date
    frequency_cap: int
    reserved_allowed: bool = False
    collection_notice: bool = False
    matcher: Matcher = match

    def rules_for(self, country: str | None) -> Rules:
        return resolve(self.campaign.sender.country, country, self.accepted)

    def of(self, contact: Contact, history: History) -> ContactFacts:
        return ContactFacts(
            today=self.today,
            contact=contact,
            address_class=classify(contact.email, contact.form, contact.company),
            functions=self.matcher(contact.title),
            offer=self.campaign.offer,
            basis=self.campaign.basis,
            rules=self.rules_for(contact.country),
            history=history,
            frequency_cap=self.frequency_cap,
            collection_notice=self.collection_notice,
            notice_understood=understood(self.campaign, contact),
            reserved_allowed=self.reserved_allowed,
            topics=self.campaign.topics,
        )

    def content_rules(self, countries: Iterable[str | None]) -> tuple[Rules, ...]:
        """The rules that the letters' content has to meet: the sender's own and those of every country written to."""
        wanted = sorted({self.campaign.sender.country, *countries}, key=str)
        return tuple(self.rules_for(country) for country in wanted)


def matcher_beside(campaign: Campaign) -> Matcher:
    """What titles mean, with the titles that people assigned, or imported, in the campaign's folder."""
    reviewed, imported = (campaign.path.parent / name for name in (REVIEWED, IMPORTED))
    return with_reviewed(reviewed if reviewed.is_file() else None, imported if imported.is_file() else None)


NOTICE = "first_contact_notice"


def tells_at_first_contact(campaign: Campaign, templates: Templates) -> bool:
    """The first mail stands in for the notice at collection: it shows the notice, and somebody answers for it."""
    # Meets: A1 (indirect collection: the full notice, and a signed override)
    signed = (campaign.processing.indirect_override or "").strip()
    return bool(signed) and carries_notice(templates.syntax()) and shows_notice(campaign, templates)


def carries_notice(syntax: Iterable[PartSyntax]) -> bool:
    """Both parts print the first-contact notice, and no condition of the template's own stands before it."""
    parts = {part.part for part in syntax for use in part.uses if use.name == NOTICE and not use.conditional}
    return {Part.HTML, Part.TEXT} <= parts


def shows_notice(campaign: Campaign, templates: Templates) -> bool:
    """Whoever reads the HTML or the text sees every sentence: none is hidden, painted over, too small or cut."""
    # Meets: GDPR art. 12(1) (easily accessible), 14(3)(b)
    letters = 0
    for person in synthetic_contacts(campaign, templates.columns):
        for kind in (kind for kind in SourceKind if kind.indirect):
            told = replace(person, provenance=Provenance(kind, "ANNUAIRE-1", date(2026, 1, 31)))
            try:
                letter = templates.render(told, _ANY_LINKS)
            except CannotCompose:
                continue  # a letter that real people who lack the same do not get either
            letters += 1
            if not _is_seen(letter, notice_sentences(campaign, told)):
                return False
    return letters > 0


_ANY_LINKS = Links("https://link.example/u/token", "mailto:stop@link.example")


def _is_seen(letter: Rendering, notice: Mapping[str, list[str]]) -> bool:
    sentences = [sentence for language in notice.values() for sentence in language]
    return all(seen_everywhere(sentence, letter) for sentence in sentences)


def vocabulary(campaign: Campaign) -> dict[str, str]:
    """Hashes of what titles are understood by, for the record (D2): the words, and the files beside the campaign."""
    words = sorted(files("sender.functions").joinpath("words").iterdir(), key=lambda entry: entry.name)
    found = {"words": sha256(b"".join(entry.read_bytes() for entry in words if entry.is_file())).hexdigest()}
    for name in (REVIEWED, IMPORTED):
        path = campaign.path.parent / name
        if path.is_file():
            found[name] = sha256(path.read_bytes()).hexdigest()
    return found


def documents(processing: Processing) -> Documents:
    """What the campaign refers to, with the hash under which the journal keeps it."""
    path = processing.balancing_test
    content = path.read_bytes() if path and path.is_file() else None
    return Documents(
        record=processing.record,
        balancing_test=sha256(content).hexdigest() if content else None,
        balancing_test_exists=content is not None,
        balancing_test_empty=content is not None and not content.strip(),
    )
