"""The notification of a personal data breach: to the authority (GDPR art. 33), and to the people (art. 34).

What only a person can know and did not say is named as missing; numbers and kinds of data come from the base, which
is the most that can be concerned.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sender.papers import Alarm, Block, Facts, Paper, Prose, Section
from sender.record.declared import Controller
from sender.record.possession import Possession
from sender.record.words import Words

__all__ = ["DEADLINE", "Breach", "breach_papers"]

DEADLINE = timedelta(hours=72)  # Meets: GDPR art. 33(1)
_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Breach:
    """``noticed``: when the controller became aware, from which the 72 hours run. ``people``: None where unknown."""

    what: str | None
    noticed: datetime
    began: datetime | None
    people: int | None
    consequences: str | None
    measures: str | None
    high_risk: bool

    @property
    def due(self) -> datetime:
        return self.noticed + DEADLINE


def breach_papers(
    breach: Breach, controller: Controller, held: Possession, language: str, now: datetime, made: str
) -> dict[str, Paper]:
    """By the name of the sheet: for the authority, and for the people where the risk is high."""
    words = Words(language)
    papers = {words("breach.authority"): _to_authority(breach, controller, held, words, now, made)}
    if breach.high_risk:
        papers[words("breach.persons")] = _to_people(breach, controller, words, made)
    return papers


def _time(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _clock(breach: Breach, words: Words, now: datetime) -> Block:
    hours = int((breach.due - now).total_seconds() // 3600)
    if hours < 0:
        return Alarm(words("breach.late", due=_time(breach.due)))
    return Alarm(words("breach.left", n=hours, due=_time(breach.due)))


def _to_authority(
    breach: Breach, controller: Controller, held: Possession, words: Words, now: datetime, made: str
) -> Paper:
    # Meets: GDPR art. 33(3)
    countries = ", ".join(f"{country or '??'} {count}" for country, count in held.countries[:_SHOWN])
    data = ", ".join(words(f"field.{name}") for name, _ in held.fields)
    people = str(breach.people) if breach.people is not None else words("breach.at_most", n=held.contacts)
    sections = (
        Section(words("breach.deadline"), (_clock(breach, words, now),)),
        Section(words("register.actors"), (_contacts(controller, words),)),
        Section(
            words("breach.nature"),
            (
                Facts(
                    (
                        (words("breach.what"), breach.what),
                        (words("breach.began"), _time(breach.began) if breach.began else None),
                        (words("breach.noticed"), _time(breach.noticed)),
                        (words("breach.people"), people),
                        (words("register.categories").partition(". ")[2], words("breach.professionals")),
                        (words("breach.countries"), countries or words("paper.none")),
                        (words("register.data"), data or words("paper.none")),
                        (words("breach.records"), words("breach.held", contacts=held.contacts, letters=held.letters)),
                    )
                ),
                Prose(words("breach.hashes")),
            ),
        ),
        Section(words("breach.effects"), (_effects(breach, words),)),
        Section(words("breach.persons"), (Prose(words("breach.told" if breach.high_risk else "breach.not_told")),)),
    )
    return Paper(words("breach.title"), words("breach.subtitle"), words.language, sections, made)


def _to_people(breach: Breach, controller: Controller, words: Words, made: str) -> Paper:
    # Meets: GDPR art. 34(2)
    happened = Section(words("breach.nature"), (Facts(((words("breach.what"), breach.what),)),))
    sections = (
        happened,
        Section(words("breach.effects"), (_effects(breach, words), Prose(words("breach.advice")))),
        Section(words("register.contact"), (_contacts(controller, words),)),
    )
    return Paper(words("breach.letter"), words("breach.letter_subtitle"), words.language, sections, made)


def _contacts(controller: Controller, words: Words) -> Facts:
    return Facts(
        (
            (words("register.controller"), controller.name),
            (words("register.address"), controller.address),
            (words("register.dpo"), controller.dpo or controller.contact),
        )
    )


def _effects(breach: Breach, words: Words) -> Facts:
    return Facts(((words("breach.consequences"), breach.consequences), (words("breach.measures"), breach.measures)))
