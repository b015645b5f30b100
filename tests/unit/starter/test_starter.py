"""The starter project: written whole or not at all, and right as it stands."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from sender import starter
from sender.campaign import load as load_campaign
from sender.errors import UsageError
from sender.functions import match
from sender.letters import Links, Templates, synthetic_contacts
from sender.settings import find_project
from sender.settings import load as load_settings

FILES = [
    "README.md",
    "campaign.yaml",
    "contacts.csv",
    "lia.md",
    "processing.yaml",
    "sender.toml",
    "templates/mail.html",
    "templates/mail.txt",
]


def below(folder: Path) -> list[str]:
    """Every file of a folder, by its relative name."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_the_project_is_written_into_a_new_folder(tmp_path: Path) -> None:
    """All files are there, and the answer names them."""
    written = starter.write(tmp_path / "autumn")

    assert below(tmp_path / "autumn") == FILES
    assert [path.relative_to(tmp_path / "autumn").as_posix() for path in written] == FILES
    assert [path.name for path in tmp_path.iterdir()] == ["autumn"]


def test_a_folder_with_other_files_may_be_filled(tmp_path: Path) -> None:
    """What is there already stays."""
    (tmp_path / "notes.txt").write_text("mine")

    starter.write(tmp_path)

    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert below(tmp_path) == sorted([*FILES, "notes.txt"])


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    """Every file in the way is named, and nothing at all is written."""
    (tmp_path / "campaign.yaml").write_text("mine")
    (tmp_path / "lia.md").symlink_to("nowhere")

    with pytest.raises(UsageError) as caught:
        starter.write(tmp_path)

    places = [str(complaint.place) for complaint in caught.value.complaints]
    assert places == [str(tmp_path / "campaign.yaml"), str(tmp_path / "lia.md")]
    assert {complaint.code for complaint in caught.value.complaints} == {"SC-170"}
    assert (tmp_path / "campaign.yaml").read_text() == "mine"
    assert below(tmp_path) == ["campaign.yaml"]


@pytest.mark.parametrize("failing", ["fsync", "rename"])
def test_a_failure_leaves_no_files_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str) -> None:
    """A full disk in the middle of the work is told, and the work is undone."""
    done = 0
    target = os if failing == "fsync" else Path
    real = getattr(target, failing)

    def fail_the_third_time(*arguments: object) -> object:
        nonlocal done
        done += 1
        if done == 3:
            raise OSError(28, "No space left on device")
        return real(*arguments)

    monkeypatch.setattr(target, failing, fail_the_third_time)
    with pytest.raises(UsageError, match="SC-171"):
        starter.write(tmp_path)

    assert below(tmp_path) == []


def test_the_campaign_is_right_as_it_stands(tmp_path: Path) -> None:
    """It loads without a complaint, its settings do too, and its project is its own folder."""
    starter.write(tmp_path)
    campaign = load_campaign(tmp_path / "campaign.yaml")
    settings = load_settings(find_project(tmp_path))

    assert campaign.name == "premiere-campagne"
    assert settings.accepted_packs == ("FR",)
    assert settings.pages_url == "https://courrier.societe-exemple.example"


def test_every_letter_can_be_written(tmp_path: Path) -> None:
    """With every field and without any: the sender is shown and the way out stands in both parts."""
    starter.write(tmp_path)
    campaign = load_campaign(tmp_path / "campaign.yaml")
    templates = Templates.load(campaign)
    link = "https://courrier.societe-exemple.example/u/x"

    for contact in synthetic_contacts(campaign):
        rendering = templates.render(contact, Links(unsubscribe_url=link))

        assert link in rendering.text
        assert link in rendering.html
        assert "123456782" in "".join(rendering.text.split())
        assert "place Bellecour" in rendering.html


def test_nothing_in_it_can_reach_anybody(tmp_path: Path) -> None:
    """Every domain in the project is reserved, and no relay is set."""
    starter.write(tmp_path)
    text = "\n".join((tmp_path / name).read_text(encoding="utf-8") for name in FILES)

    assert {address.rpartition(".")[2] for address in re.findall(r"[\w.+-]+@[\w.-]+\w", text)} == {"example"}
    assert not re.search(r"^relay\s*=", (tmp_path / "sender.toml").read_text(), re.MULTILINE)


def test_its_people_show_what_the_gates_do(tmp_path: Path) -> None:
    """Some titles are among the offer's functions, one is not."""
    starter.write(tmp_path)
    wanted = set(load_campaign(tmp_path / "campaign.yaml").offer.functions)
    rows = (tmp_path / "contacts.csv").read_text(encoding="utf-8-sig").splitlines()[1:]
    titles = [row.split(";")[5] for row in rows]

    assert [bool(wanted & set(match(title).functions)) for title in titles] == [True, True, True, False, False]


def test_the_balancing_test_is_marked_as_a_draft(tmp_path: Path) -> None:
    """Nobody can take the questions for answers."""
    starter.write(tmp_path)

    assert (tmp_path / "lia.md").read_text(encoding="utf-8").startswith("# BROUILLON")
