"""What the pages may do: say to whom a link belongs, and take an objection so that it lasts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sender.links import LinkTarget, Purpose, Ring, verify
from sender.model import Address, ContactId

__all__ = ["NotRecordedError", "ObjectionDesk", "Objections", "People", "Person"]


@dataclass(frozen=True, slots=True)
class Person:
    """What the page may show of the contact whom a link names. ``sender``: who wrote to them last."""

    sender: str
    email: Address
    language: str | None = None


class Objections(Protocol):
    """The append-only file of objections, apart from the data base."""

    def record_objection(self, contact: ContactId, address_hash: bytes, at: datetime) -> None:
        """Keep the objection; it is on the disk when this returns. Recording it again does no harm."""


class People(Protocol):
    """The contacts base, as far as the pages need it. Every method raises while the base is out of reach."""

    def find(self, target: LinkTarget) -> Person | None:
        """The contact, only while its address is still the one that the link was sent to."""

    def object(self, target: LinkTarget, at: datetime) -> None:
        """Suppress the address and journal the objection, once however often it is asked for."""

    def ping(self) -> None:
        """Do nothing, where the base is in reach."""


class NotRecordedError(Exception):
    """The objection could be kept nowhere."""


@dataclass(frozen=True, slots=True)
class ObjectionDesk:
    """Takes objections. ``trouble`` is told where something failed and the error's class, never whom it was about."""

    ring: Ring
    objections: Objections
    people: People
    now: Callable[[], datetime]
    trouble: Callable[[str, str], None]

    def whose(self, token: str) -> LinkTarget | None:
        """Whom a genuine link names; None for everything else."""
        return verify(self.ring, token, Purpose.OBJECT)

    def person(self, target: LinkTarget) -> Person | None:
        """The contact for the page; None where the base does not know it or is out of reach."""
        try:
            return self.people.find(target)
        except Exception as error:
            self.trouble("page", type(error).__name__)
            return None

    def take(self, target: LinkTarget) -> None:
        """Keep the objection in the file first, then in the base; one of the two must hold it.

        The file alone is enough: it is read in the transaction that opens any attempt. Nothing that goes wrong in
        the base may cost an objection, so every error there counts as "out of reach".
        """
        # Meets: GDPR art. 21(3) (no further processing once the person has objected)
        at = self.now()
        kept = [
            self._tried(
                "objections", lambda: self.objections.record_objection(target.contact, target.address_hash, at)
            ),
            self._tried("base", lambda: self.people.object(target, at)),
        ]
        if not any(kept):
            raise NotRecordedError

    def base_in_reach(self) -> bool:
        """For ``/health``."""
        return self._tried("health", self.people.ping)

    def _tried(self, where: str, step: Callable[[], None]) -> bool:
        try:
            step()
        except Exception as error:
            self.trouble(where, type(error).__name__)
            return False
        return True
