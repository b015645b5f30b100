"""Exclusion lists, blocks and consents through the installed command."""

from __future__ import annotations

import stat
import subprocess
from hashlib import sha256

from tests.acceptance.conftest import LocalRelay
from tests.project import COMMAND, SPRING, Project

ANNE = "anne@cabinet-anne.example"
BORIS = "boris@cabinet-boris.example"


def held_by(project: Project, code: str) -> int:
    plan = project.practise("--json").json["plan"]
    return sum(int(one["contacts"]) for one in plan["held"] if (one["gate"], one["code"]) == ("suppressed", code))


def known(project: Project, *names: str) -> None:
    """Their contacts are in the practice base; the campaign is another one from then on."""
    project.audience(*names)
    project.practise()
    project.replace(SPRING, "campaign: spring-2026", "campaign: autumn-2026")
    project.replace(SPRING, "what: Audit", "what: Nouvel audit")


def test_whoever_is_on_a_list_is_not_mailed(project: Project, relay: LocalRelay) -> None:
    """One plain, one hashed, before anybody of them is in the base; the third one gets the mail."""
    project.audience("carla")
    project.run(SPRING, SENDER_RELAY=relay.url)
    project.audience("anne", "boris", "dora")
    (project.folder / "campaigns" / "list.csv").write_text(f"mail\n{ANNE}\n{sha256(BORIS.encode()).hexdigest()}\n")

    read = project.here("contacts", "exclude", "list.csv", "--origin", "Robinson ES 2026-11", "--json")
    run = project.run(SPRING, "--json", SENDER_RELAY=relay.url)

    assert (read.status, read.json["new"], run.status) == (0, 2, 0)
    assert "dora" in " ".join(str(mail["To"]) for mail in project.mails(relay.mails))
    assert not any("anne" in str(mail["To"]) or "boris" in str(mail["To"]) for mail in project.mails(relay.mails))
    assert "cabinet-" not in read.out + read.err


def test_a_blocked_domain_gets_nothing_until_it_is_unblocked(project: Project) -> None:
    """Also by a name above it."""
    known(project, "anne", "boris")
    blocked = project.here("contacts", "block", "*.cabinet-anne.example", "--practice")
    held = project.practise("--json", "--limit", "1").json["plan"]
    assert [(one["gate"], one["code"]) for one in held["held"]] == [("suppressed", "domain")]
    listed = project.here("contacts", "blocked", "--practice")
    lifted = project.here("contacts", "unblock", "*.cabinet-anne.example", "--practice")
    again = project.here("contacts", "unblock", "*.cabinet-anne.example", "--practice")

    assert (blocked.status, lifted.status, again.status) == (0, 0, 64)
    assert "*.cabinet-anne.example" in listed.out
    assert "SC-141" in again.err
    assert project.practise("--json").json["plan"]["held"] == []


def test_only_the_own_new_consent_brings_somebody_back(project: Project) -> None:
    """Neither the file, nor a note without proof; and the next objection stops the mail again."""
    known(project, "anne", "boris")
    project.here("person", "object", ANNE, "--practice")
    note = project.here("consent", "grant", ANNE, "--proof", "log_only", "--practice", "--json")
    assert (note.json["lifted"], note.json["standing"], held_by(project, "objected")) == ([], ["objected"], 1)
    assert len(project.mails()) == 3  # two of the first campaign, one of the second

    grant = ("consent", "grant", ANNE, "--proof", "signed", "--reference", "binder 3", "--wording", "v1", "--practice")
    early = project.here(*grant, "--on", "2020-01-01", "--json")
    incomplete = project.here("consent", "grant", ANNE, "--proof", "double_opt_in", "--practice")
    tomorrow = project.here(*grant, "--on", "2999-01-01")
    assert early.json["lifted"] == []
    assert (incomplete.status, tomorrow.status) == (64, 64)
    assert ("SC-133" in incomplete.err, "SC-134" in tomorrow.err) == (True, True)


def test_the_proof_is_a_page_for_the_person_s_file(project: Project) -> None:
    """In the language of the settings; the address may come from a pipe, and the HTML is for this user's eyes only."""
    known(project, "anne")
    folder = project.folder / "campaigns"
    (folder / "words.txt").write_text("I agree to <b>mails</b>.\n")
    details = ("--at", "2026-01-02 10:00", "--ip", "203.0.113.7", "--channel", "web form", "--wording", "v7")
    project.here("consent", "grant", ANNE, "--proof", "double_opt_in", *details, "--text", "words.txt", "--practice")
    project.here("consent", "withdraw", ANNE, "--scope", "mail", "--practice")
    project.here("consent", "sale", ANNE, "--on", "2026-01-05", "--reference", "INV-9", "--own-similar", "--practice")

    page = project.here("consent", "proof", ANNE, "--out", "proof.html", "--practice")
    piped = subprocess.run(
        [COMMAND, "consent", "proof", "-", "--practice"],
        input=f"{ANNE}\n",
        capture_output=True,
        text=True,
        cwd=folder,
        env=project.environment | {"SENDER_LANGUAGE": "fr"},
        check=False,
    )
    unknown = project.here("consent", "proof", "nobody@firm.example", "--practice")

    html = (folder / "proof.html").read_text(encoding="utf-8")
    assert (page.status, piped.returncode, unknown.status) == (0, 0, 64)
    assert stat.S_IMODE((folder / "proof.html").stat().st_mode) == 0o600
    for words in (ANNE, "v7", "203.0.113.7", "web form", "INV-9", "I agree to &lt;b&gt;mails&lt;/b&gt;."):
        assert words in html
    assert "<b>" not in html
    assert "Preuve de consentement" in piped.stdout
    assert ("retiré" in piped.stdout, "I agree to <b>mails</b>." in piped.stdout) == (True, True)
    assert "SC-132" in unknown.err
    assert "@" not in unknown.err
