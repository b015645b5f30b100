"""What belongs together is opened together; a base that came back from a backup is not taken for the newest one."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from sender import ledger
from sender.campaign import load as load_campaign
from sender.cli import traces, wiring
from sender.cli.serve import demand_a_base
from sender.errors import SenderError, SettingsError, UnknownsWait
from sender.keys import Keys
from sender.model import ContactId
from sender.settings import load
from sender.steps.house import House
from sender.store import Store
from sender.store.schema import suppressions


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    project = tmp_path / "project"
    project.mkdir()
    return project


def note(house: House, word: str) -> None:
    with house.store.write() as connection:
        head = ledger.journal.append(connection, "note", {"word": word}, None, house.now())
    house.keep_head(head)


def test_a_restored_base_does_not_hide_its_age_by_writing_on(folder: Path) -> None:
    """However much is appended to yesterday's copy, the head kept apart stays that of the lost base."""
    settings = load(folder)
    with wiring.opened(settings, practice=False, create=True) as house:
        note(house, "yesterday")
    shutil.copy(folder / "sender.db", folder / "backup.db")
    with wiring.opened(settings, practice=False) as house:
        note(house, "today")
        kept = house.state.head()
    for left in folder.glob("sender.db*"):
        left.unlink()
    shutil.copy(folder / "backup.db", folder / "sender.db")

    with wiring.opened(settings, practice=False) as house:
        for word in ("one", "two", "three"):
            note(house, word)

        assert house.state.head() == kept
        with pytest.raises(UnknownsWait):
            house.demand_up_to_date()


def test_other_keys_than_the_base_was_made_with_are_refused(folder: Path) -> None:
    """Nobody who objected would be found with them."""
    settings = load(folder)
    with wiring.opened(settings, practice=False, create=True) as house:
        keys = settings.keys_folder(house.base.base_id)
    (keys / "suppression").write_text("00" * 32 + "\n")

    with pytest.raises(SettingsError, match="SC-154"), wiring.opened(settings, practice=False):
        pass


def test_practice_and_real_base_share_no_keys_and_no_state(folder: Path) -> None:
    settings = load(folder).model_copy(update={"keys": folder / "keys", "state": folder / "state"})
    with (
        wiring.opened(settings, practice=False, create=True) as real,
        wiring.opened(settings, practice=True, create=True) as practice,
    ):
        assert real.keys.check_value() != practice.keys.check_value()
        assert real.state.folder != practice.state.folder
        assert real.base.base_id != practice.base.base_id


def test_a_data_base_that_was_there_is_not_begun_anew_unasked(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A relay on this machine lets the first run make one; once it is gone, with everybody's objections, none does."""
    monkeypatch.setenv("SENDER_RELAY", "smtp+plain://127.0.0.1:2525")
    settings = load(folder)
    assert wiring.may_begin(settings, practice=False)
    with wiring.opened(settings, practice=False, create=True):
        pass
    for left in folder.glob("sender.db*"):
        left.unlink()

    assert not wiring.may_begin(settings, practice=False)
    assert wiring.may_begin(settings, practice=True)


def test_a_state_folder_that_is_gone_is_told_about(folder: Path) -> None:
    """Without it nobody can tell whether the data base is an old copy."""
    settings = load(folder)
    with wiring.opened(settings, practice=False, create=True) as house:
        assert wiring.about_state(house) is None
        note(house, "written")
        assert wiring.about_state(house) is None
        shutil.rmtree(house.state.folder)

    with wiring.opened(settings, practice=False) as house:
        assert str(house.state.folder) in str(wiring.about_state(house))


def test_an_old_copy_of_the_link_keys_is_told_about(folder: Path) -> None:
    """Links that the missing key signed stop nothing any more."""
    settings = load(folder)
    with wiring.opened(settings, practice=False, create=True) as house:
        before = wiring.about_keys(house)
        old = settings.keys_folder(house.base.base_id) / "link"
        copy = old.read_text()
        number = Keys.rotate(old.parent, house.base.key_check, house.now()).ring[-1].number
        with house.store.write() as connection:
            ledger.journal.append(connection, "link_key_made", {"number": number}, None, house.now())
    with wiring.opened(settings, practice=False) as house:
        rotated = wiring.about_keys(house)
    old.write_text(copy)
    with wiring.opened(settings, practice=False) as house:
        said = wiring.about_keys(house)

    assert (before, rotated) == (None, None)
    assert said
    assert f"{number}" in said


def test_a_topic_that_nobody_can_refuse_is_told_about(folder: Path) -> None:
    """A campaign may name a topic; the pages offer to refuse those that the settings name."""
    (folder / "sender.toml").write_text('[topics]\npaie = "Paie"\n', encoding="utf-8")
    campaign = load_campaign(Path(__file__).parent.parent.parent / "campaigns" / "spring.yaml")
    with wiring.opened(load(folder), practice=False, create=True) as house:
        named, nameless = (
            wiring.about_topics(house, replace(campaign, topics=topics)) for topics in (("paie",), ("paie", "rgpd"))
        )

    assert named is None
    assert nameless
    assert "rgpd" in nameless
    assert "paie" not in nameless


def test_what_the_pages_heard_is_known_to_who_looks(folder: Path) -> None:
    """Without a run and without the pages: the file is taken in, and its head kept."""
    with wiring.opened(load(folder), practice=False, create=True) as house:
        house.state.record_objection(ContactId("ab" * 16), b"h" * 32, house.now())
        house.hear()
        house.hear()

        with house.store.read() as connection:
            assert connection.execute(select(suppressions.c.reason)).scalars().all() == ["objected"]
            assert ledger.journal.head(connection) == house.state.head()


def test_a_server_that_stands_in_makes_way_for_its_own_base_only(folder: Path) -> None:
    """With another one, the links of the mails already sent would be dead. Whoever only looks changes nothing."""
    settings = load(folder)
    with wiring.opened(settings, practice=False, create=True) as house:
        base = house.base
    demand_a_base(settings)
    demand_a_base(settings, base.base_id)
    with pytest.raises(SettingsError, match="SC-645"):
        demand_a_base(settings, "another")

    for left in folder.glob("sender.db*"):
        left.unlink()
    halves = (b"", b"no data base", None)
    for half in halves:
        if half is not None:
            (folder / "sender.db").write_bytes(half)
        else:
            Store.open(settings.database, create=True).close()  # the tables, and no row of the base yet
        before = (folder / "sender.db").read_bytes()
        with pytest.raises(SenderError):
            demand_a_base(settings)
        assert (folder / "sender.db").read_bytes() == before
        (folder / "sender.db").unlink()
    assert traces.remembered(settings) == base


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("postgresql://u:old@db.example/mails", "postgresql+psycopg://v:new@db.example:5432/mails", True),
        ("postgresql://u@db.example/mails", "postgresql://u@db.example/others", False),
        ("postgresql://u@/mails?host=/run/a", "postgresql://u@/mails?host=/run/b", False),
        ("sqlite:////srv/sender.db", "/srv/./sender.db", True),
        ("/srv/sender.db", "/srv/other.db", False),
    ],
)
def test_a_base_is_remembered_by_its_place(folder: Path, one: str, other: str, same: bool) -> None:
    """Whoever logs in there: a password that is wrong today must not hide that there was a base."""
    settings = load(folder)
    files = {traces.file_of(settings.model_copy(update={"database": each})) for each in (one, other)}

    assert (len(files) == 1) is same
