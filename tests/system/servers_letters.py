"""The letters of a project, composed once more from its data base, to compare with what a server has stored.

Everything in a letter but its date follows from contact, campaign and keys; the date is taken from the stored mail.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path
from unittest import mock

from sqlalchemy import select

from sender import pipeline
from sender.cli import wiring
from sender.contacts import page
from sender.model import ContactId, Letter
from sender.steps.judging import composing
from sender.store.schema import letters
from tests.project import Project


def composed(project: Project, campaign: Path, dates: dict[str, datetime]) -> dict[str, Letter]:
    """By Message-ID, the letters of those in the base, as far as there is a date."""
    with mock.patch.dict(os.environ, project.environment, clear=True):
        settings = wiring.settings_for(campaign)
        with wiring.opened(settings, practice=False) as house:
            clock, name_of = [datetime.now(UTC)], wiring.message_ids(house, campaign)
            assert name_of
            compose = composing(replace(house, now=lambda: clock[0]), pipeline.read(campaign), None)
            with house.store.read() as connection:
                known = [ContactId(row[0]) for row in connection.execute(select(letters.c.contact_id))]
                people = {name_of(one.id): one for one in page(connection, known)}
            made = {}
            for name in people.keys() & dates.keys():
                clock[0] = dates[name]
                made[name] = compose(people[name])
            return made


def demand_equal(
    project: Project, campaign: Path, stored: Iterable[bytes], trace: frozenset[str]
) -> list[EmailMessage]:
    """Each stored mail is, byte for byte, a letter below the server's own trace headers, and is stored once.

    Gives the mails as the standard library reads them, which finds no defect in any part.
    """
    mails: dict[str, tuple[bytes, EmailMessage]] = {}
    for raw in stored:
        mail = message_from_bytes(raw, policy=policy.default)
        name = str(mail["Message-ID"])
        assert name not in mails, f"{name} is stored twice"
        mails[name] = raw, mail
    dates = {name: parsedate_to_datetime(str(mail["Date"])) for name, (_, mail) in mails.items()}
    expected = composed(project, campaign, dates)
    assert expected.keys() == mails.keys()
    for name, (raw, mail) in mails.items():
        assert without_trace(raw, trace) == expected[name].content, f"{name} is not the letter"
        assert abs(datetime.now(UTC) - dates[name]) < timedelta(minutes=15)
        assert delivered_to(mail) in {expected[name].recipient, None}
        assert [part.defects for part in mail.walk() if part.defects] == []
    return [mail for _, mail in mails.values()]


def without_trace(raw: bytes, trace: frozenset[str]) -> bytes:
    """The mail with SMTP's line ends, without the headers that servers put above it (RFC 5321 §4.4)."""
    lines = raw.replace(b"\r\n", b"\n").split(b"\n")
    while lines and lines[0].partition(b":")[0].decode("ascii", "replace").lower() in trace:
        lines.pop(0)
        while lines and lines[0][:1] in {b" ", b"\t"}:
            lines.pop(0)
    return b"\r\n".join(lines)


def delivered_to(mail: EmailMessage) -> str | None:
    return next((str(mail[name]) for name in ("X-Original-To", "Envelope-To") if mail[name]), None)
