"""How many people a second `contacts purge` lets go: N contacts past their term, each with two words on their origin,
a consent taken back, a letter with its attempt, a request and entries of the journal.

python tests/bench/purge.py [--people N] [--profile]
"""

from __future__ import annotations

import argparse
import cProfile
import os
import pstats
import resource
import sys
import tempfile
import time
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import Connection, insert

sys.path.insert(0, str(Path(__file__).parents[2]))

from sender import contacts, ledger
from sender.address import parse
from sender.cli import wiring
from sender.model import Consent, Contact, ContactId, Notice, Provenance, SourceKind
from sender.settings import load
from sender.steps import purge
from sender.steps.house import House
from sender.store import schema

NOW, LONG_AGO = datetime(2026, 11, 26, 12, tzinfo=UTC), date(2020, 1, 1)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--profile", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-purge-") as folder:
        for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
            os.environ[name] = str(Path(folder) / name.lower())
        (Path(folder) / "sender.toml").touch()
        with wiring.opened(load(Path(folder)), practice=False, create=True) as house:
            fill(house, given.people)
            let_go(house, profile=given.profile)


def let_go(house: House, *, profile: bool) -> None:
    watched = cProfile.Profile()
    began, worked = time.perf_counter(), time.process_time()
    gone = watched.runcall(purge.purge, house, purge.Purge()) if profile else purge.purge(house, purge.Purge())
    passed, worked = time.perf_counter() - began, time.process_time() - worked
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{gone} people in {passed:.1f} s: {gone / passed:.0f} a second; processor {worked:.1f} s; {memory} MB")
    if profile:
        pstats.Stats(watched).sort_stats("cumulative").print_stats(40)


def fill(house: House, people: int) -> None:
    for start in range(0, people, 1000):
        with house.store.write() as connection:
            enter(house, connection, range(start, min(start + 1000, people)))


def enter(house: House, connection: Connection, numbers: range) -> None:
    told = Notice(True, "2020-01", LONG_AGO, True)
    fair = Provenance(SourceKind.TRADE_SHOW, "Salon", LONG_AGO, told)
    rows = [
        Contact(ContactId(""), parse(f"p{n}@firm{n % 900}.example"), f"P{n}", "Martin", country="FR", provenance=fair)
        for n in numbers
    ]
    entered = [one.id for one in contacts.upsert(connection, rows, hash_of=house.hash_of, now=NOW).contacts]
    if numbers.start == 0:
        row = {"id": 1, "name": "spring", "path": "spring.yaml", "created_at": NOW}
        connection.execute(insert(schema.campaigns).values(**row))
        connection.execute(insert(schema.verdict_sets).values(digest="d", verdicts="[]"))
        run = {"id": "r", "campaign_id": 1, "host": "h", "state": "ended", "started_at": NOW, "lease_until": NOW}
        connection.execute(insert(schema.runs).values(**run))
    for one in entered:
        ask_and_answer(connection, one)
    letter = {"campaign_id": 1, "state": "accepted", "reading": 1, "verdicts": "d", "title": "Juriste"}
    connection.execute(insert(schema.letters), [{**letter, "contact_id": one} for one in entered])
    tried = {"campaign_id": 1, "number": 1, "run_id": "r", "fence": 1, "opened_at": NOW, "outcome": "accepted"}
    tries = [{**tried, "contact_id": one, "message_id": one, "subject": "Offre"} for one in entered]
    connection.execute(insert(schema.attempts), tries)


def ask_and_answer(connection: Connection, one: ContactId) -> None:
    record = ledger.journal.append
    contacts.grant(connection, one, Consent(LONG_AGO, "1", "fair", proof="signed"), record=record, now=NOW)
    contacts.withdraw(connection, one, on=LONG_AGO, record=record, now=NOW)
    hashed = bytes.fromhex(one) * 2
    contacts.answered(connection, one, hashed, "access", "exported", today=LONG_AGO, record=record, now=NOW)


if __name__ == "__main__":
    main()
