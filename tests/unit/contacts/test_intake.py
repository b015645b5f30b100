"""Contact files as firms have them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from sender.contacts import ContactFile, Double, Rejected, Row, failed_formulas, intake, read, rows, values
from sender.errors import InputError, MissingFile
from sender.model import Audience, CompanyForm, Notice, Provenance, SourceKind

FAIR = Provenance(
    SourceKind.TRADE_SHOW, "Salon 2026", date(2026, 3, 12), Notice(True, "2026-01", date(2026, 3, 12), True)
)


def opened(path: Path, columns: Mapping[str, str] | None = None, language: str = "fr") -> ContactFile:
    return read(Audience(path, columns or {}, FAIR), campaign_language=language)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "contacts.csv"


def rows_of(path: Path, text: str, encoding: str = "utf-8") -> list[Row | Double | Rejected]:
    path.write_bytes(text.encode(encoding))
    return list(opened(path))


def only(path: Path, text: str, encoding: str = "utf-8") -> Row:
    (row,) = rows_of(path, text, encoding)
    assert isinstance(row, Row)
    return row


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252", "mac_roman"])
def test_accents_survive_every_encoding_that_desktops_write(path: Path, encoding: str) -> None:
    """Names come out as they were typed, whatever program saved the file."""
    lines = "".join(f"c{n}@a.example;Éloïse;Société générale d’études à Besançon, œuvre reçue\n" for n in range(20))
    rows = rows_of(path, f"E-mail;Prénom;Société\n{lines}", encoding)
    assert len(rows) == 20
    assert all(isinstance(row, Row) and row.contact.first_name == "Éloïse" for row in rows)
    assert isinstance(rows[0], Row)
    assert rows[0].contact.company == "Société générale d’études à Besançon, œuvre reçue"


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_ends_are_recognised(path: Path, delimiter: str, end: str) -> None:
    """Semicolons, commas, tabs and bars; Unix, Windows and old Macs."""
    text = end.join(
        [delimiter.join(["Nom", "E-mail", "Fonction"]), delimiter.join(["Roy", "r@a.example", "Gérant"]), ""]
    )
    row = only(path, text)
    assert (row.line, row.contact.last_name, row.contact.title) == (2, "Roy", "Gérant")


@given(text=st.text(st.characters(codec="utf-16"), max_size=12) | st.text("aÉ '’.-_&@/#=+\t\u2066\ufffd", max_size=8))
def test_a_plain_cell_needs_no_tidying(text: str) -> None:
    """What is taken for words with single spaces holds nothing that a cell is refused, tidied or reported for."""
    if rows._PLAIN.fullmatch(text):
        assert text == " ".join(values.text_of(text).split())
        assert not values.is_error(text)
        assert not rows._FORBIDDEN.search(text)
        assert not rows._FORMULA.match(text)


def test_commas_inside_a_semicolon_file_do_not_win(path: Path) -> None:
    """The header decides on the delimiter, not the commas in job titles."""
    text = "E-mail;Fonction\na@a.example;Directeur, achats, ventes, stocks\nb@a.example;DPO, juriste, droit, x\n"
    rows = rows_of(path, text)
    assert [row.contact.title for row in rows if isinstance(row, Row)] == [
        "Directeur, achats, ventes, stocks",
        "DPO, juriste, droit, x",
    ]


def test_excel_first_line_that_names_the_delimiter(path: Path) -> None:
    """``sep=;`` is obeyed and is neither header nor row."""
    assert only(path, "sep=;\nE-mail;Nom\na@a.example;Roy\n").line == 3


def test_lines_are_those_of_the_editor(path: Path) -> None:
    """A quoted line break and empty lines count, empty lines are no rows."""
    path.write_text('E-mail;Société\na@a.example;"Roy\nFils"\n\n;\nb@a.example;Noël\n', encoding="utf-8")
    file = opened(path)
    rows = list(file)
    assert [row.line for row in rows] == [2, 6]
    assert (file.report.rows, file.report.empty_lines) == (2, 2)
    assert isinstance(rows[0], Row)
    assert rows[0].contact.company == "Roy Fils"


def test_a_double_names_its_first_line(path: Path) -> None:
    """The same address in another case is one person."""
    rows = rows_of(path, "E-mail\na@a.example\nA@A.example\n")
    assert rows[1] == Double(line=3, first_line=2)


def test_a_rejected_row_says_why_and_not_what(path: Path) -> None:
    """No address, two addresses, unprintable characters, shifted cells: each with its line, none with its content."""
    text = "E-mail;Nom\n;Roy\na@a.example, b@a.example;Roy\nc@a.example;R\0oy\nd@a.example;Roy;x\n"
    rows = rows_of(path, text)
    assert [(row.line, row.code) for row in rows if isinstance(row, Rejected)] == [
        (2, "no_address"),
        (3, "several_addresses"),
        (4, "unprintable"),
        (5, "too_many_cells"),
    ]
    assert not any("Roy" in row.why or "@" in row.why for row in rows if isinstance(row, Rejected))


def test_one_broken_byte_costs_one_row(path: Path) -> None:
    """A UTF-8 file with one damaged line is still read as UTF-8, and that row is rejected."""
    good = "".join(f"c{n}@a.example;Éloïse\n" for n in range(5)).encode()
    path.write_bytes("E-mail;Prénom\n".encode() + good + b"x@a.example;\xc9lo\n")
    rows = list(opened(path))
    assert [type(row) for row in rows] == [Row] * 5 + [Rejected]


def test_line_breaks_in_names_do_not_survive(path: Path) -> None:
    """A name cannot carry a header into a letter."""
    row = only(path, 'E-mail;Nom\na@a.example;"Roy\r\nBcc: x"\n')
    assert row.contact.last_name == "Roy Bcc: x"


@pytest.mark.parametrize("name", ["=cmd|'/C calc'!A0", '"=HYPERLINK(""x"")"', "+SUM(A1)"])
def test_nobody_is_greeted_with_a_formula(path: Path, name: str) -> None:
    """Nothing is computed, and nothing that a spreadsheet would compute is printed in a letter."""
    (row,) = rows_of(path, f"E-mail;Nom\na@a.example;{name}\n")
    assert row == Rejected(2, "formula", "une formule sous Nom")


def test_what_only_looks_like_a_formula_is_kept_and_told(path: Path) -> None:
    """There are firms whose names begin with a plus."""
    row = only(path, "E-mail;Société\na@a.example;+Simple\n")
    assert row.contact.company == "+Simple"
    assert row.unclear == (("formula", "Société"),)


def test_a_cell_of_ten_megabytes_is_an_error_with_its_line(path: Path) -> None:
    """Most often a quotation mark that was never closed."""
    path.write_text("E-mail;Nom\na@a.example;Roy\nb@a.example;" + "x" * 10_000_000 + "\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"SC-309: .*contacts.csv:3:"):
        list(opened(path))


def test_an_open_quotation_mark_is_an_error_with_its_line(path: Path) -> None:
    """It does not silently swallow the people below."""
    path.write_text('E-mail;Nom\na@a.example;"Roy\n' + "b@a.example;Noël\n" * 20_000, encoding="utf-8")
    with pytest.raises(InputError, match=r"SC-309: .*contacts.csv:2:"):
        list(opened(path))


@pytest.mark.parametrize("end", ["", "\n", "\nb@a.example;Noël;X\n"])
def test_a_quotation_mark_left_open_at_the_end_is_an_error_with_its_line(path: Path, end: str) -> None:
    """However few rows it swallows."""
    path.write_text(f'E-mail;Nom;Ville\na@a.example;Roy;Lyon\nc@a.example;"Roy;Lyon{end}', encoding="utf-8")
    with pytest.raises(InputError, match=r"SC-312: .*contacts.csv:3:"):
        list(opened(path))


def test_rows_that_a_quotation_mark_swallowed_are_rejected_line_by_line(path: Path) -> None:
    """Two stray marks join rows into one cell; each of these rows is counted, and the others are read."""
    text = (
        "E-mail;Prénom;Nom;Société\n"
        'z@a.example;A;"Bon;D SAS\n'
        "y@a.example;Y;B;B SAS\n"
        "\n"
        'x@a.example;S;L";Impr SARL\n'
        "w@a.example;W;V;V SAS\n"
    )
    path.write_text(text, encoding="utf-8")
    file = opened(path)
    rows = list(file)
    assert [(row.line, type(row)) for row in rows] == [(2, Rejected), (3, Rejected), (5, Rejected), (6, Row)]
    assert isinstance(rows[0], Rejected)
    assert rows[0].why == "les lignes 2 à 5 sont une seule cellule ; un guillemet de trop ou manquant à la ligne 2"
    assert (file.report.rows, file.report.contacts, file.report.rejected) == (4, 1, 3)


def test_rows_joined_at_their_edges_are_rejected_too(path: Path) -> None:
    """The joined cell holds neither delimiter nor address; the row is too long then."""
    rows = rows_of(path, 'Nom;E-mail;Ville\nRoy;a@a.example;"Ly\non";b@a.example;Nice\n')
    assert [(row.line, type(row)) for row in rows] == [(2, Rejected), (3, Rejected)]


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 9), st.integers(0, 2), st.integers(0, 9), st.integers(0, 2))
def test_no_stray_pair_of_marks_puts_one_person_into_the_mail_of_another(
    path: Path, first: int, cell: int, second: int, other: int
) -> None:
    """Wherever two marks stand, every row is counted and no value holds an address or a delimiter."""
    table = [[f"c{n}@a.example", f"Nom{n}", f"Ville{n}"] for n in range(10)]
    table[first][cell] = '"' + table[first][cell]
    table[second][other] += '"'
    path.write_text("E-mail;Nom;Ville\n" + "".join(";".join(row) + "\n" for row in table), encoding="utf-8")
    try:
        file = opened(path)
        rows = list(file)
    except InputError as problem:
        assert "SC-312" in str(problem)  # noqa: PT017
        return
    assert file.report.rows == 10
    for row in rows:
        if isinstance(row, Row):
            values = (row.contact.last_name, *row.contact.more.values())
            assert not any("@" in value or "\n" in value for value in values)


@pytest.mark.parametrize(
    "cell",
    [
        "mailto:jean@a.example",
        "MAILTO:jean@a.example?subject=Bonjour",
        "Jean Roy <jean@a.example>",
        "<jean@a.example>",
        "jean@a.example <jean@a.example>",
        "<mailto:jean@a.example>",
    ],
)
def test_an_address_is_taken_out_of_what_mail_programs_wrap_round_it(path: Path, cell: str) -> None:
    """Where there is exactly one, it is no guess."""
    assert only(path, f"E-mail;Nom\n{cell};Roy\n").contact.email.spec == "jean@a.example"


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("Jean <a@a.example>, Luc <b@a.example>", "several_addresses"),
        ("b@a.example <a@a.example>", "several_addresses"),
        ("mailto:a@a.example,b@a.example", "several_addresses"),
        ("Jean <a at a.example>", "address_syntax"),
        ("Jean a@a.example", "address_syntax"),
    ],
)
def test_several_addresses_in_a_cell_are_none(path: Path, cell: str, code: str) -> None:
    """Nobody can say which of them was told what."""
    (row,) = rows_of(path, f"E-mail;Nom\n{cell};Roy\n")
    assert isinstance(row, Rejected)
    assert row.code == code


def test_a_short_row_is_told(path: Path) -> None:
    """It may have lost a delimiter."""
    path.write_text("E-mail;Nom;Ville;\na@a.example;Roy\nb@a.example;Roy;Lyon\n", encoding="utf-8")
    file, french = opened(path, language="en"), opened(path)
    list(file), list(french)
    assert file.report.notes == ("fewer cells than the header has; the rest is taken as missing: 1 row, line 2",)
    assert french.report.notes == ("moins de cellules que l'en-tête ; le reste est tenu pour absent : 1 ligne, la 2",)


def test_a_file_of_a_header_alone_is_a_mistake(path: Path) -> None:
    """An audience of nobody is not one that every gate lets pass."""
    path.write_text("E-mail;Nom\n;\n", encoding="utf-8")
    with pytest.raises(InputError, match="SC-313"):
        opened(path)


def test_the_column_that_holds_addresses_is_proposed(path: Path) -> None:
    """Whatever its header says."""
    path.write_text("Nom;Contact\nRoy;a@a.example\nNoël;b@a.example\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"SC-303(?s:.*)Did you mean 'Contact'"):
        opened(path)


def test_a_mac_file_without_rare_letters_is_read_as_one(path: Path) -> None:
    """Mac Roman is told from cp1252 by where its accents stand, also where both could be."""
    text = "E-mail;Société\n" + "".join(f"c{n}@a.example;Société Générale d'été\n" for n in range(5))
    rows = rows_of(path, text, "mac_roman")
    assert all(isinstance(row, Row) and row.contact.company == "Société Générale d'été" for row in rows)


# --- provenance


def test_the_campaign_gives_what_the_row_does_not(path: Path) -> None:
    """A row without provenance has the campaign's."""
    assert only(path, "E-mail;Source;Collecté le\na@a.example;;\n").contact.provenance == FAIR


