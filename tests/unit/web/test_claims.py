"""The desk of people's own data: what it does not ask the base, and what it says when the base is away."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from sender.errors import Unreachable
from sender.links import LinkKey, LinkTarget, Purpose, sign, sign_at
from sender.model import ContactId
from sender.web import Claim, DataDesk, Done, Known, LetterDesk, Settled
from sender.web.claims import Opened

RING = (LinkKey(1, b"a" * 32),)
GOOD_FOR = timedelta(hours=24)
TARGET = LinkTarget(ContactId("ab" * 16), b"h" * 32)
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


class Rights:
    """Notes what it is asked; ``away``: it cannot answer."""

    def __init__(self, *, away: bool = False) -> None:
        self.away = away
        self.asked: list[str] = []

    def _do(self, step: str) -> None:
        self.asked.append(step)
        if self.away:
            raise Unreachable

    def ask(self, target: LinkTarget, language: str, client: str | None, at: datetime) -> None:
        self._do("ask")

    def look(self, target: LinkTarget, at: datetime) -> Known | None:
        self._do("look")
        return None

    def see(self, target: LinkTarget, language: str, at: datetime) -> str | None:
        self._do("see")
        return "<p>"

    def download(self, target: LinkTarget, language: str, at: datetime) -> bytes | None:
        self._do("download")
        return b"PK"

    def settle(self, target: LinkTarget, claim: Claim, said: Mapping[str, str], at: datetime) -> Settled:
        self._do(claim.value)
        return Settled(Done.YES)


def desk(rights: Rights, troubles: list[tuple[str, str]] | None = None) -> DataDesk:
    def trouble(where: str, what: str) -> None:
        if troubles is not None:
            troubles.append((where, what))

    return DataDesk(rights, LetterDesk(lambda _stop: None, lambda _token: RING, lambda: NOW, trouble), GOOD_FOR)


@pytest.mark.parametrize(
    "token",
    [
        sign(RING, Purpose.OBJECT, *(TARGET.contact, TARGET.address_hash)),
        sign_at(RING, Purpose.UNDO, TARGET, NOW),
        sign_at(RING, Purpose.CONFIRM, TARGET, NOW),
        sign_at((LinkKey(1, b"b" * 32),), Purpose.DATA, TARGET, NOW),
        "",
    ],
)
def test_a_token_of_another_purpose_opens_nothing(token: str) -> None:
    """To object, to undo, to confirm; nor one that somebody made."""
    assert desk(Rights()).whose(token) is None


def test_a_letter_s_link_names_its_request_and_moment() -> None:
    assert desk(Rights()).whose(sign_at(RING, Purpose.DATA, TARGET, NOW)) == Opened(TARGET, NOW)


async def test_the_base_is_not_asked_about_a_letter_of_yesterday() -> None:
    """Whatever stands there: a day after it was asked for, the link is worth nothing."""
    rights = Rights()
    late = Opened(TARGET, NOW - GOOD_FOR)
    answers = [
        await desk(rights).look(late),
        await desk(rights).see(late, "fr"),
        await desk(rights).download(late, "fr"),
        *[(await desk(rights).settle(late, claim)).done for claim in Claim],
    ]

    assert set(answers) == {Done.GONE}
    assert rights.asked == []
    assert await desk(rights).see(Opened(TARGET, NOW - GOOD_FOR + timedelta(seconds=1)), "fr") == "<p>"


async def test_a_base_that_is_away_is_told_without_a_name() -> None:
    """The page says that it could not be done; the log has the kind of the error alone."""
    troubles: list[tuple[str, str]] = []
    away = desk(Rights(away=True), troubles)
    letter = Opened(TARGET, NOW)

    assert await away.look(letter) is await away.see(letter, "en") is await away.download(letter, "en") is Done.NOT_NOW
    assert (await away.settle(letter, Claim.DELETE)).done is Done.NOT_NOW
    assert set(troubles) == {("data", "Unreachable")}
