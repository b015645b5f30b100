"""Titles that a person looked at, and titles of a classification."""

from __future__ import annotations

from pathlib import Path

import pytest

from sender.errors import InputError, MissingFile
from sender.functions import Assigned, match, unknown_titles, with_reviewed, write_assigned


def file(folder: Path, text: str, name: str = "functions-reviewed.csv") -> Path:
    """A file with ``text``."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_reviewed_title_wins_over_the_matcher(tmp_path: Path) -> None:
    """What a person assigned counts, whatever case, accents or gender the title is written with."""
    path = file(tmp_path, "title,functions,by\nDirecteur technique,it engineering,ML\nDRH,legal,ML\n")
    matched = with_reviewed(path)

    assert matched("DIRECTRICE TECHNIQUE").functions == ("it", "engineering")
    assert matched("drh").functions == ("legal",)
    assert matched("Notaire").functions == ("notary",)
    assert matched(None) == match(None)


def test_a_person_may_say_that_a_title_says_nothing(tmp_path: Path) -> None:
    """A dash makes a title unknown for good."""
    matched = with_reviewed(file(tmp_path, "title;functions\nJuriste;-\n"))

    assert not matched("juriste").functions


def test_the_evidence_names_who_assigned_it_and_when(tmp_path: Path) -> None:
    """The columns ``by`` and ``on``, as far as they are filled in."""
    text = "title,functions,by,on\nNinja,legal,M. Leroy,2026-11-20\nWizard,it,M. Leroy,\nFakir,tax,,\n"
    matched = with_reviewed(file(tmp_path, text))

    assert matched("ninja").evidence == ("Ninja (M. Leroy, 2026-11-20)",)
    assert matched("wizard").evidence == ("Wizard (M. Leroy)",)
    assert matched("fakir").evidence == ("Fakir",)


@pytest.mark.parametrize("lines", ["Ninja,\nNinja,legal\n", "Ninja,legal\nNinja,\n"])
def test_a_line_that_waits_contradicts_none(lines: str, tmp_path: Path) -> None:
    """Of a title that stands twice, the line that somebody filled in counts."""
    matched = with_reviewed(file(tmp_path, f"title,functions\n{lines}"))

    assert matched("Ninja").functions == ("legal",)


def test_a_file_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    """The folder is not there: a complaint about that file, and nothing else."""
    with pytest.raises(MissingFile) as caught:
        write_assigned(tmp_path / "none" / "functions-imported.csv", [Assigned("Ninja", ("legal",))])

    assert [complaint.code for complaint in caught.value.complaints] == ["SC-704"]


def test_an_imported_title_only_fills_gaps(tmp_path: Path) -> None:
    """The matcher comes before a classification, a person before both."""
    imported = file(tmp_path, "title,functions\nRetailleur de peaux,production\nDRH,legal\n", "functions-imported.csv")
    reviewed = file(tmp_path, "title,functions\nRetailleur de peaux,design\n")

    assert with_reviewed(None, imported)("Retailleuse de peaux").functions == ("production",)
    assert with_reviewed(None, imported)("Retailleuse de peaux").confidence < 1
    assert with_reviewed(None, imported)("DRH").functions == ("human_resources",)
    assert with_reviewed(reviewed, imported)("Retailleuse de peaux").functions == ("design",)


def test_without_files_the_matcher_is_the_plain_one() -> None:
    """Nothing is laid over it."""
    assert with_reviewed(None) is match


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("title\nJuriste\n", ["SC-701"]),
        ("", ["SC-701"]),
        ("title,functions\nJuriste,lawyering\n", ["SC-702"]),
        ("title,functions\n ,legal\nJuriste,legal\nJURISTE,sales\n", ["SC-703", "SC-703"]),
    ],
)
def test_a_wrong_file_is_refused_with_every_complaint(text: str, codes: list[str], tmp_path: Path) -> None:
    """A review that cannot be understood changes who is mailed, so it stops the run."""
    with pytest.raises(InputError) as caught:
        with_reviewed(file(tmp_path, text))

    assert [complaint.code for complaint in caught.value.complaints] == codes


def test_a_missing_file_and_a_foreign_encoding_say_so(tmp_path: Path) -> None:
    """A path that is not there, and bytes that are not UTF-8."""
    with pytest.raises(MissingFile):
        with_reviewed(tmp_path / "none.csv")
    (tmp_path / "latin.csv").write_bytes("title,functions\nDélégué,legal\n".encode("latin-1"))
    with pytest.raises(InputError):
        with_reviewed(tmp_path / "latin.csv")


def test_unknown_titles_are_counted_together() -> None:
    """The most frequent first, forms of one title together, known ones left out."""
    titles = ["Ninja", "Directeur technique", "directrice technique", "DRH", None, "", "DIRECTEUR TECHNIQUE"]

    assert unknown_titles(titles) == [("Directeur technique", 3), ("Ninja", 1)]


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    """A file of assigned titles keeps commas, accents and the dash for none."""
    path = tmp_path / "functions-imported.csv"
    rows = [Assigned("Éleveur, brebis", ("agriculture",)), Assigned("Ninja", ())]

    assert write_assigned(path, rows) == 2
    assert with_reviewed(path)("éleveuse / brebis").functions == ("agriculture",)
    assert [entry.name for entry in tmp_path.iterdir()] == ["functions-imported.csv"]


def test_a_title_that_nobody_has_looked_at_stands_in_nobodys_way(tmp_path: Path) -> None:
    """An empty cell waits; the words, and what was imported, judge meanwhile."""
    reviewed, imported = tmp_path / "reviewed.csv", tmp_path / "imported.csv"
    reviewed.write_text("title,functions,by,on\nAccastilleur-gréeur,,,\nDRH,,,\n", encoding="utf-8")
    imported.write_text("title,functions\nAccastilleur-gréeur,maintenance\n", encoding="utf-8")

    matcher = with_reviewed(reviewed, imported)

    assert matcher("Accastilleur-gréeur").functions == ("maintenance",)
    assert matcher("DRH").functions == ("human_resources",)
