"""The record of processing brought together: what is declared, what is really held, and the terms of the law."""

from __future__ import annotations

from functools import partial

from sender import __version__, record
from sender.settings import RelayUrl
from sender.steps.house import House
from sender.steps.purge import terms

__all__ = ["register_of"]


def register_of(house: House, language: str) -> record.Register:
    """What papers about the processing are written from. Raises InputError where processing.yaml is wrong."""
    words, declared = record.Words(language), record.declared_in(house.settings.project)
    with house.store.read() as connection:
        held = record.possession(connection)
    made = words("paper.made", version=__version__, at=f"{house.now():%Y-%m-%d %H:%M} UTC")
    relay = _protection(house.settings.relay, words) if house.settings.relay else None
    return record.Register(declared, held, partial(terms, house, declared.controller.country), relay, made)


def _protection(relay: RelayUrl, words: record.Words) -> str:
    kinds = {"starttls": "wire.smtp", "implicit": "wire.smtps"}
    return words(kinds.get(relay.tls, "wire.none"), host=relay.host)
