"""Cells as values, and legal forms."""

from __future__ import annotations

import contextlib
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sender.contacts import values
from sender.contacts.forms import form_in_name, meaning
from sender.contacts.values import UnclearError
from sender.model import CompanyForm, SourceKind


@pytest.mark.parametrize(
    "cell",
    ["12/03/2026", "12.03.2026", "2026-03-12", "2026-03-12 10:30", "12 mars 2026", "12 March 2026", "46093",
     46093, 46093.5, date(2026, 3, 12), datetime(2026, 3, 12, 9)],  # noqa: DTZ001 (cells have no zone)
)  # fmt: skip
def test_dates_as_people_and_spreadsheets_write_them(cell: values.Cell) -> None:
    """Day before month, ISO, words, serial numbers."""
    assert values.day(cell, "fr") == date(2026, 3, 12)


@pytest.mark.parametrize(
    "cell", ["3/25/2026", "12/03/26", "mars 2026", "31/02/2026", "0", "99999999", "hier", "-1", True]
)
def test_dates_that_are_not_guessed(cell: values.Cell) -> None:
    """American order, two-digit years, half dates and days that do not exist."""
    with pytest.raises(UnclearError):
        values.day(cell, "fr")


def test_a_date_that_may_be_american_is_unclear_in_english() -> None:
    """03/04 is March or April there; 25/12 can only be Christmas."""
    with pytest.raises(UnclearError):
        values.day("03/04/2026", "en")
    assert values.day("25/12/2026", "en") == date(2026, 12, 25)


@pytest.mark.parametrize(
    ("cell", "meant"), [("Oui", True), ("x", True), (1, True), ("NON", False), ("0", False), (False, False)]
)
def test_yes_and_no(cell: values.Cell, meant: bool) -> None:
    """French, English, crosses and numbers."""
    assert values.flag(cell) is meant


@pytest.mark.parametrize("cell", ["peut-être", "", "2"])
def test_neither_yes_nor_no(cell: str) -> None:
    """Doubt is no yes."""
    with pytest.raises(UnclearError):
        values.flag(cell)


@pytest.mark.parametrize(
    ("name", "code"),
    [("France", "FR"), ("fr", "FR"), ("ALLEMAGNE", "DE"), ("UK", "GB"), ("Royaume Uni", "GB"), ("États-Unis", "US"),
     ("Côte d'Ivoire", "CI"), ("Pays-Bas", "NL"), ("Switzerland", "CH"), ("République tchèque", "CZ")],
)  # fmt: skip
def test_countries_in_french_and_english(name: str, code: str) -> None:
    """Names and codes, with or without accents."""
    assert values.country(name) == code


@pytest.mark.parametrize("name", ["Syldavie", "Paris", "EU", "XX", "-"])
def test_what_is_no_country(name: str) -> None:
    """Never a guess."""
    with pytest.raises(UnclearError):
        values.country(name)


def test_kinds_of_source_in_words() -> None:
    """As French files say them; the words of the campaign file too."""
    assert values.source("Salon") is SourceKind.TRADE_SHOW
    assert values.source("LinkedIn") is SourceKind.SCRAPED
    assert all(values.source(kind.value) is kind for kind in SourceKind)


@given(st.text(max_size=40))
def test_any_text_is_a_value_or_unclear(text: str) -> None:
    """No other error comes out of a cell."""
    for reader in (values.flag, values.country, values.language, values.source, lambda cell: values.day(cell, "fr")):
        with contextlib.suppress(UnclearError):
            assert reader(text) is not None


@pytest.mark.parametrize(
    ("written", "form"),
    [("S.A.R.L.", "legal_person"), ("sas", "legal_person"), ("Association loi 1901", "legal_person"),
     ("Mairie", "legal_person"), ("GmbH", "legal_person"), ("LLP", "legal_person"), ("S.p.A.", "legal_person"),
     ("EI", "sole_trader"), ("Auto-entrepreneur", "sole_trader"), ("micro entreprise", "sole_trader"),
     ("Profession libérale", "sole_trader"), ("e.K.", "sole_trader"), ("Partnership", "sole_trader"),
     ("GbR", "unknown"), ("inconnue", "unknown"), ("Truc", "unknown"), ("", "unknown")],
)  # fmt: skip
def test_what_a_legal_form_means(written: str, form: str) -> None:
    """Whoever trades in their own name is a natural person, partnerships of the UK included."""
    assert meaning(written) is CompanyForm(form)


@pytest.mark.parametrize(
    ("company", "written"),
    [("Moreau SARL", "SARL"), ("SARL Moreau", "SARL"), ("Moreau S.A.S.", "S.A.S."), ("Moreau (SAS)", "SAS"),
     ("Weiß GmbH & Co. KG", "GmbH & Co. KG"), ("Acme Ltd", "Ltd"), ("Martin EI", "EI")],
)  # fmt: skip
def test_the_form_at_the_end_of_a_name(company: str, written: str) -> None:
    """Read where the file says nothing of it."""
    found = form_in_name(company)
    assert found is not None
    assert found.written == written


@pytest.mark.parametrize(
    "company", ["SARL", "AG Conseil", "AB Services", "Coiffure AS", "Chacun sa sa", "Moreau", "Le Sas", ""]
)
def test_names_that_end_in_no_form(company: str) -> None:
    """Initials and ordinary words make nobody a legal person."""
    assert form_in_name(company) is None
