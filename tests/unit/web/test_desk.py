"""The desk: an objection lasts, whatever else is broken."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from sender.errors import Unreachable
from sender.links import LinkTarget, Purpose, sign
from sender.model import ContactId
from sender.web import NotRecordedError, ObjectionDesk, Person

RING = ((1, b"a" * 32),)
TARGET = LinkTarget(ContactId("ab" * 16), b"h" * 32)
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


class Recorder:
    """Both ports: notes in which order things were asked of it, and fails where it is told to."""

    def __init__(self, *broken: str) -> None:
        self.broken = broken
        self.asked: list[str] = []
        self.troubles: list[tuple[str, str]] = []

    def _do(self, step: str) -> None:
        self.asked.append(step)
        if step in self.broken:
            raise Unreachable

    def record_objection(self, contact: ContactId, address_hash: bytes, at: datetime) -> None:
        assert (contact, address_hash, at) == (TARGET.contact, TARGET.address_hash, NOW)
        self._do("file")

    def object(self, target: LinkTarget, at: datetime) -> None:
        assert (target, at) == (TARGET, NOW)
        self._do("base")

    def find(self, target: LinkTarget) -> Person | None:
        self._do("find")
        return None

    def ping(self) -> None:
        self._do("ping")

    def desk(self) -> ObjectionDesk:
        trouble: Callable[[str, str], None] = lambda where, kind: self.troubles.append((where, kind))  # noqa: E731
        return ObjectionDesk(RING, self, self, lambda: NOW, trouble)


def test_the_file_comes_before_the_base() -> None:
    """The append-only file holds the objection before the base is asked."""
    recorder = Recorder()
    recorder.desk().take(TARGET)

    assert recorder.asked == ["file", "base"]
    assert recorder.troubles == []


@pytest.mark.parametrize(("broken", "where"), [("base", "base"), ("file", "objections")])
def test_one_of_the_two_is_enough(broken: str, where: str) -> None:
    """Without the base, or without the file, the objection is kept; the trouble is told without a person in it."""
    recorder = Recorder(broken)
    recorder.desk().take(TARGET)

    assert recorder.asked == ["file", "base"]
    assert recorder.troubles == [(where, "Unreachable")]


def test_kept_nowhere_is_never_called_kept() -> None:
    """When both fail, the desk says so."""
    with pytest.raises(NotRecordedError):
        Recorder("file", "base").desk().take(TARGET)


def test_a_page_without_the_base_knows_nobody() -> None:
    """A base out of reach costs the name on the page, nothing else."""
    recorder = Recorder("find")

    assert recorder.desk().person(TARGET) is None
    assert recorder.troubles == [("page", "Unreachable")]


def test_only_genuine_links_name_somebody() -> None:
    """The desk verifies with the ring and for objections."""
    desk = Recorder().desk()

    assert desk.whose(sign(RING, Purpose.OBJECT, TARGET.contact, TARGET.address_hash)) == TARGET
    assert desk.whose("x" * 90) is None


def test_health_tells_whether_the_base_answers() -> None:
    """True and False, never an exception."""
    assert Recorder().desk().base_in_reach() is True
    assert Recorder("ping").desk().base_in_reach() is False
