"""Job functions at the command line: the list, the matcher as a stream, the titles that people assign."""

from __future__ import annotations

import json
import subprocess

from sender.functions import FUNCTIONS
from tests.acceptance.test_json import undocumented
from tests.project import COMMAND, Project


def piped(project: Project, lines: str, *arguments: str) -> list[str]:
    """What ``functions match`` answers to standard input."""
    done = subprocess.run(
        [COMMAND, "functions", "match", *arguments],
        input=lines,
        capture_output=True,
        text=True,
        check=True,
        cwd=project.folder,
        env=project.environment,
        timeout=60,
    )
    return done.stdout.splitlines()


def test_every_function_is_listed(project: Project) -> None:
    """The controlled list with its ISCO-08 codes."""
    rows = project.run("functions", "list", "--json").json["functions"]

    assert [row["slug"] for row in rows] == list(FUNCTIONS)
    assert all(row["isco"] for row in rows)


def test_titles_are_answered_one_a_line(project: Project) -> None:
    """One JSON object for each line in, blank lines too; an unknown title has no functions."""
    answers = [json.loads(line) for line in piped(project, "DRH\n\nNinja\nResponsable des achats\r\n", "--json")]

    assert [answer["title"] for answer in answers] == ["DRH", "", "Ninja", "Responsable des achats"]
    assert [answer["functions"] for answer in answers] == [["human_resources"], [], [], ["procurement"]]
    assert all(set(answer) == {"title", "functions", "confidence", "evidence"} for answer in answers)


def test_titles_come_in_any_clothes(project: Project) -> None:
    """The mark of UTF-8, line ends of Windows, a line in Windows' letters, one that never ends, no last line end."""
    lines = [b"\xef\xbb\xbfDirectrice financi\xc3\xa8re\r\n", b"D\xe9l\xe9gu\xe9e RH\n", b"x" * 300_000 + b"\n", b"DRH"]
    done = subprocess.run(
        [COMMAND, "functions", "match", "--json"],
        input=b"".join(lines),
        capture_output=True,
        check=True,
        cwd=project.folder,
        env=project.environment,
        timeout=60,
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]

    assert [answer["title"][:22] for answer in answers] == ["Directrice financière", "Déléguée RH", "x" * 22, "DRH"]
    assert [answer["functions"] for answer in answers] == [["finance"], ["human_resources"], [], ["human_resources"]]


def test_titles_may_be_arguments(project: Project) -> None:
    """Words for people; unknown is said."""
    out = project.run("functions", "match", "DRH", "Ninja").out.splitlines()

    assert out[0].startswith("DRH: human_resources")
    assert out[1] == "Ninja: unknown"


def test_each_answer_comes_before_the_next_question(project: Project) -> None:
    """The stream can be talked with: an answer does not wait for the end of the input."""
    talk = subprocess.Popen(
        [COMMAND, "functions", "match", "--json"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=project.folder,
        env=project.environment,
    )
    assert talk.stdin is not None
    assert talk.stdout is not None
    with talk:
        for title, functions in (("DRH", ["human_resources"]), ("Responsable", [])):
            talk.stdin.write(f"{title}\n")
            talk.stdin.flush()
            assert json.loads(talk.stdout.readline())["functions"] == functions
        talk.stdin.close()


def test_an_unknown_title_is_assigned_once(project: Project) -> None:
    """Review writes it into a file beside the campaign; named there, its holder is written to."""
    contacts = project.folder / "campaigns" / "spring-contacts.csv"
    contacts.write_text(
        "Prénom;Nom;Société;Forme juridique;Fonction;E-mail;Pays\n"
        "Ana;Ruiz;Verre SA;SA;Ninja des contrats;ana.ruiz@verre.example;France\n",
        encoding="utf-8",
    )
    titles = project.folder / "campaigns" / "functions-reviewed.csv"

    first = project.run("functions", "review", "campaigns/spring.yaml", "--json").json
    before = project.run("check", "campaigns/spring.yaml", "--json").json["plan"]["to_send"]
    titles.write_text(titles.read_text(encoding="utf-8").replace(",,,", ",legal,,"), encoding="utf-8")
    after = project.run("check", "campaigns/spring.yaml", "--json").json["plan"]["to_send"]
    second = project.run("functions", "review", "campaigns/spring.yaml", "--json").json

    assert undocumented("functions-review/1", first) == set()
    assert first["unknown"] == [{"title": "Ninja des contrats", "contacts": 1}]
    assert (before, after) == (0, 1)
    assert second["unknown"] == []
    assert "Ninja des contrats,legal" in titles.read_text(encoding="utf-8")


def test_a_wrong_function_in_the_file_is_an_error(project: Project) -> None:
    """A name that no list knows stops the run at its line."""
    file = project.folder / "campaigns" / "functions-reviewed.csv"
    file.write_text("title,functions\nNinja,wizardry\n", encoding="utf-8")

    result = project.run("check", "campaigns/spring.yaml")

    assert result.status == 65
    assert "functions-reviewed.csv:2" in result.err
    assert "SC-702" in result.err


def test_a_second_review_keeps_what_people_wrote(project: Project) -> None:
    """Columns and order stay; only new titles are added, in the file's own manner."""
    file = project.folder / "campaigns" / "functions-reviewed.csv"
    file.write_text("title;functions;by\nNinja;legal;Me X\n", encoding="utf-8")

    project.run("functions", "review", "campaigns/spring.yaml")
    lines = file.read_text(encoding="utf-8").splitlines()

    assert lines[:2] == ["title;functions;by", "Ninja;legal;Me X"]
    assert len(lines) > 2
    assert all(line.endswith(";;") for line in lines[2:])


def test_where_every_title_is_understood_nothing_is_written(project: Project) -> None:
    """No file of titles that nobody has to look at."""
    contacts = project.folder / "campaigns" / "spring-contacts.csv"
    contacts.write_text(
        "Prénom;Nom;Société;Forme juridique;Fonction;E-mail;Pays\n"
        "Ana;Ruiz;Verre SA;SA;Juriste;ana.ruiz@verre.example;France\n",
        encoding="utf-8",
    )

    assert project.run("functions", "review", "campaigns/spring.yaml", "--json").json["unknown"] == []
    assert not (project.folder / "campaigns" / "functions-reviewed.csv").exists()


def test_titles_beside_no_campaign_are_refused(project: Project) -> None:
    """A mistyped campaign leaves no file behind."""
    rome = project.folder / "rome.csv"
    rome.write_text("libelle_appellation_long;code_rome;code_rome_parent\n", encoding="utf-8")

    result = project.run("functions", "import", "rome", str(rome), "campaigns/sprnig.yaml")

    assert "SC-200" in result.err
    assert not (project.folder / "campaigns" / "functions-imported.csv").exists()


def test_a_classification_widens_the_vocabulary(project: Project) -> None:
    """The ROME file that the user has is read into a file beside the campaign."""
    rome = project.folder / "rome.csv"
    rome.write_text(
        "libelle_appellation_long;code_rome;code_rome_parent\nConseiller des choses;1;K1101\n", encoding="utf-8"
    )

    result = project.run("functions", "import", "rome", str(rome), "campaigns/spring.yaml", "--json")

    imported = (project.folder / "campaigns" / "functions-imported.csv").read_text(encoding="utf-8")

    assert result.json["titles"] == 1
    assert 'Conseiller des choses,social_work,"France Travail, ROME 4.0",20' in imported
