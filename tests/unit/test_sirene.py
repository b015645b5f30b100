"""SIREN and SIRET."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sender.sirene import company_number, luhn, siren_of


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("123 456 782", "123456782"),
        ("123.456.782", "123456782"),
        ("732 829 320 00074", "73282932000074"),
        ("35600000049837", "35600000049837"),  # a post office: its digits add up to a multiple of five
    ],
)
def test_numbers_as_people_write_them(written: str, number: str) -> None:
    """With blanks and dots, of the firm or of one of its places."""
    assert company_number(written) == number


@pytest.mark.parametrize(
    "written", ["", "123456783", "73282932000075", "35600000049838", "12345678", "RCS 123456782", "１２３４５６７８２"]
)
def test_what_is_no_number(written: str) -> None:
    """A wrong check digit, too few digits, words, digits of another script."""
    assert company_number(written) is None


@given(st.integers(0, 10**8 - 1), st.integers(1, 9))
def test_one_mistyped_digit_is_found(body: int, shift: int) -> None:
    """That is what the check digit is for."""
    digits = next(f"{body:08}{last}" for last in range(10) if luhn(f"{body:08}{last}"))
    wrong = str((int(digits[3]) + shift) % 10)

    assert company_number(digits) == digits
    assert company_number(digits[:3] + wrong + digits[4:]) is None


def test_a_place_names_its_firm() -> None:
    """The first nine digits of a SIRET."""
    assert siren_of("73282932000074") == "732829320"
