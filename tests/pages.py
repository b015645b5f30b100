"""A house with one contact who was written to, and the public pages before it, without a network."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import select

from sender import contacts
from sender.address import parse
from sender.cli import wiring
from sender.cli.desks import reception
from sender.errors import Unreachable
from sender.links import Purpose, sign
from sender.model import Contact, ContactId, Provenance, SourceKind
from sender.settings import load
from sender.steps.house import House
from sender.store import AbsentStore
from sender.store.schema import in_force, journal, metadata, suppressions
from sender.web import Limits, Proxies, create_app

BEGUN = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
LETTERS = """
pages_from = "conseil@eluard.example"
pages_signature = "Éluard Conseil, SAS au capital de 50 000 €, RCS Paris 123 456 782"
"""
CLAIRE = "claire@entreprise.example"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}
SETTINGS = """
pages_url = "https://courrier.eluard.example"
pages_name = "Éluard Conseil"
language = "fr"
log = "stderr"
keys = "keys"
state = "state"
"""


@dataclass
class Clock:
    now: datetime = BEGUN

    def __call__(self) -> datetime:
        return self.now

    def passes(self, **time: float) -> None:
        self.now += timedelta(**time)


@dataclass
class Scene:
    """``page``: the path of Claire's link."""

    folder: Path
    house: House
    claire: ContactId
    clock: Clock
    troubles: list[str] = field(default_factory=list)

    @classmethod
    @contextmanager
    def open(cls, folder: Path, more: str = "") -> Iterator[Scene]:
        (folder / "sender.toml").write_text(SETTINGS + more, encoding="utf-8")
        clock = Clock()
        with wiring.opened(load(folder), practice=False, create=True) as house:
            house = replace(house, now=clock)
            where = Provenance(SourceKind.TRADE_SHOW, "Salon", date(2026, 3, 12))
            known = Contact(ContactId(""), parse(CLAIRE), language="fr", provenance=where)
            with house.store.write() as connection:
                (claire,) = contacts.upsert(connection, [known], hash_of=house.hash_of, now=BEGUN).contacts
            yield cls(folder, house, claire.id, clock)

    @property
    def token(self) -> str:
        return self.token_of(self.claire, CLAIRE)

    @property
    def page(self) -> str:
        return f"/u/{self.token}"

    @property
    def stranger(self) -> str:
        """The path of a genuine link whose person the base does not know: erased, or of an older base."""
        return f"/u/{self.token_of(ContactId('cd' * 16), 'erased@entreprise.example')}"

    def token_of(self, contact: ContactId, address: str) -> str:
        return sign(self.house.keys.ring, Purpose.OBJECT, contact, self.house.hash_of(parse(address)))

    def app(self, proxies: Proxies | None = None, limits: Limits | None = None, **parts: Any) -> Litestar:
        """``parts``: of the reception, in the place of its own."""
        desks = reception(self.house, proxies or Proxies())
        desks.desk.trouble = lambda where, what: self.troubles.append(f"{where} {what}")
        return create_app(replace(desks, limits=limits or Limits(), **parts))

    @contextmanager
    def client(self, **parts: Any) -> Iterator[TestClient[Litestar]]:
        """When it is left, what was said is in the base."""
        with TestClient(self.app(**parts), raise_server_exceptions=False) as client:
            yield client

    @contextmanager
    def away(self) -> Iterator[TestClient[Litestar]]:
        """The pages while the data base is out of reach."""
        house = self.house
        try:
            self.house = replace(house, store=AbsentStore(Unreachable.of("SC-509", "away", why="-", todo="-")))
            with self.client() as client:
                yield client
        finally:
            self.house = house

    # --- what is kept

    def stops(self) -> list[str]:
        """What stands against mail to anybody."""
        with self.house.store.read() as connection:
            return list(connection.execute(select(suppressions.c.reason).where(in_force)).scalars())

    def journalled(self) -> list[str]:
        with self.house.store.read() as connection:
            return list(connection.execute(select(journal.c.kind).order_by(journal.c.seq)).scalars())

    def lines(self) -> list[str]:
        file = self.house.state.folder / "objections"
        return file.read_text().splitlines() if file.exists() else []

    def kept(self) -> tuple[str, list[str]]:
        """Every row of every table, and the objections file."""
        if self.house.store.dialect != "sqlite":
            with self.house.store.read() as connection:
                rows = [str(connection.execute(select(table)).all()) for table in metadata.sorted_tables]
            return "\n".join(rows), self.lines()
        database = self.house.settings.database.removeprefix("sqlite:///")
        with closing(sqlite3.connect(database)) as base:
            return "\n".join(base.iterdump()), self.lines()