def test_the_row_wins_field_by_field(path: Path) -> None:
    """What the row says of the same source replaces the campaign's word, the rest stays."""
    provenance = only(
        path, "E-mail;Collecté le;Opposition proposée\na@a.example;1er avril 2026;non\n"
    ).contact.provenance
    assert provenance.collected_on == date(2026, 4, 1)
    assert not provenance.notice.objection_offered
    assert (provenance.record, provenance.notice.version) == ("Salon 2026", "2026-01")


def test_another_source_takes_nothing_over(path: Path) -> None:
    """What people were told at the fair does not hold for a bought address."""
    provenance = only(path, "E-mail;Source\na@a.example;Fichier acheté\n").contact.provenance
    assert provenance == Provenance(SourceKind.PURCHASED)


def test_a_date_that_is_not_understood_counts_as_missing(path: Path) -> None:
    """The campaign's date does not stand in for it."""
    row = only(path, "E-mail;Collecté le\na@a.example;12/31/2026\n")
    assert row.contact.provenance.collected_on is None
    assert row.unclear == (("date", "Collecté le"),)


@pytest.mark.parametrize("said", ["non", "Jamais", "0"])
def test_no_under_the_date_of_the_notice_says_that_none_was_given(path: Path, said: str) -> None:
    """A campaign's notice does not hold for somebody who did not get it."""
    assert only(path, f"E-mail;Information donnée le\na@a.example;{said}\n").contact.provenance.notice == Notice()


