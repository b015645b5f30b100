"""People who opt in, as the public pages see them: a wish that waits, its letter, and the consents it becomes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection

from sender import contacts, ledger
from sender.cli.moving import OLD
from sender.contacts import Pending, pending
from sender.law.addresses import has_no_reader
from sender.links import LinkTarget
from sender.model import Consent, Contact, ContactId, Notice, Provenance, SourceKind
from sender.steps.house import House
from sender.steps.rights import moved_by_link
from sender.web import Asked, Confirmed, Offer

KIND = "opt_in"

_FOR_GOOD = frozenset({"erased", "complained", "restricted", "domain"})
"""What no consent of one's own lifts: then no letter goes out either, and the page says the same as always."""


@dataclass(frozen=True, slots=True)
class Joining:
    """Fills ``web.Newcomers``. Every method raises while the base is out of reach."""

    house: House
    offer: Offer

    # --- the wish

    def ask(self, asked: Asked, at: datetime) -> None:
        # Meets: GDPR art. 7(1) (the words as they were shown, kept under their version)
        house, offer = self.house, self.offer
        own = house.hash_of(asked.email)
        with house.store.write() as connection:
            ledger.take_in(connection, house.state)
            for scope in _scopes(asked):
                contacts.keep_wording(
                    connection, offer.version(scope, asked.language), offer.shown(scope, asked.language), at
                )
            against = contacts.standing_against(connection, [asked.email], hash_of=house.hash_of)
            said = _said(asked, {scope: offer.version(scope, asked.language) for scope in _scopes(asked)})
            wish = Pending(KIND, asked.email, own, at, said, asked.client)
            pending.asked(connection, wish)  # always: who may get no letter takes as long as who may
            for_good = not _FOR_GOOD.isdisjoint(one.entry.reason for one in against.get(asked.email, ()))
            # Meets: RULES A0 3 (disposable), D4 (RFC 2142: abuse, postmaster and their like get no offer)
            if for_good or has_no_reader(asked.email):
                pending.drop(connection, wish.id)

    def look(self, target: LinkTarget, at: datetime) -> Asked | None:
        with self.house.store.read() as connection:
            found = pending.look_up(connection, target.contact, KIND, target.address_hash, at)
            if found is None:
                return None
            words = [contacts.wording_text(connection, version) for version in found.said["versions"].values()]
        return _asked(found, words)

    # --- the consent

    def confirm(self, target: LinkTarget, client: str | None, at: datetime) -> Confirmed:
        house = self.house
        with house.store.write() as connection:
            ledger.take_in(connection, house.state)
            found = pending.take_out(connection, target.contact, KIND, target.address_hash, at)
            if found is None:
                return _again(connection, target)
            result = self._join(connection, found, client, at)
            head = ledger.journal.head(connection)
        house.keep_head(head)
        return result

    def _join(self, connection: Connection, found: Pending, client: str | None, at: datetime) -> Confirmed:
        """The contact, its consents one by one, and what the one to mail ends."""
        # Meets: GDPR art. 6(1)(a), 7(1); FR F1, F12; A5 IT (moment, network address, wording of each)
        if self._is_somebody_elses(connection, found, at):
            return Confirmed.CLOSED
        entered = contacts.upsert(connection, [self._contact(found, at)], hash_of=self.house.hash_of, now=at)
        if not entered.contacts:
            return Confirmed.CLOSED
        (contact,), record = entered.contacts, ledger.journal.append
        standing: tuple[str, ...] = ()
        for scope, version in found.said["versions"].items():
            consent = self._consent(connection, found, (scope, version), client, at)
            contacts.grant(connection, contact.id, consent, record=record, now=at)
            if scope == "mail":
                standing = contacts.lift_by_consent(connection, contact.id, consent, record=record, now=at).standing
        return Confirmed.CLOSED if standing else Confirmed.YES

    def _is_somebody_elses(self, connection: Connection, found: Pending, at: datetime) -> bool:
        """Whose mailbox this is today need not be who the contact is.

        It may be an address that the contact had once, or one to which whoever held a link had the mails moved: such
        an address gives no consent for the contact while that may be taken back, and ends no objection after that.
        """
        known = contacts.by_key(connection, found.email.key)
        if known is None:
            return False
        if known.email.key != found.email.key or pending.stands(connection, known.id, OLD, at):
            return True
        against = contacts.standing_against(connection, [known.email], hash_of=self.house.hash_of)
        return bool(against) and moved_by_link(connection, known)

    def _contact(self, found: Pending, at: datetime) -> Contact:
        """What the base did not know is filled in; the words that were shown are the notice that was given."""
        day = at.astimezone(UTC).date()
        asked_on = found.asked_at.astimezone(UTC).date()
        notice = Notice(True, found.said["versions"]["mail"], asked_on, objection_offered=True)
        return Contact(
            ContactId(""),
            found.email,
            language=found.said["language"],
            provenance=Provenance(SourceKind.WEB_FORM, "opt-in page", asked_on, notice),
            last_inbound_on=day,
            topics=tuple(found.said["topics"]),
        )

    def _consent(
        self, connection: Connection, found: Pending, what: tuple[str, str], client: str | None, at: datetime
    ) -> Consent:
        scope, version = what
        details = {
            "at": at.isoformat(),
            "asked_at": found.asked_at.isoformat(),
            "request": found.id,
            **({"ip": found.network} if found.network else {}),
            **({"confirmed_from": client} if client else {}),
            "language": found.said["language"],
        }
        text = contacts.wording_text(connection, version) or ""
        return Consent(
            at.astimezone(UTC).date(),
            version,
            "web form",
            "person",
            "double_opt_in",
            scope=scope,
            wording=contacts.keep_wording(connection, version, text, at),
            details=details,
        )


def _scopes(asked: Asked) -> tuple[str, ...]:
    """Each a consent of its own."""
    topics = tuple(f"topic:{one}" for one in asked.topics)
    return ("mail", *topics, *(("tracking",) if asked.tracking else ()))


def _said(asked: Asked, versions: Mapping[str, str]) -> dict[str, Any]:
    return {"language": asked.language, "topics": list(asked.topics), "versions": dict(versions)}


def _asked(found: Pending, words: Iterable[str | None]) -> Asked:
    said = found.said
    tracking = "tracking" in said["versions"]
    shown = tuple(dict.fromkeys(text for text in words if text))
    return Asked(found.email, said["language"], tuple(said["topics"]), tracking, found.network, shown)


def _again(connection: Connection, target: LinkTarget) -> Confirmed:
    """A button may be pressed twice: whether a consent rests on this very request, and nothing stands against it."""
    if not contacts.consent_of_request(connection, target.address_hash, target.contact):
        return Confirmed.GONE
    return Confirmed.CLOSED if contacts.is_suppressed(connection, target.address_hash) else Confirmed.YES
