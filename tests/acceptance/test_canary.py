"""``send-campaign test --canary``: the letter is read back where it arrives, and what a relay did to it is told."""

from __future__ import annotations

import socket

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Mailbox
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.project import SPRING, Project

ME = ("test", SPRING, "--to", "me@eluard.example", "--canary", "maildir:inbox", "--wait", "20")


class Meddling(Mailbox):
    """Leads every link of a mail through a server of its own, and keeps it in a Maildir."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        envelope.content = envelope.content.replace(b"https://", b"https://click.relay.example/")
        return await super().handle_DATA(server, session, envelope)


def test_what_a_relay_did_is_told(project: Project) -> None:
    """Refused with the gates' words; the mailbox is left as it was."""
    inbox = project.folder / "campaigns" / "inbox"
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    relay = Controller(Meddling(str(inbox)), "127.0.0.1", port)
    relay.start()
    try:
        result = project.run(*ME, SENDER_RELAY=f"smtp+plain://127.0.0.1:{port}", SENDER_LANGUAGE="en")
    finally:
        relay.stop()

    assert result.status == 77, result
    assert "accepted: 250" in result.out
    assert "tracking.link_differs" in result.err
    assert "Every letter of the campaign would arrive like this" in result.err
    assert len([*(inbox / "new").iterdir()]) == 1


def test_what_arrives_as_it_was_sent_is_told_too(project: Project) -> None:
    """In practice; where nothing arrives, the status says try again; a mailbox that is none sends nothing."""
    practice = ("--practice", "--canary", "maildir:practice-mailbox")
    project.practise("--limit", "1")
    intact = project.run(*ME[:4], *practice, SENDER_LANGUAGE="en")
    for part in ("new", "cur", "tmp"):
        (project.folder / "campaigns" / "inbox" / part).mkdir(parents=True)
    elsewhere = project.run(*ME[:6], "--wait", "1", "--practice", SENDER_LANGUAGE="fr")
    before = len(project.mails())
    nowhere = project.run(*ME[:4], "--practice", "--canary", "maildir:nowhere")

    assert (intact.status, elsewhere.status, nowhere.status) == (0, 75, 64)
    assert "arrived as it was sent" in intact.out
    assert "pas encore dans cette boîte" in elsewhere.err
    assert "SC-650" in nowhere.err
    assert len(project.mails()) == before
