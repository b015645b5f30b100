"""The law at the command line: what there is, what it says, who answers for it, and what it means for one contact."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.acceptance.test_json import undocumented
from tests.project import Project

LISTED = {
    "FR",
    "DE",
    "AT",
    "BE",
    "NL",
    "LU",
    "ES",
    "IT",
    "IE",
    "GB",
    "CH",
    "US",
    "CA",
    "MA",
    "TN",
    "SN",
    "CI",
    "AE",
    "AU",
}
LISTED |= {"DEFAULT", "EU"}
IRISH = (
    "Prénom;Nom;Société;Forme juridique;Fonction;E-mail;Pays\n"
    "Aoife;Byrne;Byrne Foods Ltd;SAS;Head of Legal;aoife.byrne@byrne-foods.example;Irlande\n"
)


@pytest.fixture
def irish(project: Project) -> Project:
    """The example campaign, written to one lawyer in Dublin."""
    (project.folder / "campaigns" / "spring-contacts.csv").write_text(IRISH, encoding="utf-8")
    return project


def standing(project: Project, pack: str) -> str:
    rows = project.run("law", "list", "--json", cwd=project.campaign.parent).json["packs"]
    return next(str(row["standing"]) for row in rows if row["id"] == pack)


def test_all_packs_are_listed_with_their_standing(project: Project) -> None:
    """Every pack is there; the example accepts France by its settings, and no other country."""
    result = project.run("law", "list", "--json", cwd=project.campaign.parent)

    assert undocumented("law-list/1", result.json) == set()
    assert {row["id"] for row in result.json["packs"]} == LISTED
    assert {row["id"] for row in result.json["packs"] if row["accepted"]} == {"FR"}
    assert standing(project, "FR") == "accepted by the settings"


def test_a_pack_is_a_page_to_read(project: Project) -> None:
    """The lawyer's page has the permission, its rule and its source; as Markdown for a file."""
    shown = project.run("law", "show", "IE")
    markdown = project.run("law", "show", "ie", "--markdown")

    assert "SI 336/2011 reg. 13" in shown.out
    assert "brexitlegal.ie" in shown.out
    assert markdown.out.startswith("## IE: Ireland")


def test_an_unknown_pack_says_which_there_are(project: Project) -> None:
    """Usage error, with the list."""
    result = project.run("law", "show", "XX")

    assert result.status == 64
    assert "SC-108" in result.err
    assert "FR" in result.err


def test_an_accepted_pack_opens_its_country(irish: Project) -> None:
    """Held before, sent after; the word is in the journal, which stays whole, and counts in practice too."""
    campaigns = irish.campaign.parent
    before = irish.run("check", "spring.yaml", "--json", cwd=campaigns)

    accepted = irish.run(
        "law", "accept", "IE", "--reviewed-by", "Me Byrne", "--note", "reg. 13 read", "--create", cwd=campaigns
    )
    after = irish.run("check", "spring.yaml", "--json", cwd=campaigns)
    practised = irish.practise("--json")

    assert accepted.status == 0, accepted.err
    assert before.json["plan"]["to_send"] == 0
    assert after.json["plan"]["to_send"] == 1
    assert practised.json["summary"]["accepted"] == 1
    assert "Me Byrne" in standing(irish, "IE")
    assert irish.run("journal", "verify", cwd=campaigns).status == 0


def test_settings_may_name_a_version(irish: Project) -> None:
    """The version that was read opens the country; an older one does not cover the pack that is installed."""
    campaigns = irish.campaign.parent
    sums = {
        packs: irish.run("check", "spring.yaml", "--json", cwd=campaigns, SENDER_ACCEPTED_PACKS=packs).json["plan"]
        for packs in ("FR,IE@2026-11-23", "FR,IE@2025-01-01")
    }

    assert [plan["to_send"] for plan in sums.values()] == [1, 0]


