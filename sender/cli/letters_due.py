"""The letters that people asked for on the public pages: written, handed to the relay, tried again or forgotten."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sender.cli.moving import NEW, OLD
from sender.cli.newcomers import KIND
from sender.contacts import Pending, pending
from sender.delivery import connect
from sender.dkim import Signer
from sender.letters.service import ServiceLetter, service_letter
from sender.links import ADDRESS_PATH, DATA_PATH, OPT_IN_PATH, LinkTarget, Purpose, confirmation_url, sign_at
from sender.logs import get_logger
from sender.model import Address, Letter, Outcome
from sender.steps.house import House
from sender.web.pages import texts

if TYPE_CHECKING:
    from sender.delivery import RelayAccess

_LOOK = 0.2  # seconds between two looks whether it is to stop
_FAREWELL = 5.0  # seconds for the letter on the wire then

_LETTERS = {
    KIND: ("opt_in", "letter", f"{OPT_IN_PATH}/", Purpose.CONFIRM),
    NEW: ("address", "letter_new", ADDRESS_PATH, Purpose.CONFIRM),
    OLD: ("address", "letter_old", ADDRESS_PATH, Purpose.CONFIRM),
    pending.DATA: ("data", "letter", DATA_PATH, Purpose.DATA),
}
"""By the kind of what waits: the letter's words, where its link leads, and what that is good for."""


@dataclass(frozen=True, slots=True)
class LettersDue:
    """``name`` and ``address``: who writes; ``signature``: the end of each letter; ``pages``: where links lead.

    ``signer``: gives what signs them for the address's domain (DKIM), with the keys as they are by then.
    """

    house: House
    name: str
    address: Address
    signature: str
    pages: str
    signer: Callable[[], Signer | None] = lambda: None

    def send(self, stop: Callable[[], bool] = lambda: False) -> None:
        """One after the other. What the relay puts off is tried again; what it refuses is forgotten."""
        house = self.house
        with house.store.read() as connection:
            waiting = pending.due(connection, house.now())
        if waiting:
            asyncio.run(self._send(waiting, stop))

    async def _send(self, waiting: Iterable[Pending], stop: Callable[[], bool]) -> None:
        from sender.cli import wiring

        signer = self.signer()
        async with wiring.relay(self.house) as access:
            for one in waiting:
                if stop():
                    return
                await _unless_held_up(self._send_one(access, one, signer), stop)

    async def _send_one(self, access: RelayAccess, one: Pending, signer: Signer | None) -> None:
        """Taken up before it goes to the wire, so that a kill sends no letter twice."""
        house, letter, outcome = self.house, self._letter(one, signer), Outcome.DEFERRED
        with house.store.write() as connection:
            if not pending.taken_up(connection, one.id):
                return
        try:
            session = await connect(access)
            try:
                outcome = Outcome.UNKNOWN  # from here on: it is no more sent than a second time
                outcome = (await session.send(letter)).outcome
            finally:
                await session.quit()
        finally:
            get_logger().info("letter asked for", request=one.id, outcome=outcome)
            if outcome in {Outcome.DEFERRED, Outcome.REFUSED}:
                self._not_taken(one, outcome)

    def _not_taken(self, one: Pending, outcome: Outcome) -> None:
        with self.house.store.write() as connection:
            if outcome is Outcome.DEFERRED:
                pending.ask_again_later(connection, one.id, self.house.now())
            else:
                pending.drop(connection, one.id)

    def _letter(self, one: Pending, signer: Signer | None) -> Letter:
        """Nothing in it but what was asked for."""
        # Meets: RULES A0 4 (a request for consent advertises nothing, and answers the person's own word)
        house = self.house
        file, part, path, purpose = _LETTERS[one.kind]
        token = sign_at(house.ring, purpose, LinkTarget(one.id, one.address_hash), one.asked_at)
        words: Mapping[str, str] = texts(file, one.said["language"])[part]
        days = {"on": one.asked_at.date().isoformat(), "until": one.good_until.date().isoformat()}
        url = confirmation_url(self.pages, path, token)
        text = words["text"].format(sender=self.name, url=url, signature=self.signature, **days)
        subject = words["subject"].format(sender=self.name)
        relay = house.settings.relay
        return service_letter(
            ServiceLetter(one.id, one.email, self.name, self.address, subject, text),
            date=house.now(),
            bounces=house.settings.bounces,
            relay=relay.host if relay and not house.practice else "",
            signer=signer,
        )


async def _unless_held_up(step: Coroutine[Any, Any, None], stop: Callable[[], bool]) -> None:
    """Until it is done; once it is to stop, a relay that says nothing is waited for some seconds and no longer."""
    task = asyncio.ensure_future(step)
    patience = _FAREWELL
    while not (await asyncio.wait({task}, timeout=_LOOK))[0]:
        if stop():
            patience -= _LOOK
        if patience <= 0:
            task.cancel()
    if not task.cancelled():
        task.result()
