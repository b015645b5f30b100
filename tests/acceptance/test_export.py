"""Somebody asks what is held about them, and gets all of it."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from zipfile import ZipFile

import pyrage
import pytest

from sender.steps.holdings import HOLDINGS
from tests.acceptance.conftest import LocalRelay
from tests.project import SPRING, Project

ANNE = "anne@cabinet-anne.example"


@pytest.fixture
def mailed(project: Project, relay: LocalRelay) -> Project:
    project.audience("anne", "boris")
    assert project.run(SPRING, SENDER_RELAY=relay.url).status == 0
    return project


def test_an_export_holds_the_mail_and_why_it_was_lawful(mailed: Project) -> None:
    """One archive that only its owner can read: fields, subject, date, outcome, every gate with its rule, requests."""
    mailed.here("person", "request", ANNE, "--kind", "access", "--received-on", "2026-03-31")
    result = mailed.here("person", "export", ANNE)
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
