"""A campaign as it is read before anything is judged: file, templates, contact rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sender import contacts
from sender.campaign import digest, load
from sender.contacts import ContactFile, Double, Rejected, Row
from sender.functions import Matcher, match
from sender.letters import Templates
from sender.model import Campaign, Contact
from sender.steps.facts import matcher_beside
from sender.steps.plan import Reading, RejectedRow

BATCH = 1000  # contacts judged, and committed, at once


@dataclass(frozen=True, slots=True)
class Brief:
    """A campaign as it was read: nothing of it is read again."""

    campaign: Campaign
    templates: Templates
    file: ContactFile
    digests: Mapping[str, str]
    matcher: Matcher = match


def read(path: Path) -> Brief:
    """Campaign, templates and the head of the contact file. Raises InputError with every complaint, MissingFile."""
    campaign = load(path.absolute())
    templates = Templates.load(campaign)
    file = contacts.read(campaign.audience, campaign_language=campaign.language)
    templates.check_columns(file.more_columns)
    return Brief(campaign, templates, file, digest(campaign, templates.files()), matcher_beside(campaign))


@dataclass(slots=True)
class Rows:
    """The rows of the contact file in batches; what is no contact is kept for the report by its line."""

    file: ContactFile
    doubles: list[tuple[int, int]]
    rejected: list[RejectedRow]

    @classmethod
    def of(cls, file: ContactFile) -> Rows:
        return cls(file, [], [])

    def batches(self) -> Iterator[list[Contact]]:
        batch: list[Contact] = []
        for row in self.file:
            match row:
                case Row(contact=contact):
                    batch.append(contact)
                case Double(line=line, first_line=first):
                    self.doubles.append((line, first))
                case Rejected(line=line, code=code, why=why):
                    self.rejected.append(RejectedRow(line, code, why))
            if len(batch) == BATCH:
                yield batch
                batch = []
        if batch:
            yield batch

    def reading(self) -> Reading:
        report = self.file.report
        return Reading(report.rows, report.contacts, tuple(self.doubles), tuple(self.rejected), report.notes)
