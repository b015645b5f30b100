"""The keys of a data base: made whole, kept private, known again."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sender.errors import Exit, SettingsError
from sender.keys import COMPLAINTS, Keys
from sender.model import Address

ADDRESS = Address("claire.morel", "martin.example", "claire.morel@martin.example")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where freshly made keys lie."""
    folder = tmp_path / "config" / "keys"
    Keys.make(folder)
    return folder


def complaint_of(folder: Path, check_value: str | None = None) -> str:
    """The code with which loading fails, after a look at the three parts."""
    with pytest.raises(SettingsError) as caught:
        Keys.load(folder, check_value)
    (complaint,) = caught.value.complaints
    assert complaint.what
    assert complaint.why
    assert complaint.todo
    assert caught.value.exit is Exit.SETTINGS_WRONG
    return complaint.code


def test_made_keys_are_loaded_again(tmp_path: Path) -> None:
    """What was made is what is read."""
    made = Keys.make(tmp_path / "keys")

    assert Keys.load(tmp_path / "keys", made.check_value()) == made


def test_keys_are_for_their_owner_only(folder: Path) -> None:
    """The folder is 0700 and the files 0600, whatever the umask."""
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.iterdir())}

    assert modes == {"keys": 0o700, "link": 0o600, "suppression": 0o600}


def test_keys_are_on_the_disk_before_anything_rests_on_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both files, their folder and its parent are synced."""
    synced: list[Path] = []
    real = os.fsync

    def fsync(descriptor: int) -> None:
        synced.append(Path(f"/proc/self/fd/{descriptor}").readlink())
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)

    Keys.make(tmp_path / "keys")

    assert [path.name for path in synced[:2]] == ["link", "suppression"]
    assert synced[3] == tmp_path


def test_a_crash_leaves_no_half_made_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the disk fails between the two files, the folder is not there and can be made later."""

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SettingsError, match="SC-156"):
        Keys.make(tmp_path / "keys")

    assert list(tmp_path.iterdir()) == []


def test_keys_are_never_overwritten(folder: Path) -> None:
    """Making keys where keys are is refused and leaves them as they were."""
    before = Keys.load(folder)

    with pytest.raises(SettingsError, match="SC-155"):
        Keys.make(folder)

    assert Keys.load(folder) == before


def test_an_empty_folder_may_be_filled(tmp_path: Path) -> None:
    """An administrator may make the folder beforehand."""
    (tmp_path / "keys").mkdir(mode=0o755)

    Keys.make(tmp_path / "keys")

    assert Keys.load(tmp_path / "keys").ring[0][0] == 1


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    """No keys, no mail."""
    assert complaint_of(tmp_path / "keys") == "SC-150"


@pytest.mark.parametrize("name", ["link", "suppression"])
def test_a_missing_file_is_told(folder: Path, name: str) -> None:
    """One of the two files is not enough."""
    (folder / name).unlink()

    assert complaint_of(folder) == "SC-151"


@pytest.mark.parametrize(("name", "mode"), [(".", 0o750), ("link", 0o640), ("suppression", 0o604)])
def test_readable_keys_are_told(folder: Path, name: str, mode: int) -> None:
    """Keys that a group or the world may read are refused."""
    (folder / name).chmod(mode)

    assert complaint_of(folder) == "SC-152"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("link", b""),
        ("link", b"1 abcd\n"),
        ("link", b"256 " + b"ab" * 32 + b"\n"),
        ("link", b"-1 " + b"ab" * 32 + b"\n"),
        ("link", (b"1 " + b"ab" * 32 + b"\n") * 2),
        ("link", b"1 " + b"ab" * 32),
        ("link", b"1 \xff\n"),
        ("suppression", b""),
        ("suppression", b"zz" * 32 + b"\n"),
        ("suppression", b"ab" * 31 + b"\n"),
        ("suppression", (b"ab" * 32 + b"\n") * 2),
    ],
)
def test_a_damaged_file_is_told(folder: Path, name: str, content: bytes) -> None:
    """A key that is cut short or altered in form is refused."""
    (folder / name).write_bytes(content)

    assert complaint_of(folder) == "SC-153"


@given(content=st.binary(max_size=200))
def test_hostile_key_files_only_complain(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    """Whatever stands in a key file, the error is ours and shows nothing of the content."""
    folder = tmp_path_factory.mktemp("hostile") / "keys"
    Keys.make(folder)
    (folder / "suppression").write_bytes(content)

    assert complaint_of(folder) == "SC-153"


def test_other_keys_than_the_bases_are_told(folder: Path, tmp_path: Path) -> None:
    """The check value of another base does not fit."""
    other = Keys.make(tmp_path / "other")

    assert complaint_of(folder, other.check_value()) == "SC-154"


def test_a_swapped_link_ring_is_told(folder: Path) -> None:
    """A link ring without its oldest key would kill the links of mails already sent."""
    keys = Keys.load(folder)
    (folder / "link").write_text("1 " + "ab" * 32 + "\n")

    assert complaint_of(folder, keys.check_value()) == "SC-154"


def test_a_rotated_ring_is_still_the_bases(folder: Path) -> None:
    """A key added at the end of the ring changes no check value; the new key is the one that signs."""
    keys = Keys.load(folder)
    with (folder / "link").open("a") as file:
        file.write("2 " + "cd" * 32 + "\n")

    rotated = Keys.load(folder, keys.check_value())

    assert [key.number for key in rotated.ring] == [1, 2]


def test_the_suppression_hash_is_keyed_and_follows_the_normal_form(tmp_path: Path) -> None:
    """Two spellings of one address share a hash; two bases do not."""
    keys, other = Keys.make(tmp_path / "a"), Keys.make(tmp_path / "b")
    shouted = Address("Claire.Morel", "martin.example", ADDRESS.key)

    assert len(keys.suppression_hash(ADDRESS)) == 32
    assert keys.suppression_hash(ADDRESS) == keys.suppression_hash(shouted)
    assert keys.suppression_hash(ADDRESS) != other.suppression_hash(ADDRESS)


def test_keys_do_not_show_their_secrets(folder: Path) -> None:
    """Neither a repr, nor the check value, nor a complaint holds key material."""
    keys = Keys.load(folder)
    shown = repr(keys) + keys.check_value()

    assert keys.suppression.hex() not in shown
    assert repr(keys.suppression) not in shown
    assert keys.ring[0][1].hex() not in shown
    assert sorted(COMPLAINTS) == [*(f"SC-{number}" for number in range(150, 157)), "SC-660"]


def test_an_unreadable_key_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A system error is said in our words and names no content."""

    def denied(_path: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", denied)

    assert complaint_of(folder) == "SC-156"