def test_an_unknown_country_is_none_and_told(path: Path) -> None:
    """The gates then apply the strictest law."""
    path.write_text("E-mail;Pays\na@a.example;Syldavie\nb@a.example;\n", encoding="utf-8")
    file = read(Audience(path, {}, FAIR, country="FR"), campaign_language="fr")
    assert [row.contact.country for row in file if isinstance(row, Row)] == [None, "FR"]
    assert any("pays non compris" in note and "la 2" in note for note in file.report.notes)


@pytest.mark.parametrize("error", ["#N/A", "#REF!", "#VALEUR!", "Err:502"])
def test_an_error_of_the_spreadsheet_is_unclear_in_every_column(path: Path, error: str) -> None:
    """Nothing of the campaign's stands in for it: neither date, record, version nor country."""
    row = only(
        path,
        "E-mail;Prénom;Collecté le;Référence de la source;Version de l'information\n"
        f"a@a.example;{error};{error};{error};{error}\n",
    )
    assert row.contact.first_name == ""
    assert {code for code, _ in row.unclear} == {"error"}
    assert row.contact.provenance.collected_on is None


@pytest.mark.parametrize("said", ["hier", "10/13/2026"])
def test_a_date_of_notice_that_is_not_understood_is_called_a_date(path: Path, said: str) -> None:
    """The column asks for a date, though it also takes a yes or no."""
    row = only(path, f"E-mail;Information donnée le\na@a.example;{said}\n")
    assert row.unclear == (("date", "Information donnée le"),)
    assert row.contact.provenance.notice == Notice()


