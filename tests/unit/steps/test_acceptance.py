"""Which packs count as accepted: the settings' and the journal's words, and what has become of the pack since."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from sender.errors import SettingsError
from sender.law import allowances, fingerprint, load
from sender.steps.acceptance import Acceptance, Word, in_force, newest

DAY = datetime(2026, 11, 1, tzinfo=UTC)
INSTALLED = load("IE").label
OLDER = "2025-01-01"


def said(
    word: Word, *, version: str = "", content: str | None = None, looser: bool = False, days: int = 0
) -> Acceptance:
    """A word about Ireland; ``looser``: it allowed less when it was given."""
    allowed = dict(allowances(load("IE")))
    if looser:
        allowed["soft_opt_in"] -= 1
    kept = fingerprint("IE") if content is None else content
    return Acceptance(
        word, "IE", version or load("IE").version.isoformat(), "Me Byrne", "", DAY + timedelta(days), allowed, kept
    )


@pytest.mark.parametrize(
    ("named", "word", "accepted"),
    [
        ((), None, set()),
        (("IE",), None, {"IE"}),
        ((INSTALLED,), None, {INSTALLED}),
        ((f"IE@{OLDER}",), None, {f"IE@{OLDER}"}),
        ((), said(Word.ACCEPTED), {INSTALLED}),
        ((), said(Word.ACCEPTED, version=OLDER), {INSTALLED}),
        ((), said(Word.ACCEPTED, version=OLDER, looser=True), {f"IE@{OLDER}"}),
        ((), said(Word.NAMED), set()),
        (("IE",), said(Word.NAMED, version=OLDER), {INSTALLED}),
        (("IE",), said(Word.NAMED, version=OLDER, looser=True), {f"IE@{OLDER}"}),
        ((INSTALLED,), said(Word.NAMED, version=OLDER, looser=True), {INSTALLED}),
        ((), said(Word.REVOKED), set()),
        (("IE",), said(Word.REVOKED), set()),
        ((INSTALLED,), said(Word.REVOKED), set()),
        ((), said(Word.ACCEPTED, content="other"), set()),
        (("IE",), said(Word.NAMED, content="other"), set()),
        ((INSTALLED,), said(Word.NAMED, content="other"), set()),
        ((), said(Word.ACCEPTED, version=OLDER, content="other"), {INSTALLED}),
        ((), said(Word.ACCEPTED, content=""), {INSTALLED}),
    ],
)
def test_what_counts_as_accepted(named: tuple[str, ...], word: Acceptance | None, accepted: set[str]) -> None:
    """A later, looser pack is not taken for the one that was meant; revoked or altered ones count for nothing."""
    assert in_force(named, {"IE": word} if word else {}) == accepted


@pytest.mark.parametrize("entry", ["IE@2099-01-01", "IE@2026-13-01", "XX", "EU", "DEFAULT", "EU@2026-11-23"])
def test_what_nobody_can_have_read_is_an_error(entry: str) -> None:
    """A version to come, a day that there is not, a pack that is no country's: with the text to write."""
    with pytest.raises(SettingsError) as raised:
        in_force(["FR", entry], {})

    assert [complaint.code for complaint in raised.value.complaints] == ["SC-119"]
    assert INSTALLED in str(raised.value) or "There are" in str(raised.value)


def test_the_newest_word_counts() -> None:
    """Of two bases' words the later one."""
    earlier, later = said(Word.ACCEPTED), said(Word.REVOKED, days=1)

    assert newest({"IE": earlier}, {"IE": later}) == newest({"IE": later}, {"IE": earlier}) == {"IE": later}
