"""A campaign as it is read before anything is judged: file, templates, contact rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from sender import contacts
from sender.campaign import digest, load
from sender.contacts import ContactFile, Double, Rejected, Row
from sender.functions import Matcher, match
from sender.ledger import known_campaign
from sender.letters import Templates
from sender.model import Campaign, Contact
from sender.steps.facts import matcher_beside
from sender.steps.house import House
from sender.steps.plan import Reading, RejectedRow

BATCH = 1000  # contacts judged, and committed, at once


@dataclass(frozen=True, slots=True)
class Brief:
    """A campaign as it was read: nothing of it is read again."""

    campaign: Campaign
    templates: Templates
    file: ContactFile | None
    digests: Mapping[str, str]
    matcher: Matcher = match


def read(path: Path) -> Brief:
    """Campaign, templates and the head of the contact file. Raises InputError with every complaint, MissingFile."""
    campaign = load(path.absolute())
    templates = Templates.load(campaign)
    file = None
    if campaign.audience.select is None:
        file = contacts.read(campaign.audience, campaign_language=campaign.language)
        templates.check_columns(file.more_columns)
    return Brief(campaign, templates, file, digest(campaign, templates.files()), matcher_beside(campaign))


@dataclass(slots=True)
class Rows:
    """The audience in batches: rows of the contact file, or contacts of the base that are selected.

    What is no contact is kept for the report by its line.
    """

    house: House
    brief: Brief
    doubles: list[tuple[int, int]] = field(default_factory=list)
    rejected: list[RejectedRow] = field(default_factory=list)
    selected: int = 0

    def batches(self) -> Iterator[list[Contact]]:
        people = self._of_base() if self.brief.file is None else self._of_file(self.brief.file)
        while batch := list(islice(people, BATCH)):
            yield batch

    def _of_base(self) -> Iterator[Contact]:
        """Mails of this very campaign do not take anybody out of its audience."""
        house, campaign = self.house, self.brief.campaign
        assert campaign.audience.select is not None  # noqa: S101 - for the type checker
        with house.store.read() as connection:
            known = known_campaign(connection, campaign.name)
        for contact in contacts.selected(
            house.store, campaign.audience.select, matcher=self.brief.matcher, now=house.now(), campaign_id=known
        ):
            self.selected += 1
            yield contact

    def _of_file(self, file: ContactFile) -> Iterator[Contact]:
        with self.house.store.read() as connection:
            file.known_as = contacts.keys_of_today(connection)
        for row in file:
            match row:
                case Row(contact=contact):
                    yield contact
                case Double(line=line, first_line=first):
                    self.doubles.append((line, first))
                case Rejected(line=line, code=code, why=why):
                    self.rejected.append(RejectedRow(line, code, why))

    def reading(self) -> Reading:
        if self.brief.file is None:
            return Reading(self.selected, self.selected, notes=tuple(self._about_selection()))
        report = self.brief.file.report
        return Reading(report.rows, report.contacts, tuple(self.doubles), tuple(self.rejected), report.notes)

    def _about_selection(self) -> Iterator[str]:
        from sender.record import Words

        words, select = Words(self.house.settings.language), self.brief.campaign.audience.select
        if not self.selected:
            yield words("audience.nobody")
        if self.house.practice and select is not None and select.not_mailed_since is not None:
            yield words("audience.practice")