# --- workbooks


def test_a_workbook_is_read_like_a_text_file(tmp_path: Path) -> None:
    """Dates, numbers and empty rows, with the row numbers that the spreadsheet shows."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for cells in (
        ["E-mail", "Société", "Collecté le", "Effectif", "Opposition proposée"],
        [
            "a@a.example",
            "Cœur SARL",
            datetime(2026, 3, 1),  # noqa: DTZ001 (cells have no zone)
            12,
            True,
        ],
        [],
        ["b@a.example", "Roy", 46000, 3.5, "non"],
    ):
        sheet.append(cells)
    path = tmp_path / "contacts.xlsx"
    book.save(path)
    first, second = list(opened(path))
    assert isinstance(first, Row)
    assert isinstance(second, Row)
    assert (first.line, second.line) == (2, 4)
    assert first.contact.provenance.collected_on == date(2026, 3, 1)
    assert second.contact.provenance.collected_on == date(2025, 12, 9)
    assert (first.contact.more, second.contact.more) == ({"effectif": "12"}, {"effectif": "3.5"})
    assert (first.contact.form, first.contact.legal_form) == (CompanyForm.LEGAL_PERSON, "SARL")
    assert not second.contact.provenance.notice.objection_offered


@pytest.mark.parametrize(("empty_columns", "piece"), [(0, 1 << 20), (2, 7)])
def test_a_failed_formula_in_a_workbook_does_not_take_the_campaign_s_value(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, empty_columns: int, piece: int
) -> None:
    """Spreadsheets show #N/A there; what the cell was to say is not known, wherever the table begins."""
    monkeypatch.setattr(failed_formulas, "_PIECE", piece)
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for cells in (["E-mail", "Nom", "Collecté le"], ["a@a.example", "#REF!", "#N/A"], ["b@a.example", "Roy", None]):
        sheet.append([None] * empty_columns + cells)
    path = tmp_path / "contacts.xlsx"
    book.save(path)
    first, second = list(opened(path))
    assert isinstance(first, Row)
    assert isinstance(second, Row)
    assert (first.contact.last_name, first.contact.provenance.collected_on) == ("", None)
    assert first.unclear == (("error", "Nom"), ("error", "Collecté le"))
    assert (second.unclear, second.contact.provenance) == ((), FAIR)


