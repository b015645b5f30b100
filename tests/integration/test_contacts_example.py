"""The example's contact file is what its script writes, and holds what it promises."""

from __future__ import annotations

import runpy
from datetime import date
from pathlib import Path

from sender.address import is_reserved
from sender.contacts import ContactFile, Row, read
from sender.functions import match
from sender.model import Audience, Notice, Provenance, SourceKind

ROOT = Path(__file__).parents[2]
FILE = ROOT / "campaigns" / "spring-contacts.csv"
FAIR = Provenance(
    SourceKind.TRADE_SHOW, "Salon du droit 2026", date(2026, 3, 12), Notice(True, "2026-01", date(2026, 3, 12), True)
)


def opened() -> ContactFile:
    return read(Audience(FILE, {}, FAIR), campaign_language="fr")


def test_the_file_is_what_its_script_writes() -> None:
    """Nobody edits the one without the other."""
    assert runpy.run_path(str(ROOT / "tests" / "make_spring_contacts.py"))["content"]() == FILE.read_bytes()


def test_sixty_rows_with_one_double_and_one_rejected() -> None:
    """rows = contacts + doubles + rejected."""
    file = opened()
    list(file)
    assert (file.report.rows, file.report.contacts, file.report.doubles, file.report.rejected) == (60, 58, 1, 1)


def test_everybody_is_invented() -> None:
    """No address could belong to anybody."""
    assert all(is_reserved(row.contact.email) for row in opened() if isinstance(row, Row))


def test_most_rows_may_be_written_to() -> None:
    """At least 38 have the fair's provenance, are in France and have a function that the offer concerns."""
    offered = {"legal", "data_protection", "general_management"}
    fit = [
        row.contact
        for row in opened()
        if isinstance(row, Row)
        and row.contact.provenance == FAIR
        and row.contact.country == "FR"
        and row.contact.company
    ]
    assert sum(bool(offered & set(match(contact.title).functions)) for contact in fit) >= 38
