"""A project of one's own, from nothing."""

from __future__ import annotations

from tests.project import Project


def test_a_new_project_passes_check_and_can_be_practised(empty: Project) -> None:
    """What ``init`` writes needs no change; ``check`` leaves no data base behind."""
    made = empty.run("init", "autumn")
    folder = empty.folder / "autumn"
    checked = empty.run("check", "campaign.yaml", cwd=folder)
    left = sorted(path.name for path in folder.glob("*.db"))
    practised = empty.run("campaign.yaml", "--practice", "--yes", "--json", cwd=folder)

    assert (made.status, checked.status, practised.status) == (0, 0, 0), (made.err, checked.out, practised.err)
    assert "send-campaign check autumn/campaign.yaml" in made.out
    assert "nothing was sent" in checked.out.lower()
    assert left == []
    assert len(empty.mails("autumn/practice-mailbox")) == practised.json["summary"]["accepted"] > 0


def test_nothing_is_overwritten(empty: Project) -> None:
    """A second ``init`` in the same folder refuses and changes no file."""
    empty.run("init", "autumn")
    campaign = empty.folder / "autumn" / "campaign.yaml"
    campaign.write_text("mine", encoding="utf-8")

    again = empty.run("init", "autumn")

    assert again.status == 64
    assert "campaign.yaml" in again.err
    assert campaign.read_text(encoding="utf-8") == "mine"
