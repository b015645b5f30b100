"""A firm without a web server: who wants no more mail writes to a mailbox, and that is read."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from tests.acceptance.conftest import LocalRelay
from tests.project import SPRING, Project
from tests.unit.feedback.samples import answer

ANNE = "anne@cabinet-anne.example"


def without_pages(project: Project, *settings: str) -> None:
    """Nothing is left but the mailbox."""
    file = project.folder / "campaigns" / "sender.toml"
    lines = [line for line in file.read_text(encoding="utf-8").splitlines() if not line.startswith("pages_url")]
    file.write_text("\n".join([*settings, *lines]), encoding="utf-8")


def by_mail_only(project: Project) -> Path:
    """A Maildir beside the project takes the requests."""
    without_pages(project, 'collect = "maildir:stop"')
    box = project.folder / "campaigns" / "stop"
    for part in ("new", "cur", "tmp"):
        (box / part).mkdir(parents=True)
    return box


def request_from(mail: EmailMessage) -> bytes:
    """What a mail program makes of the link in the header, sent from another address of the same person."""
    link = urlsplit(str(mail["List-Unsubscribe"]).strip("<>"))
    assert (link.scheme, link.path) == ("mailto", "stop@eluard.example")
    request = EmailMessage()
    request["From"], request["To"] = "anne@elsewhere.example", link.path
    request["Subject"] = parse_qs(link.query)["subject"][0]
    return request.as_bytes()


def test_a_mailbox_that_nobody_reads_is_no_way_to_stop(project: Project, relay: LocalRelay) -> None:
    """The campaign is refused until it was read; then a request by mail is in force for the next run."""
    box = by_mail_only(project)
    project.audience("anne")
    wire = {"SENDER_RELAY": relay.url, "SENDER_LANGUAGE": "en"}
    unread = project.run(SPRING, "--create", **wire)
    read = project.here("collect", **wire)
    sent = project.run(SPRING, "--json", **wire)
    (mail,) = project.mails(relay.mails)
    (box / "new" / "1.host").write_bytes(request_from(mail))
    (box / "new" / "2.host").write_bytes(answer("Quel est votre tarif ?"))
    collected = project.here("collect", "--json", **wire)
    shown = project.here("contacts", "show", ANNE, "--json", **wire)

    assert unread.status == 77, unread
    assert "not read in the last 48 hours" in unread.out + unread.err
    assert (read.status, read.out) == (0, "0 mails were read.\n")
    assert sent.json["summary"]["accepted_now"] == 1
    assert collected.status == 0, collected
    assert collected.json["done"] == {"unsubscribe": 1}
    assert (collected.json["mails"], collected.json["left"], collected.json["suppressed"]) == (2, 1, 1)
    assert shown.json["objected"]
    assert sorted(path.name for path in box.rglob("*.host*")) == ["1.host:2,S", "2.host"]
    assert "@" not in collected.out + collected.err + read.err


def test_a_pipe_hands_over_one_mail(project: Project, relay: LocalRelay) -> None:
    """As Postfix does with an alias; an answer that says stop is known by the letter that it answers."""
    project.audience("anne")
    project.run(SPRING, "--create", SENDER_RELAY=relay.url)
    (mail,) = project.mails(relay.mails)
    said = answer("Désinscription, merci").decode().replace(f"<{'4f' * 16}@eluard.example>", str(mail["Message-ID"]))

    result = project.here("collect", "-", "--json", typed=said)
    shown = project.here("contacts", "show", ANNE, "--json")

    assert (result.status, result.json["done"]) == (0, {"stop": 1})
    assert shown.json["objected"]


def test_what_is_known_otherwise_is_noted_by_hand(project: Project) -> None:
    """A bounce and a complaint; the address may be unknown, and is repeated nowhere."""
    project.audience("anne")
    project.here("contacts", "import", "spring-contacts.csv", "--source", "trade_show", "--collected-on", "2026-03-12",
                 "--notice", "2026-01", "--create")  # fmt: skip
    results = [project.here("feedback", "bounce", ANNE), project.here("feedback", "complaint", "x@nowhere.example")]
    shown = project.here("contacts", "show", ANNE, "--json")

    assert [result.status for result in results] == [0, 0]
    assert [one["reason"] for one in shown.json["suppressed"]] == ["bounced"]
    assert all("@" not in result.out + result.err for result in results)


def test_mistakes_are_said(project: Project) -> None:
    """No mailbox, no Maildir, a password in the URL, a server that is not there."""
    project.audience("anne")
    project.here("contacts", "import", "spring-contacts.csv", "--source", "trade_show", "--collected-on", "2026-03-12",
                 "--notice", "2026-01", "--create")  # fmt: skip
    cases = [
        ((), 78, "SC-652"),
        (("maildir:nowhere",), 64, "SC-650"),
        (("imaps://stop:secret@mail.example",), 64, "SC-116"),
        (("pop://stop@mail.example",), 64, "SC-113"),
        (("imap+plain://stop@mail.example",), 64, "SC-113"),
        (("imaps://stop@127.0.0.1:9",), 69, "SC-651"),
    ]
    for named, status, code in cases:
        result = project.here("collect", *named)
        assert result.status == status, (named, result)
        assert f"error {code}" in result.err
        assert "Traceback" not in result.err
        assert "secret" not in result.err
