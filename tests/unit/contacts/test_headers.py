"""Columns by their headers."""

from __future__ import annotations

from pathlib import Path

import pytest

from sender.contacts.headers import understand
from sender.errors import InputError

FILE = Path("contacts.csv")


def fields(*headers: str, **mapping: str) -> dict[str, int]:
    return dict(understand(headers, mapping, FILE, 1).fields)


@pytest.mark.parametrize("header", ["E-mail", "EMAIL", "courriel", "Mél", "Adresse  électronique", "ADRESSE E-MAIL"])
def test_the_address_column_has_many_names(header: str) -> None:
    """Case, accents and spaces do not count."""
    assert fields("Nom", header)["email"] == 1


def test_french_headers_of_provenance() -> None:
    """Each of the example's headers is understood."""
    headers = ("Mail", "Raison sociale", "Forme juridique", "Poste", "Pays", "Langue", "Source", "Référence")
    dates = (
        "Collecté le",
        "Information donnée le",
        "Version de la notice",
        "Opposition proposée",
        "Dernier contact entrant",
    )
    assert list(fields(*headers, *dates)) == [
        "email", "company", "legal_form", "title", "country", "language", "source_kind", "source_record",
        "collected_on", "notice_given_on", "notice_version", "objection_offered", "last_inbound_on",
    ]  # fmt: skip


def test_the_campaign_file_wins() -> None:
    """A mapped header is used although another looks more like it."""
    assert fields("E-mail", "Nom", "Enseigne", company="enseigne") == {"email": 0, "last_name": 1, "company": 2}


def test_unknown_columns_stay_under_a_name_for_templates() -> None:
    """Accents and spaces become an identifier, and no contact's field is shadowed."""
    columns = understand(["Mail", "N° de client", "Chiffre d’affaires", "name", "2e choix"], {}, FILE, 1)
    assert list(columns.more) == ["n_de_client", "chiffre_d_affaires", "column_name", "column_2e_choix"]


def test_of_two_titles_the_likelier_is_taken_and_told() -> None:
    """``Titre`` may be Monsieur; beside ``Fonction`` it stays a column of its own."""
    columns = understand(["Mail", "Titre", "Fonction"], {}, FILE, 1)
    assert columns.fields["title"] == 2
    assert "column_titre" in columns.more or "titre" in columns.more
    assert any("Titre" in note for note in columns.notes)


@pytest.mark.parametrize(
    ("headers", "mapping", "code", "said"),
    [
        (["Nom", "Courriell"], {}, "SC-303", "Did you mean 'Courriell'"),
        (["Nom", "Ville"], {}, "SC-303", "The columns are: Nom, Ville"),
        (["E-mail", "Courriel"], {}, "SC-304", "E-mail, Courriel"),
        (["E-mail", "Nom", "nom"], {}, "SC-305", "'nom'"),
        (["E-mail"], {"compagny": "Nom"}, "SC-306", "Did you mean 'company'"),
        (["E-mail", "Enseigne"], {"company": "Enseignes"}, "SC-307", "Did you mean 'Enseigne'"),
    ],
)
def test_a_header_that_cannot_be_used_says_what_to_write(
    headers: list[str], mapping: dict[str, str], code: str, said: str
) -> None:
    """The complaint names the headers found and the nearest one."""
    with pytest.raises(InputError) as raised:
        understand(headers, mapping, FILE, 1)
    (complaint,) = raised.value.complaints
    assert complaint.code == code
    assert said in str(complaint)


def test_a_file_without_header_shows_nobody() -> None:
    """The first line is somebody's data, so the complaint does not repeat it."""
    with pytest.raises(InputError, match="SC-302") as raised:
        understand(["Roy", "roy@a.example"], {}, FILE, 1)
    assert "oy" not in str(raised.value)
