"""Fills the ports of the public pages: which desks there are, who stands behind each, and what must be set for them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeVar
from urllib.parse import urlsplit

from sender.cli.letters_due import LettersDue
from sender.cli.moving import Moves
from sender.cli.newcomers import Joining
from sender.cli.notices import RecordedNotices
from sender.cli.people import BasePeople, ObjectionsFile
from sender.cli.rights import OwnData
from sender.cli.wiring import demand_relay
from sender.contacts import pending
from sender.errors import SenderError, SettingsError
from sender.logs import get_logger
from sender.settings import Settings
from sender.steps.house import House
from sender.steps.signing import signer_for
from sender.web import (
    DataDesk,
    JoiningDesk,
    LetterDesk,
    Look,
    MovingDesk,
    NoticeBoard,
    ObjectionDesk,
    Offer,
    Proxies,
    Reception,
    logo_from,
    offer_from,
)
from sender.web.pages import LANGUAGES

T = TypeVar("T")

COMPLAINTS = {
    "SC-641": "The address of the public pages is not set",
    "SC-642": "There is no opt-in page",
    "SC-644": "Who writes the letters that people ask for is not set",
}


def reception(house: House, proxies: Proxies, tell: Callable[[SenderError], None] = lambda _: None) -> Reception:
    """What the public pages need. A desk that cannot work is left out and told; mails can be stopped all the same."""
    settings = house.settings

    def able(desk: Callable[[], T]) -> T | None:
        try:
            return desk()
        except SenderError as error:
            tell(error)
            return None

    letters = able(lambda: letter_desk(house)) if settings.pages_from or settings.opt_in else None
    return Reception(
        ObjectionDesk(house.links.for_token, ObjectionsFile(house.state), BasePeople(house), house.now, trouble),
        look_of(settings),
        settings.language,
        proxies,
        topics=settings.topics.shown,
        board=NoticeBoard(RecordedNotices(house), trouble),
        letters=letters,
        joining=able(lambda: joining_desk(house, letters)) if letters and settings.opt_in else None,
        moving=MovingDesk(Moves(house), letters) if letters else None,
        data=DataDesk(OwnData(house), letters, pending.GOOD_FOR_DATA) if letters else None,
    )


def trouble(where: str, what: str) -> None:
    get_logger().warning("pages", where=where, error=what)


def look_of(settings: Settings) -> Look:
    return Look(
        settings.pages_name or "",
        logo_from(settings.pages_logo) if settings.pages_logo else None,
        settings.pages_colour,
        urlsplit(settings.pages_url or "").path.rstrip("/"),
    )


def letter_desk(house: House) -> LetterDesk:
    """Raises SettingsError where letters cannot be sent."""
    if not house.practice:
        demand_relay(house.settings)
    return LetterDesk(letters_due(house).send, house.links.for_token, house.now, trouble)


def letters_due(house: House) -> LettersDue:
    """Letters need somebody who writes them, and pages that their links lead to. Raises SettingsError."""
    settings = house.settings
    name, address, signature = settings.pages_name, settings.pages_from, settings.pages_signature
    if not (name and address and signature):
        wanted = {"pages_name": name, "pages_from": address, "pages_signature": signature}
        raise SettingsError.of(
            "SC-644",
            COMPLAINTS["SC-644"],
            why="The pages would offer letters that nobody can write, or that do not say who does.",
            todo=f"Set {', '.join(key for key, value in wanted.items() if not value)} in sender.toml.",
        )
    signer = partial(signer_for, settings, address.domain)
    signer()  # a key that cannot be read is told at the start
    return LettersDue(house, name, address, signature, demand_pages(settings), signer)


def joining_desk(house: House, letters: LetterDesk) -> JoiningDesk:
    offer = offer_of(house.settings)
    return JoiningDesk(offer, Joining(house, offer), letters)


def demand_pages(settings: Settings) -> str:
    """Where the public pages are reached. Raises SettingsError."""
    if settings.pages_url is None:
        raise SettingsError.of(
            "SC-641",
            COMPLAINTS["SC-641"],
            why="The letters that people ask for, and a form in another site, lead to the pages.",
            todo='Set pages_url = "https://..." in sender.toml.',
        )
    return settings.pages_url


def offer_of(settings: Settings) -> Offer:
    """What the opt-in page offers. Raises SettingsError."""
    if settings.opt_in is None:
        raise SettingsError.of(
            "SC-642",
            COMPLAINTS["SC-642"],
            why="Nobody can agree to words that are not written.",
            todo='Set opt_in = "opt-in.toml" in sender.toml; see docs/how-to/let-people-opt-in.md',
        )
    return offer_from(settings.opt_in, {language: settings.topics.shown(language) for language in LANGUAGES})
