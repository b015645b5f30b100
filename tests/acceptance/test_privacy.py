"""Addresses and names are where they must be, the base and the mails, and nowhere else."""

from __future__ import annotations

import re
import signal
import sqlite3
from contextlib import suppress
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.project import COMMAND, SPRING, Project, Result, in_thread
from tests.smtp_script import ScriptedRelay


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, str]:
    """Runs of all kinds at the log level ``debug``: the project, and everything that they printed."""
    project = Project.example(tmp_path_factory.mktemp("privacy"))
    processes: set[str] = set()

    def script(point: str, number: int) -> bytes | None:
        if point == "mail":
            processes.update(shown_by_ps(project))
        said = {
            1: b"550 5.1.1 <anais.dherouville@ateliers-du-coeur.example> unknown\r\n",
            2: b"450 4.2.0 <jb.moreau@moreau-fils.example> is full\r\n",
        }
        return said.get(number) if point == "rcpt" else None

    with in_thread(ScriptedRelay(script)) as relay:
        wire = {"SENDER_RELAY": f"smtp+plain://127.0.0.1:{relay.port}", "SENDER_LOG_LEVEL": "debug"}
        results = [
            project.run("check", SPRING, **wire),
            project.run(SPRING, "--limit", "5", **wire),
            project.here("person", "object", "-", typed="jb.moreau@moreau-fils.example\n", **wire),
            project.here("person", "object", "not an address", **wire),
            project.run("test", SPRING, "--to", "-", typed="jb.moreau@moreau-fils.example\n", **wire),
            project.run(SPRING, "--json", **wire),
            project.run("status", SPRING, "--json", **wire),
            project.run("resolve", SPRING, **wire),
            project.here("journal", "verify", **wire),
            project.run("preview", SPRING, "--contact", "jb.moreau@moreau-fils.example", "--out", "seen", **wire),
            crashed(project, wire),
            served(project, wire),
        ]
    assert [result.status for result in results] == [0, 75, 0, 64, 64, 75, 0, 0, 0, 0, 70, 0], results
    assert len(relay.taken) >= 38
    assert processes
    return project, "".join([*sorted(processes), *(result.out + result.err for result in results)])


def shown_by_ps(project: Project) -> set[str]:
    """Command lines and environments of all processes that run our command just now, as any user may read them."""
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if str(COMMAND) in line and (folder / "cwd").readlink().is_relative_to(project.folder):
                found.add(line + (folder / "environ").read_bytes().decode(errors="replace"))
    return found


def served(project: Project, wire: dict[str, str]) -> Result:
    """The public pages, asked for what they have and for what they have not; somebody writes an address into a URL."""
    pages = project.start("serve", "--port", "0", cwd=project.folder / "campaigns", **wire)
    assert pages.stderr
    told = pages.stderr.readline()
    (port,) = re.findall(r"127\.0\.0\.1:(\d+)", told)
    for method in ("GET", "POST", "DELETE"):
        for path in ("/u/jb.moreau@moreau-fils.example", "/health?who=jb.moreau@moreau-fils.example", "/moreau"):
            asked = HTTPConnection("127.0.0.1", int(port), timeout=30)
            asked.request(method, path, body=b"jb.moreau@moreau-fils.example" if method == "POST" else None)
            asked.getresponse().read()
            asked.close()
    pages.send_signal(signal.SIGTERM)
    out, err = pages.communicate(timeout=60)
    return Result(pages.returncode, out, told + err)


def crashed(project: Project, wire: dict[str, str]) -> Result:
    """A fault of ours in the middle of judging contacts: exit 70, and a traceback in the log."""
    broken = project.home / "broken"
    broken.mkdir()
    (broken / "sitecustomize.py").write_text(
        "from sender.steps.facts import Bench\n"
        "def of(self, contact, history):\n"
        "    raise RuntimeError(f'a fault about {contact.email} {contact.last_name} {contact.company}')\n"
        "Bench.of = of\n",
        encoding="utf-8",
    )
    return project.run("check", SPRING, PYTHONPATH=str(broken), **wire)


def people(project: Project) -> set[str]:
    """Addresses, their local parts and family names of the contact file, none of them a word of everyday use."""
    rows = (project.folder / "campaigns/spring-contacts.csv").read_text(encoding="cp1252").splitlines()[1:]
    addresses = {match.group() for row in rows for match in re.finditer(r"[^;@\s]+@[^;\s]+", row)}
    persons = {address for address in addresses if "." in address.partition("@")[0]}
    names = {row.split(";")[1] for row in rows}
    return addresses | {address.partition("@")[0] for address in persons} | {name for name in names if len(name) > 4}


def found_in(text: str, names: set[str]) -> list[str]:
    lower = text.lower()
    return sorted(name for name in names if re.search(rf"(?<!\w){re.escape(name.lower())}(?!\w)", lower))


def test_no_log_line_names_a_person(told: tuple[Project, str]) -> None:
    """Not at the level ``debug`` either, and not where a relay's answer repeats the address."""
    project, _ = told
    logs = list(project.folder.rglob("*.log*"))

    assert logs
    for log in logs:
        assert found_in(log.read_text(encoding="utf-8"), people(project)) == []


def test_no_output_names_a_person(told: tuple[Project, str]) -> None:
    project, printed = told

    assert found_in(printed, people(project)) == []


def test_the_data_base_names_people_among_the_contacts_only(told: tuple[Project, str]) -> None:
    """Not in the journal, not in decisions or suppressions; of an attempt only the subject may say a name."""
    project, _ = told
    names = people(project)
    connection = sqlite3.connect(project.folder / "campaigns" / "sender.db")
    tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    columns = {
        table: [row[1] for row in connection.execute(f"PRAGMA table_info({table})") if row[1] != "subject"]
        for table in tables
    }
    spoken = {
        table: found_in("\n".join(map(repr, connection.execute(f"SELECT {', '.join(names_)} FROM {table}"))), names)
        for table, names_ in columns.items()
    }
    subjects = {row[0] for row in connection.execute("SELECT subject FROM attempts")}
    connection.close()

    assert {"journal", "journal_payloads", "attempts", "letters", "suppressions"} <= spoken.keys()
    assert [table for table, found in spoken.items() if found] == ["contacts"]
    assert subjects
    assert None not in subjects


def test_the_files_apart_name_nobody(told: tuple[Project, str]) -> None:
    """Keys, objections, the journal's head."""
    project, _ = told
    for path in filter(Path.is_file, project.home.rglob("*")):
        assert found_in(path.read_bytes().decode("latin-1"), people(project)) == []


def test_a_run_leaves_its_story_in_the_log(told: tuple[Project, str]) -> None:
    """When it began and ended, with which numbers, and what became of each letter, by the contact's random id."""
    project, _ = told
    lines = [line for line in project.log if line["logger"] == "sender"]
    events = [line["event"] for line in lines]
    letters = [line for line in lines if line["event"] == "letter"]

    assert events.count("run started") == events.count("run ended") == 2
    assert {line["outcome"] for line in letters} == {"accepted", "refused", "deferred"}
    assert all(re.fullmatch(r"[0-9a-f]{32}", line["contact"]) for line in letters)
