"""How long the gates take for one contact, as a multiple of what ``csv.reader`` needs to read its row.

    python tests/bench/gates.py [CONTACTS]

Facts are gathered and judged as in a run (law, address class, function, all contact gates); what is not timed is the
making of the contacts, which is the intake's work. Titles, domains and companies repeat as they do in real files.
"""

from __future__ import annotations

import csv
import random
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from time import perf_counter

from sender.address import parse
from sender.gates import judge_contact
from sender.model import (
    Address,
    Audience,
    Campaign,
    CompanyForm,
    Contact,
    ContactId,
    History,
    LegalBasis,
    LegalIdentity,
    Message,
    Notice,
    Offer,
    Processing,
    Provenance,
    Sender,
    SourceKind,
)
from sender.steps.facts import Bench

LIMIT = 60.0
TODAY = date(2026, 11, 23)
BATCH = 10_000
HEADS = ("Directeur", "Directrice", "Responsable", "Chef de projet", "Chargé de", "Assistante", "Head of", "Manager")
FIELDS = ("juridique", "des achats", "paie", "RH", "informatique", "qualité", "Legal", "Finance", "production")
TITLES = ("DRH", "DAF", "Juriste", "DPO", "Gérant", "PDG", "Avocat", "Comptable", "Retraité", "")
COUNTRIES = ("FR", "FR", "FR", "FR", "BE", "DE", "IE", "")
Row = list[str]


def rows(count: int) -> Iterator[Row]:
    """People of 50,000 firms; the seed is fixed, so that two runs judge the same."""
    draw = random.Random(20261123)
    for number in range(count):
        firm = draw.randrange(50_000)
        title = draw.choice(TITLES) if draw.random() < 0.3 else f"{draw.choice(HEADS)} {draw.choice(FIELDS)}"
        local = "contact" if draw.random() < 0.1 else f"prenom.nom{number}"
        collected = TODAY - timedelta(days=draw.randrange(1300))
        told = collected if draw.random() < 0.95 else collected + timedelta(days=3)
        yield [
            f"{local}@firm{firm}.example",
            "Prénom",
            f"Nom{number}",
            f"Firm {firm} SARL",
            "legal_person" if draw.random() < 0.8 else "unknown",
            title,
            draw.choice(COUNTRIES),
            draw.choice(("trade_show", "web_form", "public_page")),
            collected.isoformat(),
            told.isoformat(),
        ]


def contact(row: Row) -> Contact:
    email, first, last, company, form, title, country, source, collected, told = row
    notice = Notice(True, "2026-01", date.fromisoformat(told), objection_offered=True)
    provenance = Provenance(SourceKind(source), "REF-1", date.fromisoformat(collected), notice)
    return Contact(
        id=ContactId(""),
        email=parse(email),
        first_name=first,
        last_name=last,
        company=company,
        form=CompanyForm(form),
        title=title or None,
        country=country or None,
        provenance=provenance,
    )


def campaign() -> Campaign:
    address = Address("conseil", "eluard.example", "conseil@eluard.example")
    return Campaign(
        name="bench",
        path=Path("bench.yaml"),
        language="fr",
        sender=Sender("Éluard Conseil", address, address, "FR", LegalIdentity()),
        offer=Offer("Audit de conformité", ("legal", "data_protection", "general_management"), "Leur travail."),
        audience=Audience(Path("contacts.csv"), {}, Provenance()),
        basis=LegalBasis.LEGITIMATE_INTEREST,
        processing=Processing("PROSP-01", None),
        message=Message("Audit", Path("mail.html"), None),
    )


def reading_time(path: Path) -> float:
    """The best of three readings."""
    return min(_timed(lambda: _read(path)) for _ in range(3))


def _read(path: Path) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        for _ in csv.reader(file):
            pass


def _timed(work: Callable[[], object]) -> float:
    start = perf_counter()
    work()
    return perf_counter() - start


def judging_time(path: Path) -> tuple[float, int]:
    """Seconds, and how many may be written to."""
    bench = Bench(campaign(), frozenset({"FR", "BE", "IE"}), TODAY, frequency_cap=12, reserved_allowed=True)
    seconds, sent = 0.0, 0
    history = History()
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        while batch := [contact(row) for row in islice(reader, BATCH)]:
            start = perf_counter()
            for one in batch:
                sent += judge_contact(bench.of(one, history)).may_send
            seconds += perf_counter() - start
    return seconds, sent


def measure(count: int) -> tuple[float, float, int]:
    """Seconds that the gates need, seconds that csv.reader needs, and how many may be written to."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "contacts.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows(count))
        read = reading_time(path)
        judged, sent = judging_time(path)
    return judged, read, sent


def main() -> int:
    count = int(sys.argv[1].replace(",", "")) if len(sys.argv) > 1 else 1_000_000
    judged, read, sent = measure(count)
    print(
        f"gates: {count:,} contacts in {judged:.1f} s = {judged / count * 1e6:.1f} us a contact, {sent:,} to send; "
        f"csv.reader {read:.2f} s; ratio {judged / read:.1f} (at most {LIMIT:.0f})"
    )
    return 0 if judged <= LIMIT * read else 1


if __name__ == "__main__":
    sys.exit(main())