@pytest.mark.parametrize("start", [b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"])
def test_a_damaged_workbook_is_an_error(path: Path, start: bytes) -> None:
    """Not a traceback, and not an empty audience."""
    path.write_bytes(start + b"\0" * 2000)
    with pytest.raises(InputError, match="SC-310"):
        opened(path)


# --- files that are none


def test_a_file_that_is_not_there(path: Path) -> None:
    """Says so with the status of a missing file."""
    with pytest.raises(MissingFile, match="SC-300"):
        opened(path)


@pytest.mark.parametrize("content", [b"", b"\n\n;;;\n"])
def test_an_empty_file(path: Path, content: bytes) -> None:
    """An empty file is a mistake, not an audience of nobody."""
    path.write_bytes(content)
    with pytest.raises(InputError, match="SC-302"):
        opened(path)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(head=b"", body=b"PK\x03\x04")
@example(head=b"\xff\xfe", body=b"\x00")
@example(head=b"E-mail;Nom\n", body=b'a@a.example;"')
@given(
    head=st.sampled_from([b"", b"E-mail;Nom\n", b"E-mail,Collect\xe9 le,Pays\r\n", b"\xff\xfe", b"\xef\xbb\xbfmail\n"]),
    body=st.binary(max_size=400) | st.text(alphabet='a@.;,"\n\r\t=é\0 1/', max_size=200).map(str.encode),
)
def test_any_bytes_give_rows_or_an_input_error(path: Path, head: bytes, body: bytes) -> None:
    """No file makes the program fall over, and every row is counted once."""
    path.write_bytes(head + body)
    try:
        file = opened(path)
        results = list(file)
    except InputError:
        return
    report = file.report
    assert len(results) == report.rows == report.contacts + report.doubles + report.rejected
    assert report.contacts == sum(isinstance(result, Row) for result in results)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(["a@a.example", "A@a.example", "b@a.example", "no address", "", "c@a.example;x;y"])))
def test_the_sum_holds_and_each_address_comes_once(path: Path, cells: list[str]) -> None:
    """rows = contacts + doubles + rejected, whatever the order."""
    cells = ["no address", *cells]
    path.write_text("E-mail;Nom\n" + "".join(f"{cell or ';'}\n" for cell in cells), encoding="utf-8")
    file = opened(path)
    keys = [row.contact.email.key for row in file if isinstance(row, Row)]
    assert len(keys) == len(set(keys)) == len({"a@a.example", "b@a.example"} & {cell.lower() for cell in cells})
    assert file.report.rows + file.report.empty_lines == len(cells)


@given(keys=st.lists(st.integers(1, 2**64 - 1) | st.integers(1, 40).map(lambda n: n << 20), max_size=200))
def test_the_table_of_lines_is_a_dict(keys: list[int]) -> None:
    """Whatever keys come, and however many have the same place."""
    table, wanted = intake._Lines(), dict[int, int]()
    for line, key in enumerate([*keys, *keys], 1):
        assert table.setdefault(key, line) == wanted.setdefault(key, line)


def test_the_table_grows_with_what_is_in_it() -> None:
    """Ten times what it begins with."""
    table = intake._Lines()
    keys = [(n * 0x9E3779B97F4A7C15) % 2**64 for n in range(1, 50_000)]
    assert [table.setdefault(key, line) for line, key in enumerate(keys, 1)] == list(range(1, 50_000))
    assert [table.setdefault(key, 0) for key in keys] == list(range(1, 50_000))
