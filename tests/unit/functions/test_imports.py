"""Files of ROME and ESCO, in their own shape and with titles of our own."""

from __future__ import annotations

from pathlib import Path

import pytest

from sender.errors import InputError
from sender.functions import FUNCTIONS, Assigned, read_esco, read_rome
from sender.functions.import_esco import functions_by_isco
from sender.functions.import_rome import functions_of_code
from sender.functions.vocabulary import sections

ROME = """"code_ogr","libelle_appellation_long","code_rome","code_rome_parent"
"1","Chapardeur / Chapardeuse de nuages","H2201","H2201"
"2","Dompteur / Dompteuse de chiffres","M1299","M1203"
"3","Dompteur de chiffres","M1207",""
"4","Rêveur / Rêveuse","Z9999",""
"5","Rêveur en chef","M1101",""
"""
ESCO = """conceptType,iscoGroup,preferredLabel,altLabels
Occupation,2643,cloud reader,"reader of clouds
cloud teller"
Occupation,2421,plan maker,
Occupation,3343,cloud teller,
"""


def test_rome_titles_get_the_functions_of_their_code(tmp_path: Path) -> None:
    """The parent's code decides; a title under two functions, or under none, is left out."""
    path = tmp_path / "rome.csv"
    path.write_text(ROME, encoding="utf-8")

    assert list(read_rome(path)) == [
        Assigned("Chapardeur / Chapardeuse de nuages", ("production",), by="France Travail, ROME 4.0"),
        Assigned("Rêveur en chef", ("procurement",), by="France Travail, ROME 4.0"),
    ]


def test_the_longest_beginning_of_a_rome_code_decides() -> None:
    """A sheet of its own, its domain, nothing."""
    assert functions_of_code("K1902") == ("notary",)
    assert functions_of_code("C1205") == ("banking",)
    assert functions_of_code("X1205") == ()


def test_every_function_of_a_rome_code_is_on_the_list() -> None:
    """The table names known functions only."""
    assert {slug for value in sections("rome")["codes"].values() for slug in value.split()} <= set(FUNCTIONS)


def test_esco_titles_get_the_function_of_their_isco_group(tmp_path: Path) -> None:
    """Other names count too; groups and names that stand for several functions are left out."""
    path = tmp_path / "occupations_en.csv"
    path.write_text(ESCO, encoding="utf-8")

    assert list(read_esco(path)) == [
        Assigned("cloud reader", ("translation",), by="European Commission, ESCO"),
        Assigned("reader of clouds", ("translation",), by="European Commission, ESCO"),
    ]


def test_a_group_of_several_functions_decides_nothing() -> None:
    """2421 is strategy, consulting and project management."""
    assert "2421" not in functions_by_isco()
    assert functions_by_isco()["2262"] == "pharmacy"


@pytest.mark.parametrize("read", [read_rome, read_esco])
def test_another_file_is_refused(read: object, tmp_path: Path) -> None:
    """A file without the columns of the classification is not guessed at."""
    path = tmp_path / "other.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")

    with pytest.raises(InputError):
        list(read(path))  # type: ignore[operator]
