"""Builds the real objects from settings: the one place that knows which room gets what.

``House.open`` finds the project, its data base, keys and state, and refuses to go on when they do not belong
together. Practice has a data base, keys and state of its own beside the real ones.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sender.errors import SettingsError
from sender.keys import Keys
from sender.ledger import State
from sender.settings import Settings, find_project, load
from sender.store import Base, Store, found, new_base_id, read_base

COMPLAINTS = {
    "SC-111": "No relay is set",
    "SC-112": "There is no data base yet",
}

PRACTICE_BASE = "practice.db"
PRACTICE_MAILBOX = "practice-mailbox"


def now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class House:
    """The objects that a command works with, opened and matched to each other."""

    settings: Settings
    store: Store
    base: Base
    keys: Keys
    state: State
    practice: bool

    @property
    def project(self) -> Path:
        return self.settings.project

    @property
    def accepted(self) -> frozenset[str]:
        return frozenset(self.settings.accepted_packs)


def settings_for(campaign: Path | None) -> Settings:
    """The settings of the campaign's project, with the log set up as they say."""
    from sender.logs import configure

    settings = load(find_project(campaign or Path.cwd()))
    configure(settings, cron=not sys.stderr.isatty())
    return settings


@contextmanager
def opened(settings: Settings, *, practice: bool, create: bool = False) -> Iterator[House]:
    """The house; its data base is closed at the end. ``create``: make what is not there yet."""
    house = open_house(settings, practice=practice, create=create)
    try:
        yield house
    finally:
        house.store.close()


def open_house(settings: Settings, *, practice: bool, create: bool) -> House:
    store = Store.open(database_of(settings, practice=practice), create=create or practice)
    try:
        with store.read() as connection:
            base = read_base(connection)
        if base is None:
            base, keys = found_base(settings, store, practice=practice)
        else:
            keys = Keys.load(keys_folder(settings, base), base.key_check)
        return House(settings, store, base, keys, State(state_folder(settings, base)), practice)
    except BaseException:
        store.close()
        raise


def database_of(settings: Settings, *, practice: bool) -> str:
    return f"sqlite:///{settings.project / PRACTICE_BASE}" if practice else settings.database


def found_base(settings: Settings, store: Store, *, practice: bool) -> tuple[Base, Keys]:
    """A new base and its keys, which are made together and never apart.

    Two processes may find the same empty base: the row of the first one stands, and the second takes its keys.
    """
    draft = Base(new_base_id(), "", practice, now())
    keys = Keys.make(keys_folder(settings, draft))
    with store.write() as connection:
        base = read_base(connection)
        if base is None:
            check = keys.check_value()
            return found(connection, base_id=draft.base_id, key_check=check, practice=practice, now=now()), keys
    return base, Keys.load(keys_folder(settings, base), base.key_check)


def keys_folder(settings: Settings, base: Base) -> Path:
    """Practice keys lie below the real ones where a folder is named, since no two bases may share keys."""
    folder = settings.keys_folder(base.base_id)
    return folder / "practice" if base.practice and settings.keys else folder


def state_folder(settings: Settings, base: Base) -> Path:
    folder = settings.state_folder(base.base_id)
    return folder / "practice" if base.practice and settings.state else folder


def demand_relay(settings: Settings) -> None:
    if settings.relay is None:
        raise SettingsError.of(
            "SC-111",
            "no relay is set",
            why="Mail needs a server that takes it; nothing was sent.",
            todo='Set SENDER_RELAY (or relay = "smtp://user@relay.example:587" in sender.toml), or add --practice.',
        )
