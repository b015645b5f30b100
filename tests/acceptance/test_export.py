"""Somebody asks what is held about them, and gets all of it."""

from __future__ import annotations

import json
import re
import stat
from html import unescape
from pathlib import Path
from zipfile import ZipFile

import pyrage
import pytest

from sender.cli.words import catalogue as words
from sender.steps.holdings import HOLDINGS
from tests.acceptance.conftest import LocalRelay
from tests.project import SPRING, Project

ANNE = "anne@cabinet-anne.example"
WHEN = ("", " (avant)", " (après)")  # of a corrected column


@pytest.fixture
def mailed(project: Project, relay: LocalRelay) -> Project:
    project.audience("anne", "boris")
    assert project.run(SPRING, SENDER_RELAY=relay.url).status == 0
    return project


def test_an_export_holds_the_mail_and_why_it_was_lawful(mailed: Project) -> None:
    """One archive that only its owner can read: fields, subject, date, outcome, every gate with its rule, requests."""
    mailed.here("person", "request", ANNE, "--kind", "access", "--received-on", "2026-03-31")
    result = mailed.here("person", "export", ANNE)
    assert result.status == 0, result
    path = Path(result.out.strip())

    with ZipFile(path) as archive:
        data, page = json.loads(archive.read("data.json")), archive.read("data.html").decode()
    (mail,) = data["mails"]
    (attempt,) = mail["attempts"]

    assert result.status == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert "anne" not in path.name
    assert data["held"].keys() == {holding.table.name for holding in HOLDINGS}
    assert data["held"]["contacts"][0]["email"] == ANNE
    assert [one["kind"] for one in data["held"]["requests"]] == ["access"]
    assert (mail["campaign"], mail["state"], attempt["outcome"]) == ("spring-2026", "accepted", "accepted")
    assert attempt["subject"].startswith("Anne SAS")
    gates = {one["gate"] for one in mail["decision"]}
    assert {"notice", "source", "relevance", "suppressed", "retention"} <= gates
    assert all(finding["rule"] for one in mail["decision"] for finding in one["findings"] if one["gate"] == "notice")
    assert 'lang="fr"' in page
    assert attempt["subject"] in page
    assert "boris" not in json.dumps(data)
    assert mailed.here("person", "requests", "--json").json["requests"] == []


AS_IT_IS = (
    r"anne@cabinet-anne\.example",  # the person's own address
    r"spring-2026|spring-contacts\.csv",  # names that the firm gave
    r"salon_du_droit",  # the reference of the source, as the firm wrote it
    r"\S+@\S+",  # who read the file, on which machine
    r"\d\.\d\.\d [\x20-\x7e]+",  # the relay's own words
)
"""What is shown as it stands, being nobody's code; the rest of the page is French."""


def test_a_french_person_reads_no_code_and_no_english(project: Project, relay: LocalRelay) -> None:
    """Everything that can be held of one person, and the text of the notice that they were given."""
    project.audience("anne")
    (project.folder / "campaigns" / "notices").mkdir()
    (project.folder / "campaigns" / "notices" / "2026-01.md").write_text("Vos données servent à la prospection.")
    (project.folder / "campaigns" / "double.txt").write_text("Oui, écrivez-moi.")
    given = ("--source", "trade_show", "--collected-on", "2026-03-01", "--notice", "2026-01", "--objection-offered")
    twice = ("--proof", "double_opt_in", "--at", "2026-03-02 09:00", "--wording", "v1", "--text", "double.txt")
    file = "spring-contacts.csv"
    for command in (
        ("contacts", "import", file, *given, "--record", "salon_du_droit", "--create", "--topic", "rgpd"),
        ("person", "rectify", ANNE, "--title", "Directrice juridique", "--legal-form", "EI"),
        ("contacts", "edit", ANNE, "--topic", "+bail"),
        ("consent", "grant", ANNE, *twice, "--ip", "192.0.2.7", "--channel", "page"),
        ("consent", "grant", ANNE, "--proof", "log_only", "--scope", "tracking", "--scope", "topic:bail"),
        ("consent", "withdraw", ANNE, "--scope", "tracking"),
        ("consent", "sale", ANNE, "--on", "2026-03-01", "--own-similar", "--refusal-offered", "--reference", "F 12"),
        ("person", "request", ANNE, "--kind", "portability", "--received-on", "2026-03-31", "--channel", "in_person"),
        ("person", "restrict", ANNE),
    ):
        done = project.here(*command)
        assert done.status == 0, done
    assert project.run(SPRING, "--accept-changes", SENDER_RELAY=relay.url).status == 0
    assert project.here("person", "restrict", ANNE, "--lift").status == 0
    assert project.run(SPRING, SENDER_RELAY=relay.url).status == 0
    assert project.here("consent", "withdraw", ANNE).status == 0

    path = project.here("person", "export", ANNE).out.strip()
    with ZipFile(path) as archive:
        data, page = json.loads(archive.read("data.json")), archive.read("data.html").decode()

    shown = re.sub("|".join(AS_IT_IS), "", unescape(re.sub(r"<style>.*?</style>", "", page)))
    labels, cells = ({unescape(cell) for cell in re.findall(rf"<{tag}>(.*?)</{tag}>", page)} for tag in ("th", "td"))
    french, english = (
        {entry for entry in words(language).values() if isinstance(entry, str)} for language in ("fr", "en")
    )
    assert re.findall(r"\b[a-z]+(?:_[a-z]+)+\b", shown) == []
    codes = {key.partition(".")[2] for key in words("fr")}
    assert cells & ((english | codes) - french) == set()
    assert labels <= {f"{one}{when}" for one in french for when in WHEN}
    assert "Vos données servent à la prospection." in page
    assert "Oui, écrivez-moi." in page
    assert data["held"]["provenances"][0]["source_kind"] == "trade_show"
    assert {row["proof"] for row in data["held"]["consents"]} == {"double_opt_in", "log_only"}


def test_an_export_goes_with_the_person(mailed: Project) -> None:
    """Also one that was written elsewhere: erasure knows of it."""
    mailed.here("person", "export", ANNE, "--out", str(mailed.home / "elsewhere.zip"))
    assert (mailed.home / "elsewhere.zip").exists()
    again = mailed.here("person", "export", ANNE, "--out", str(mailed.home / "elsewhere.zip"))

    erased = mailed.here("person", "erase", ANNE, "--yes")

    assert again.status == 64
    assert "SC-181" in again.err
    assert erased.status == 0
    assert not (mailed.home / "elsewhere.zip").exists()


def test_a_sealed_export_is_opened_by_its_key_only(mailed: Project) -> None:
    key = pyrage.x25519.Identity.generate()
    wrong = mailed.here("person", "export", ANNE, "--age", "age1nonsense")
    result = mailed.here("person", "export", ANNE, "--age", str(key.to_public()), "--json")
    content = Path(result.json["path"]).read_bytes()

    assert wrong.status == 64
    assert "SC-185" in wrong.err
    assert result.json["sealed"] is True
    assert b"data.json" not in content
    assert b"data.json" in pyrage.decrypt(content, [key])


def test_nothing_held_is_an_answer_too(mailed: Project) -> None:
    """The request is noted and answered; no file is made, and the address is in no output."""
    result = mailed.here("person", "export", "nobody@elsewhere.example", SENDER_LANGUAGE="en")
    register = mailed.here("person", "requests", "--all", "--json").json["requests"]

    assert result.status == 0
    assert "Nothing is held" in result.out
    assert "@" not in result.out + result.err
    assert [one["outcome"] for one in register] == ["nothing_held"]
