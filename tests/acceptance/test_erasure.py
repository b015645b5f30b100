"""Somebody asks to be forgotten. No byte of them stays, and nothing brings them back."""

from __future__ import annotations

import base64
import hashlib
import sqlite3
from collections.abc import Iterator
from email import policy
from email.parser import BytesParser
from pathlib import Path

import pytest

from sender.delivery import PracticeServer
from tests.project import HEADER, SPRING, Project, in_thread

ADDRESS = "Maelle.Querouail@Cabinet-Querouail.example"
NAMES = ("querouail", "quérouail", "maëlle")
CONTACTS = "campaigns/spring-contacts.csv"


def spreadsheet(project: Project) -> None:
    """As a French Excel writes it: semicolons, cp1252, accents."""
    rows = [
        HEADER,
        f"{ADDRESS};Maëlle;Quérouail;Quérouail Études;SAS;Juriste;FR",
        "boris@cabinet-boris.example;Boris;Martin;Boris SAS;SAS;Juriste;FR",
        "chloe@cabinet-chloe.example;Chloé;Martin;Chloé SAS;SAS;Juriste;FR",
        "",
    ]
    (project.folder / CONTACTS).write_bytes("\r\n".join(rows).encode("cp1252"))


def remains(places: list[Path], *, but: set[Path]) -> list[str]:
    """Every file below the places that holds the address, the name or a plain hash of the address, byte for byte."""
    lower = ADDRESS.lower()
    needles = {lower.encode(), lower.partition("@")[0].encode(), *(name.encode() for name in NAMES)}
    needles |= {name.encode("cp1252") for name in NAMES}
    for form in (ADDRESS, lower):
        needles.add(base64.b64encode(form.encode()).rstrip(b"=")[:-1].lower())
        for algorithm in ("md5", "sha1", "sha256"):
            digest = hashlib.new(algorithm, form.encode())
            needles |= {digest.hexdigest().encode(), digest.digest().lower()}
    found = []
    for place in places:
        for path in sorted(file for file in place.rglob("*") if file.is_file() and file not in but):
            content = path.read_bytes().lower()
            found += [f"{path}: {needle!r}" for needle in needles if needle in content]
            found += [f"{path}: its name" for name in NAMES if name in path.name.lower()]
    return found


@pytest.fixture
def relay(tmp_path: Path) -> Iterator[str]:
    """Its mailbox stands for other people's machines: away from the project."""
    with in_thread(PracticeServer(tmp_path / "elsewhere")) as server:
        yield f"smtp+plain://127.0.0.1:{server.port}"


def recipients(tmp_path: Path) -> list[str]:
    contents = [path.read_bytes() for path in (tmp_path / "elsewhere" / "new").iterdir()]
    return sorted(str(BytesParser(policy=policy.default).parsebytes(content)["To"]) for content in contents)


def test_nothing_of_an_erased_person_stays(project: Project, relay: str, tmp_path: Path) -> None:
    """Data base, journal, log, state, keys, previews, practice mails: searched byte by byte; only the sheet is left."""
    spreadsheet(project)
    project.practise()
    sent = project.run(SPRING, SENDER_RELAY=relay)
    project.run("preview", SPRING, "--contact", ADDRESS)
    project.here("person", "request", ADDRESS, "--kind", "erasure", "--received-on", "2026-01-31")
    places = [project.folder, project.home]
    sheet = {project.folder / CONTACTS}
    before = remains(places, but=sheet)

    refused = project.here("person", "erase", ADDRESS)
    erased = project.here("person", "erase", ADDRESS.upper(), "--yes", SENDER_LANGUAGE="en")
    after = remains(places, but=sheet)
    whole = project.here("journal", "verify")
    practice = project.here("journal", "verify", "--practice")
    register = project.here("person", "requests", "--all", "--json").json["requests"]

    assert sent.status == 0, sent
    assert {Path(line.partition(": ")[0]).suffix for line in before} >= {".db", ".eml", ".html"}
    assert any("practice-mailbox" in line for line in before)
    assert refused.status == 64
    assert "SC-180" in refused.err
    assert erased.status == 0, erased
    assert after == []
    assert f"{CONTACTS}: line 2" in erased.out
    assert not remains([project.home], but=set())
    assert "querouail" not in (erased.out + erased.err).lower()
    assert (whole.status, practice.status) == (0, 0)
    assert [(one["kind"], one["due_on"], one["outcome"]) for one in register] == [("erasure", "2026-02-28", "erased")]
    assert "Querouail" in "".join(recipients(tmp_path))


def test_an_erased_person_does_not_come_back_with_the_same_spreadsheet(
    project: Project, relay: str, tmp_path: Path
) -> None:
    """Counted under the hash alone; the others are mailed, and whoever was erased before the first mail is not."""
    spreadsheet(project)
    project.run(SPRING, "--limit", "1", SENDER_RELAY=relay)
    mailed = recipients(tmp_path)
    erased = project.here("person", "erase", ADDRESS, "--yes")
    result = project.run(SPRING, "--json", SENDER_RELAY=relay)
    once_more = project.run(SPRING, "--json", SENDER_RELAY=relay)

    assert (erased.status, result.status, once_more.status) == (0, 0, 0)
    assert result.json["plan"]["erased"] == 1
    assert [one for one in recipients(tmp_path) if "uerouail" in one] == [one for one in mailed if "uerouail" in one]
    assert len(recipients(tmp_path)) == 2 + len([one for one in mailed if "uerouail" in one])
    assert remains([project.folder, project.home], but={project.folder / CONTACTS}) == []


def test_a_person_who_is_not_in_the_base_is_kept_out_of_it(project: Project, relay: str) -> None:
    """The hash is kept though nobody was found, and the answer says so without the address."""
    spreadsheet(project)
    project.audience("anne")
    project.run(SPRING, SENDER_RELAY=relay)
    erased = project.here("person", "erase", ADDRESS, "--yes", "--json")
    spreadsheet(project)
    result = project.run("check", SPRING, "--json", SENDER_RELAY=relay)
    sent = project.run(SPRING, "--json", "--accept-changes", SENDER_RELAY=relay)

    assert erased.status == 0
    assert erased.json["in_base"] is False
    assert "@" not in erased.out + erased.err
    assert result.status == 0
    assert sent.json["plan"]["erased"] == 1
    assert remains([project.folder, project.home], but={project.folder / CONTACTS}) == []


def test_a_restored_base_erases_again(project: Project, relay: str, tmp_path: Path) -> None:
    """Yesterday's copy of the file, put back by hand: ``resolve --restored`` takes the erased person out of it."""
    spreadsheet(project)
    project.run(SPRING, "--limit", "1", SENDER_RELAY=relay)
    base = project.folder / "campaigns" / "sender.db"
    yesterday = base.read_bytes()
    project.here("person", "erase", ADDRESS, "--yes")
    for left in base.parent.glob("sender.db*"):
        left.unlink()
    base.write_bytes(yesterday)
    base.chmod(0o600)
    assert b"uerouail" in yesterday

    resolved = project.run("resolve", "--restored", SPRING, SENDER_LANGUAGE="en")
    whole = project.here("journal", "verify")

    assert "1 person" in resolved.out
    assert whole.status == 0
    assert remains([project.folder, project.home], but={project.folder / CONTACTS}) == []
    connection = sqlite3.connect(base)
    assert connection.execute("SELECT count(*) FROM contacts").fetchone() == (2,)
    connection.close()
