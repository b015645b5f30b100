"""Somebody says that the data are wrong, or must not be used for now."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.acceptance.conftest import LocalRelay
from tests.project import SPRING, Project

ANNE, BORIS, NEW = "anne@cabinet-anne.example", "boris@cabinet-boris.example", "contact@cabinet-anne.example"


@pytest.fixture
def known(project: Project, relay: LocalRelay) -> Project:
    """Two people in the base, one of them mailed at most."""
    project.audience("anne", "boris")
    assert project.run(SPRING, "--limit", "1", SENDER_RELAY=relay.url).status in {0, 75}
    return project


def test_a_corrected_address_keeps_its_objection(known: Project, relay: LocalRelay) -> None:
    """The id stays; the old address stays stopped too, and what is concluded anew is told."""
    known.here("person", "object", ANNE)
    result = known.here("person", "rectify", ANNE, "--email", NEW, "--title", "Directrice des achats", "--json")
    sheet = known.folder / "campaigns" / "spring-contacts.csv"
    sheet.write_text(sheet.read_text(encoding="utf-8").replace(ANNE, NEW), encoding="utf-8")
    plan = known.run("check", SPRING, "--json", SENDER_RELAY=relay.url).json["plan"]
    by_old = known.here("person", "object", ANNE, "--json").json
    handed_over = known.here("person", "export", ANNE, SENDER_LANGUAGE="en")

    assert result.status == 0, result
    assert {"email", "title"} <= set(result.json["changed"])
    assert result.json["derived"].keys() == {"address_class", "functions", "address_hash"}
    assert result.json["derived"]["address_class"] == ["named", "generic_entity"]
    assert any(held["gate"] == "suppressed" and held["code"] == "objected" for held in plan["held"])
    assert by_old["in_base"] is True  # the former address means the person
    assert "@" not in result.out + result.err
    assert "that the person had once" in handed_over.err.replace("\n", " ")


def test_no_two_people_become_one_by_a_correction(known: Project) -> None:
    """Another contact's address, an erased one's and what is no address are refused; nothing changes."""
    taken = known.here("person", "rectify", ANNE, "--email", BORIS)
    known.here("person", "erase", BORIS, "--yes")
    erased = known.here("person", "rectify", ANNE, "--email", BORIS)
    wrong = known.here("person", "rectify", ANNE, "--email", "nonsense")
    land = known.here("person", "rectify", ANNE, "--country", "Atlantis")
    unknown = known.here("person", "rectify", "nobody@elsewhere.example", "--title", "Juriste")
    same = known.here("person", "rectify", ANNE, "--title", "Juriste", SENDER_LANGUAGE="en")

    assert [one.status for one in (taken, erased, wrong, land, unknown)] == [64] * 5
    codes = ("SC-323", "SC-324", "SC-322", "SC-322", "SC-183")
    assert all(code in one.err for code, one in zip(codes, (taken, erased, wrong, land, unknown), strict=True))
    assert "says so already" in same.out


def test_who_is_erased_is_erased_under_former_addresses_too(known: Project, relay: LocalRelay) -> None:
    """The spreadsheet still has the address that was corrected: the person does not come back by it."""
    known.here("person", "rectify", ANNE, "--email", NEW)
    erased = known.here("person", "erase", NEW, "--yes", "--json")
    result = known.run(SPRING, "--json", SENDER_RELAY=relay.url)

    assert [Path(one["path"]).name for one in erased.json["named_in"]] == ["spring-contacts.csv"]
    assert result.json["plan"]["erased"] == 1
    assert b"cabinet-anne" not in (known.folder / "campaigns" / "sender.db").read_bytes()


def test_what_stood_before_goes_with_the_person(known: Project) -> None:
    known.here("person", "rectify", ANNE, "--company", "Quérouail Études")
    base = known.folder / "campaigns" / "sender.db"
    before = base.read_bytes()
    known.here("person", "erase", ANNE, "--yes")

    assert "Quérouail".encode() in before
    assert "Quérouail".encode() not in base.read_bytes()
    assert known.here("journal", "verify").status == 0


def test_a_restricted_person_gets_no_mail_until_it_is_lifted(project: Project, relay: LocalRelay) -> None:
    """The gate says why; lifting it says that the person has to be told."""
    project.audience("anne")
    project.run(SPRING, "--practice", "--yes")
    nobody = project.here("person", "restrict", ANNE, "--lift", "--practice", SENDER_LANGUAGE="en")
    restricted = project.here("person", "restrict", ANNE, "--practice")
    project.replace(SPRING, "campaign: spring-2026", "campaign: autumn-2026")
    project.replace(SPRING, "what: Audit", "what: Nouvel audit")
    held = project.practise("--json").json["plan"]["held"]
    lifted = project.here("person", "restrict", ANNE, "--lift", "--practice", SENDER_LANGUAGE="en")
    after = project.practise("--json")

    assert (nobody.status, restricted.status, lifted.status) == (0, 0, 0)
    assert "No restriction" in nobody.out
    assert [one["code"] for one in held if one["gate"] == "suppressed"] == ["restricted"]
    assert "must have been told" in lifted.out
    assert after.json["summary"]["accepted_now"] == 1
