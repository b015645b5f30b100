"""The keys may lie in a key store, away from the disk of the data base."""

from __future__ import annotations

import re
import shlex
import shutil
from base64 import urlsafe_b64decode
from pathlib import Path

import pytest

from sender.links import TOKEN
from tests.acceptance.conftest import LocalRelay
from tests.project import SPRING, Project


@pytest.fixture
def apart(project: Project, relay: LocalRelay) -> tuple[Project, Path]:
    """A base in use whose keys were taken away from their folder, to a place of the operator's."""
    project.audience("anne")
    project.run(SPRING, SENDER_RELAY=relay.url)
    (folder,) = (path.parent for path in (project.home / "config").rglob("suppression"))
    place = project.home / "store"
    shutil.move(folder, place)
    return project, place


def test_without_keys_nothing_goes(apart: tuple[Project, Path]) -> None:
    project, _ = apart

    assert project.here("journal", "verify").status == 78


def test_keys_come_from_a_command(apart: tuple[Project, Path]) -> None:
    """Both, one after the other; wrong or failing ones are refused, and no key is shown."""
    project, place = apart
    both = shlex.join(["cat", str(place / "link"), str(place / "suppression")])
    right = project.here("journal", "verify", SENDER_KEYS_COMMAND=both)
    half = project.here("journal", "verify", SENDER_KEYS_COMMAND=shlex.join(["cat", str(place / "link")]))
    failing = project.here("journal", "verify", SENDER_KEYS_COMMAND="false")
    secret = (place / "suppression").read_text().strip()

    assert right.status == 0, right
    assert (half.status, failing.status) == (78, 78)
    assert "SC-153" in half.err
    assert "SC-157" in failing.err
    assert all(secret not in one.out + one.err for one in (right, half, failing))


def test_keys_come_from_a_credential_of_systemd(apart: tuple[Project, Path]) -> None:
    """As ``LoadCredential=send-campaign:FOLDER`` lays them down, readable by an access list."""
    project, place = apart
    credentials = project.home / "credentials"
    credentials.mkdir()
    for name in ("link", "suppression"):
        (credentials / f"send-campaign_{name}").write_bytes((place / name).read_bytes())
        (credentials / f"send-campaign_{name}").chmod(0o440)

    assert project.here("journal", "verify", CREDENTIALS_DIRECTORY=str(credentials)).status == 0


def test_a_new_link_key_signs_and_old_links_go_on(project: Project) -> None:
    """One key more each time, told in the journal; letters already out and those to come carry different tokens."""
    project.audience("anne", "boris")
    project.run(SPRING, "--practice", "--yes", "--limit", "1")
    rotated = project.here("keys", "rotate", "--practice", "--json")
    project.practise()
    used = {urlsafe_b64decode(token + "==")[2] for token in tokens(project)}

    assert rotated.status == 0, rotated
    assert rotated.json["number"] == 2
    assert used == {1, 2}
    assert project.here("journal", "verify", "--practice").status == 0


def tokens(project: Project) -> list[str]:
    return [re.findall(TOKEN, str(mail["List-Unsubscribe"]))[0] for mail in project.mails()]


def test_keys_of_a_store_are_not_rotated_here(apart: tuple[Project, Path]) -> None:
    """In a folder they are; where a command prints them, the program says that it cannot write there."""
    project, place = apart
    both = shlex.join(["cat", str(place / "link"), str(place / "suppression")])
    before = (place / "link").read_bytes()
    rotated = project.here("keys", "rotate", "--json", SENDER_KEYS=str(place))
    after = (place / "link").read_bytes()
    refused = project.here("keys", "rotate", SENDER_KEYS_COMMAND=both)

    assert (rotated.status, rotated.json["number"]) == (0, 2)
    assert after.startswith(before)
    assert refused.status == 64
    assert "SC-661" in refused.err
    assert (place / "link").read_bytes() == after
