"""A test letter that comes back changed: every relay's habit is found, and what relays must do is none."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser

import pytest

from sender import pipeline
from sender.address import parse
from sender.cli import wiring
from sender.dkim import make_key, write_key_file
from sender.settings import load
from sender.steps.canary import is_of, judged
from sender.steps.signing import identities
from sender.steps.trial import Trial, trial_of
from tests.project import Project


@dataclass(frozen=True)
class Scene:
    trial: Trial
    sent: bytes

    def found(self, arrived: bytes) -> set[str]:
        """What is told of a mail, gate or change with its code."""
        assert self.trial.letter is not None
        assert is_of(self.trial.letter, arrived)
        refused, changes = judged(self.trial, arrived, identities(self.trial.judging.house.settings))
        gates = {f"{verdict.gate}.{finding.code}" for verdict in refused for finding in verdict.findings}
        return gates | {f"{change.code} {change.what.partition('.')[0]}" for change in changes}


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    place = tmp_path_factory.mktemp("canary")
    project = Project.example(place)
    write_key_file(project.folder / "campaigns" / "rsa.pem", make_key("rsa"))
    signing = 'dkim_domain = "eluard.example"\ndkim_selector = "c2026"\ndkim_key_file = "rsa.pem"\n'
    settings_file = project.folder / "campaigns" / "sender.toml"
    settings_file.write_text(signing + settings_file.read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
            patch.setenv(name, str(place / name.lower()))
        settings = load(project.folder / "campaigns")
        with wiring.opened(settings, practice=True, create=True) as house:
            trial = trial_of(house, pipeline.read(project.campaign), parse("me@eluard.example"))
            assert trial.letter
            yield Scene(trial, trial.letter.content)


def changed(how: Callable[[EmailMessage], None]) -> Callable[[bytes], bytes]:
    """By a relay that takes the letter apart and writes it anew."""

    def relay(raw: bytes) -> bytes:
        mail = BytesParser(policy=policy.SMTP).parsebytes(raw)
        assert isinstance(mail, EmailMessage)
        how(mail)
        return mail.as_bytes()

    return relay


def part(mail: EmailMessage, kind: str, edit: Callable[[str], str]) -> None:
    (found,) = [one for one in mail.walk() if one.get_content_type() == kind]
    assert isinstance(found, EmailMessage)
    old = found.get_content()
    assert edit(old) != old
    found.set_content(edit(old), subtype=kind.partition("/")[2], cte="quoted-printable")


def in_html(old: str, new: str) -> Callable[[bytes], bytes]:
    return changed(lambda mail: part(mail, "text/html", lambda html: re.sub(old, new, html)))


def in_text(old: str, new: str) -> Callable[[bytes], bytes]:
    return changed(lambda mail: part(mail, "text/plain", lambda text: re.sub(old, new, text)))


def header(name: str, value: str | None) -> Callable[[bytes], bytes]:
    def edit(mail: EmailMessage) -> None:
        del mail[name]
        if value is not None:
            mail[name] = value

    return changed(edit)


TRACE = (
    b"Return-Path: <b@eluard.example>\r\nReceived: from a by b;\r\n\tFri, 27 Nov 2026 10:00:00 +0000\r\n"
    b"X-Spam-Score: 0.1\r\n"
)


@pytest.mark.parametrize(
    "way",
    [
        lambda raw: raw,
        lambda raw: (TRACE + raw).replace(b"\r\n", b"\n"),
        lambda raw: b"DKIM-Signature: v=1; a=rsa-sha256; d=relay.example; s=x; h=from; bh=AA; b=AA\r\n" + raw,
    ],
    ids=["as it was", "trace and a mailbox's line ends", "another signature"],
)
def test_what_relays_must_do_is_no_change(scene: Scene, way: Callable[[bytes], bytes]) -> None:
    assert scene.found(way(scene.sent)) == set()


PIXEL = r'<img src="https://o.relay.example/t.gif" width="1" height="1" alt=""></body>'


@pytest.mark.parametrize(
    ("way", "told"),
    [
        (in_html("</body>", PIXEL), {"tracking.remote_resource", "tracking.hidden_image", "body c2026"}),
        (in_html(r'href="https://[^"]+"', 'href="https://click.relay.example/x"'), {"tracking.link_differs"}),
        (in_html(r'href="https://[^"]+"', 'href="https://click.relay.example/x"'), {"unsubscribe.missing"}),
        (in_text(r"https://\S+", "https://click.relay.example/x"), {"tracking.link_differs", "unsubscribe.missing"}),
        (in_text(r"(?s)RCS.*", ""), {"identity.siren_not_shown", "body c2026"}),
        (in_text(r"\Z", "\nSent by a relay: https://relay.example\n"), {"tracking.link_differs", "body c2026"}),
        (header("Disposition-Notification-To", "a@relay.example"), {"tracking.read_receipt"}),
        (header("List-Unsubscribe", None), {"gone List-Unsubscribe", "fields c2026"}),
        (header("List-Unsubscribe-Post", None), {"gone List-Unsubscribe-Post", "fields c2026"}),
        (header("List-Unsubscribe", "<https://relay.example/u>"), {"changed List-Unsubscribe", "fields c2026"}),
        (header("From", "Relay <a@relay.example>"), {"changed From", "fields c2026"}),
        (header("Reply-To", "a@relay.example"), {"changed Reply-To", "fields c2026"}),
        (header("Message-ID", "<1@relay.example>"), {"changed Message-ID"}),
        (header("DKIM-Signature", None), {"missing c2026"}),
        (changed(lambda _mail: None), {"fields c2026"}),  # headers folded anew, inside of words that were encoded
    ],
)
def test_what_a_relay_changed_is_told(scene: Scene, way: Callable[[bytes], bytes], told: set[str]) -> None:
    assert told <= scene.found(way(scene.sent))


def test_other_mail_is_not_taken_for_the_letter(scene: Scene) -> None:
    """An earlier campaign's mail, an answer to it, and whatever else lies in a mailbox."""
    assert scene.trial.letter
    answer = changed(
        lambda mail: (mail.replace_header("Subject", "Re: " + mail["Subject"]), mail.add_header("X", "y"))[0]
    )
    others = [header("Message-ID", "<2@x.example>")(answer(scene.sent)), b"", b"\xff\x00", b"Subject: x\n\ny"]

    assert [is_of(scene.trial.letter, one) for one in others] == [False] * 4