def test_a_revoked_pack_closes_its_country(irish: Project) -> None:
    """Whatever the settings say; accepted again, it opens. All of it is in the journal, which stays whole."""
    campaigns, words = irish.campaign.parent, []
    for command in (
        ("accept", "IE", "--reviewed-by", "Me Byrne", "--create"),
        ("revoke", "IE", "--by", "C. Durand", "--note", "law changed", "--json"),
        ("accept", "IE", "--reviewed-by", "Me Byrne"),
    ):
        said = irish.run("law", *command, cwd=campaigns)
        assert said.status == 0, said.err
        if command[0] == "revoke":
            assert undocumented("law-revoke/1", said.json) == set()
        plan = irish.run("check", "spring.yaml", "--json", cwd=campaigns, SENDER_ACCEPTED_PACKS="FR,IE").json["plan"]
        words.append((plan["to_send"], standing(irish, "IE").partition(":")[0]))

    assert words == [(1, "accepted"), (0, "revoked"), (1, "accepted")]
    assert irish.run("journal", "verify", cwd=campaigns).status == 0
    assert irish.run("law", "revoke", "IE", "--by", " ", cwd=campaigns).status == 64


def test_a_version_to_come_is_an_error(irish: Project) -> None:
    """It says which one is installed, and what to write."""
    result = irish.run("check", "spring.yaml", cwd=irish.campaign.parent, SENDER_ACCEPTED_PACKS="FR@2099-01-01")

    assert result.status == 78
    assert "SC-119" in result.err
    assert "FR@2026-11-23" in result.err


def test_a_pack_without_version_is_kept_as_it_was_when_first_used(project: Project) -> None:
    """The practice base's journal says in which version, with the hash of its content."""
    project.replace("campaigns/sender.toml", 'accepted_packs = ["FR@2026-11-23"]', 'accepted_packs = ["FR"]')
    for _ in range(2):
        assert project.practise("--json").status == 0

    base = next(project.folder.rglob("practice.db"))
    with closing(sqlite3.connect(base)) as connection:
        rows = connection.execute(
            "SELECT payload FROM journal JOIN journal_payloads USING (seq) WHERE kind = 'pack_named'"
        ).fetchall()
    (named,) = [json.loads(row[0]) for row in rows]
    assert (named["pack"], named["version"], len(named["content"])) == ("FR", "2026-11-23", 64)


@pytest.mark.parametrize("name", ["DEFAULT", "EU", "KR"])
def test_only_countries_are_accepted(project: Project, name: str) -> None:
    """The default and the Union's layer apply by themselves."""
    result = project.run("law", "accept", name, "--reviewed-by", "X", "--create", cwd=project.campaign.parent)

    assert result.status == 64
    assert "SC-108" in result.err


def test_nobody_accepts_without_a_name(project: Project) -> None:
    """--reviewed-by is asked for, and may not be empty."""
    for arguments in (("law", "accept", "IE"), ("law", "accept", "IE", "--reviewed-by", " ")):
        assert project.run(*arguments, cwd=project.campaign.parent).status == 64


def test_one_contact_is_explained_gate_by_gate(irish: Project) -> None:
    """Every gate of both stages answers, with its rule; the address stands on stdout only."""
    result = irish.run("law", "explain", "aoife.byrne@byrne-foods.example", "campaigns/spring.yaml")
    judged = irish.run("law", "explain", "Aoife.Byrne@byrne-foods.example", "campaigns/spring.yaml", "--json").json

    assert result.status == 0
    assert undocumented("law-explain/1", judged) == set()
    assert "REFUSE basis" in result.out
    assert result.out.splitlines()[0] == "is held by: basis"
    assert result.out.index("REFUSE") < result.out.index("  pass")
    assert "read from  " in result.out
    assert "aoife.byrne" not in result.err
    assert len(judged["verdicts"]) == 16
    assert judged["may_send"] is False
    assert judged["packs"][0].startswith("IE@")
    assert [v["gate"] for v in judged["verdicts"] if not v["passed"]] == ["basis"]


def test_an_unknown_contact_is_not_guessed_at(irish: Project) -> None:
    """Neither in the file nor in the base: said so, without repeating the address."""
    result = irish.run("law", "explain", "nobody.here@byrne-foods.example", "campaigns/spring.yaml")

    assert result.status == 64
    assert "SC-109" in result.err
    assert "nobody" not in result.err


def test_nothing_is_written_by_looking(irish: Project, tmp_path: Path) -> None:
    """List, show and explain make no data base."""
    campaigns = irish.campaign.parent
    for arguments in (("law", "list"), ("law", "show", "FR"), ("law", "explain", "a.b@c.example", "spring.yaml")):
        irish.run(*arguments, cwd=campaigns)

    assert not list(campaigns.glob("*.db"))
