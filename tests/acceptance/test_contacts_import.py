"""``contacts import`` through the installed command."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest

from tests.project import Project, Result

GIVEN = ("--source", "trade_show", "--record", "Salon 2026", "--collected-on", "2026-03-12", "--notice", "2026-01")
HEADER = "Prénom;Nom;Société;Fonction;E-mail;Pays\n"


@pytest.fixture
def project(empty: Project) -> Project:
    (empty.folder / "sender.toml").touch()
    return empty


def imported(project: Project, name: str, *more: str) -> Result:
    return project.run("contacts", "import", name, *GIVEN, "--create", "--json", *more)


def write(project: Project, text: str, name: str = "salon.csv", encoding: str = "cp1252") -> Path:
    path = project.folder / name
    path.write_bytes(text.encode(encoding))
    return path


def test_a_spreadsheet_comes_in_and_comes_in_again(project: Project) -> None:
    """New, then the same; a correction is told by its field; a dry run writes nothing."""
    write(project, f"{HEADER}Zoé;Lévy;Lévy SARL;DPO;zoe@levy.example;France\n;;;;nobody;\n")
    tried, first, second = (imported(project, "salon.csv", *more) for more in (("--dry-run",), (), ()))
    write(project, f"{HEADER}Zoé;Lévy;Lévy SARL;DRH;zoe@levy.example;France\n")
    third = imported(project, "salon.csv")

    assert [(run.status, run.json["new"], run.json["same"]) for run in (tried, first, second)] == [
        (0, 1, 0), (0, 1, 0), (0, 0, 1),
    ]  # fmt: skip
    assert first.json["rejected_rows"] == [
        {"line": 3, "code": "address_syntax", "reason": "not one valid e-mail address"}
    ]
    assert third.json["changed_fields"] == {"title": 1}
    shown = project.run("contacts", "show", "zoe@levy.example", "--json").json
    assert (shown["title"], shown["functions"], shown["objected"]) == ("DRH", ["human_resources"], None)
    assert [each["record"] for each in shown["provenance"]] == ["Salon 2026"]


def test_an_objection_outlives_the_next_import(project: Project) -> None:
    """The row is counted, and told apart."""
    write(project, f"{HEADER}Zoé;Lévy;Lévy;DPO;zoe@levy.example;France\n")
    imported(project, "salon.csv")
    project.run("person", "object", "zoe@levy.example")

    assert imported(project, "salon.csv").json["suppressed"] == 1
    assert project.run("contacts", "show", "zoe@levy.example", "--json").json["objected"] is not None
    assert "zoe" not in project.run("contacts", "list", "--not-suppressed").out


def test_an_edit_is_journalled_and_its_derivation_told(project: Project) -> None:
    """The function follows the title; a wrong number changes nothing; the chain stays whole."""
    write(project, f"{HEADER}Zoé;Lévy;Lévy;DPO;zoe@levy.example;France\n")
    imported(project, "salon.csv")
    edit = ("contacts", "edit", "zoe@levy.example")
    changed = project.run(*edit, "--title", "DRH", "--topic", "+Paie", "--json")
    wrong = project.run(*edit, "--company-number", "123456783")

    assert set(changed.json["changed"]) == {"title", "functions", "topics"}
    assert wrong.status == 64
    shown = project.run("contacts", "show", "zoe@levy.example", "--json").json
    assert (shown["functions"], shown["topics"], shown["company_number"]) == (["human_resources"], ["paie"], None)
    assert project.run(*edit, "--topic", "-paie", "--json").json["changed"] == ["topics"]
    assert project.run("journal", "verify").status == 0
    assert project.run(*edit).status == project.run("contacts", "edit", "no@x.example", "--title", "x").status == 64


def test_a_kill_on_the_way_doubles_and_loses_nobody(project: Project) -> None:
    """Killed while it writes; the next run goes on and reports the whole file."""
    rows = 20_000
    write(project, HEADER + "".join(f"P;N{n};F{n};DPO;p{n}@f{n}.example;France\n" for n in range(rows)))
    process = project.start("contacts", "import", "salon.csv", *GIVEN, "--create")
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None and not begun(project):
        pass
    process.send_signal(signal.SIGKILL)
    process.communicate()
    after = imported(project, "salon.csv")

    assert after.status == 0
    assert 0 < after.json["went_on_at"] < rows
    assert (after.json["new"], after.json["same"], after.json["rows"]) == (rows, 0, rows)
    assert imported(project, "salon.csv").json["same"] == rows


def begun(project: Project) -> bool:
    """Some rows are on the disk; asked past the program, which is busy."""
    import sqlite3

    path = project.folder / "sender.db"
    try:
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as base:
            found = base.execute("SELECT max(lines_done) FROM imports").fetchone()
    except sqlite3.OperationalError:
        return False
    return bool(found[0])


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (("--source", "trade_show", "--collected-on", "2026-03-12"), 64, "--no-notice"),
        (("--source", "unknown", "--collected-on", "2026-03-12", "--notice", "1"), 64, "a source that is not known"),
        (("--source", "trade_show", "--collected-on", "2126-03-12", "--notice", "1"), 64, "lies in the future"),
        (GIVEN, 65, "salon.csv.columns.toml"),
    ],
)
def test_what_is_missing_is_asked_for(project: Project, arguments: tuple[str, ...], status: int, says: str) -> None:
    """Provenance that cannot be empty; and cron is told which file to write instead of being asked."""
    write(project, "Contact;Nom\nzoe@levy.example;Lévy\n")
    refused = project.run("contacts", "import", "salon.csv", *arguments, "--create")

    assert refused.status == status
    assert says in refused.err
    assert "zoe" not in refused.err


def test_the_file_beside_says_which_column(project: Project) -> None:
    """As the error asked for."""
    write(project, "Contact;Nom\nzoe@levy.example;Lévy\n")
    write(project, 'email = "Contact"\n', "salon.csv.columns.toml", "utf-8")

    assert imported(project, "salon.csv").json["new"] == 1
