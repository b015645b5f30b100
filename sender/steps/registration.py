"""The record of processing brought together: what is declared, what is really held, and the terms of the law."""

from __future__ import annotations

from functools import partial

from sender import __version__, record
from sender.papers import Paper, without_gaps
from sender.settings import RelayUrl
from sender.steps.house import House
from sender.steps.purge import terms

__all__ = ["notice_of", "register_of", "use_of"]


def register_of(house: House, language: str) -> record.Register:
    """What papers about the processing are written from. Raises InputError where processing.yaml is wrong."""
    words, declared = record.Words(language), record.declared_in(house.settings.project)
    with house.store.read() as connection:
        held = record.possession(connection)
    made = words("paper.made", version=__version__, at=f"{house.now():%Y-%m-%d %H:%M} UTC")
    relay = _protection(house.settings.relay, words) if house.settings.relay else None
    return record.Register(declared, held, partial(terms, house, declared.controller.country), relay, made)


def notice_of(house: House, language: str) -> Paper:
    """The privacy notice as it reads today, without what the operator has yet to say. Raises InputError."""
    return without_gaps(record.notice_paper(register_of(house, language), language))


def use_of(house: House, language: str) -> Paper:
    """What of it belongs beside one person's data: not where the data of everybody else come from."""
    # Meets: GDPR art. 15(1)(a), (c), (d)
    return without_gaps(record.notice_paper(register_of(house, language), language, beside_data=True))


def _protection(relay: RelayUrl, words: record.Words) -> str:
    kinds = {"starttls": "wire.smtp", "implicit": "wire.smtps"}
    return words(kinds.get(relay.tls, "wire.none"), host=relay.host)
