"""Link keys are added to a ring that others read meanwhile, and that a kill may hit at any moment."""

from __future__ import annotations

import os
import stat
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest

from sender.errors import SettingsError
from sender.keys import Keys, LiveRing
from sender.links import Purpose, Ring, sign, verify
from sender.model import ContactId

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
WHO = (ContactId("cd" * 16), b"h" * 32)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    Keys.make(tmp_path / "keys")
    return tmp_path / "keys"


def rotated(folder: Path) -> Keys:
    return Keys.rotate(folder, Keys.load(folder).check_value(), NOW)


def test_a_rotated_ring_has_one_key_more_and_signs_with_it(folder: Path) -> None:
    """It is still the base's; old links stop mails; the moment stands beside the key; nobody else may read it."""
    before = Keys.load(folder)
    old = sign(before.ring, Purpose.OBJECT, *WHO)

    after = rotated(folder)

    assert after == Keys.load(folder, before.check_value())
    assert after.ring[:-1] == before.ring
    assert (after.ring[-1].number, after.ring[-1].since) == (2, NOW)
    assert verify(after.ring, old, Purpose.OBJECT) == verify(before.ring, old, Purpose.OBJECT)
    assert verify(before.ring, sign(after.ring, Purpose.OBJECT, *WHO), Purpose.OBJECT) is None
    assert stat.S_IMODE((folder / "link").stat().st_mode) == 0o600
    assert sorted(path.name for path in folder.iterdir()) == ["link", "suppression"]


class Killed(BaseException):
    """What a process does no more."""


def test_killed_at_any_step_the_ring_is_the_old_or_the_new_one(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each call that touches the disk is the last one once; what lies about goes with the next rotation."""
    calls = count()
    last = 0

    def dying(name: str) -> None:
        real = getattr(os, name)

        def step(*arguments: object, **more: object) -> object:
            if next(calls) == last:
                monkeypatch.setattr(Path, "unlink", lambda *_, **__: None)  # the dead clear nothing away
                raise Killed
            return real(*arguments, **more)

        monkeypatch.setattr(os, name, step)

    states = set()
    for last in range(12):  # noqa: B007  ``dying`` looks at it
        before = Keys.load(folder)
        calls = count()
        with monkeypatch.context() as patched:
            monkeypatch = patched
            for name in ("open", "fsync", "rename"):
                dying(name)
            try:
                rotated(folder)
                died = False
            except Killed:
                died = True
        after = Keys.load(folder, before.check_value())
        states.add((died, len(after.ring) - len(before.ring)))
        if not died:
            break

    assert states == {(True, 0), (True, 1), (False, 1)}
    assert sorted(path.name for path in folder.iterdir()) == ["link", "suppression"]


def test_a_full_disk_leaves_the_old_ring(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is lost, nothing lies about, and it is said."""
    before = Keys.load(folder)

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SettingsError, match="SC-156"):
        rotated(folder)

    assert Keys.load(folder) == before
    assert sorted(path.name for path in folder.iterdir()) == ["link", "suppression"]


def test_numbers_run_out_in_words(folder: Path) -> None:
    """The one byte of a token goes round to numbers that are free, and no key is ever overwritten."""
    lines = [f"{number} {number:064x}\n" for number in range(2, 256)]
    with (folder / "link").open("a") as file:
        file.writelines(lines)

    assert rotated(folder).ring[-1].number == 0
    with pytest.raises(SettingsError, match="SC-660"):
        rotated(folder)
    assert len(Keys.load(folder).ring) == 256


@pytest.mark.parametrize("moment", ["yesterday", "2026-11-24T09:00:00", " "])
def test_a_moment_that_cannot_be_read_is_damage(folder: Path, moment: str) -> None:
    """A moment without its zone could be any."""
    with (folder / "link").open("a") as file:
        file.write(f"2 {'ab' * 32} {moment}\n")

    with pytest.raises(SettingsError, match="SC-153"):
        Keys.load(folder)


def test_whoever_runs_takes_the_new_ring_up(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second later at most; a ring that cannot be read then leaves the one that is known."""
    clock = count(1000.0, 2.0)
    monkeypatch.setattr("sender.keys.time.monotonic", lambda: next(clock))
    ring = LiveRing.beside(Keys.load(folder).ring, folder, lambda: Keys.load(folder).ring)
    before = ring.newest()
    after = rotated(folder).ring

    assert (before, ring.newest()) == (after[:1], after)

    (folder / "link").write_text("damaged")
    assert ring.newest() == after


def test_keys_of_a_store_are_asked_for_when_a_token_needs_them(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And twice a minute at most: strangers can name any key."""
    now, asked = 1000.0, 0
    monkeypatch.setattr("sender.keys.time.monotonic", lambda: now)
    old = Keys.load(folder).ring
    new = rotated(folder).ring
    token = sign(new, Purpose.OBJECT, *WHO)

    def read() -> Ring:
        nonlocal asked
        asked += 1
        return old if asked == 1 else new

    ring = LiveRing(old, read, None)

    assert [ring.for_token(token), ring.for_token(token), asked] == [old, old, 1]
    now += 30
    assert [ring.for_token(token), ring.for_token(token), asked] == [new, new, 2]
