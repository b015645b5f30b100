"""The record of processing as the public pages show it."""

from __future__ import annotations

from dataclasses import dataclass

from sender import contacts, record
from sender.cli.people import contact_behind
from sender.links import LinkTarget
from sender.papers import Paper
from sender.steps.house import House
from sender.steps.registration import notice_of
from sender.web import Given


@dataclass(frozen=True, slots=True)
class RecordedNotices:
    """Fills ``web.Notices``."""

    house: House

    def present(self, language: str) -> Paper:
        return notice_of(self.house, language)

    def given(self, target: LinkTarget) -> Given | None:
        with self.house.store.read() as connection:
            found = contact_behind(connection, self.house, target)
            notice = found[0].provenance.notice if found else None
            if notice is None or not notice.given or not notice.version:
                return None
            text = record.content_of(connection, "notice", f"{notice.version}.md")
            text = text or contacts.wording_text(connection, notice.version)
        return Given(notice.version, notice.given_on, text)
