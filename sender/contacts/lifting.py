"""What ends a suppression: the person's own new word, for what the person or a list had said.

    objected, excluded   a consent to mail, proved (double opt-in or signed), given after the last objection
    objected             the same person taking it back on the page that took it, within half an hour
    bounced              the same by double opt-in only: the answer came from the mailbox, so it is there again
    complained           nothing: the person's provider counts the next mail against everybody whom the sender writes to
    erased               nothing: there is nobody left in the base whose consent it could be
    restricted, domain   whoever laid them: the end of a restriction is told to the person first (GDPR art. 18(3))

The rows keep both dates. A newer objection counts again; so does every one that the consent does not come after.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from hashlib import sha256

from sqlalchemy import ColumnElement, Connection, RowMapping, select, update

from sender.contacts.consents import MAIL, UNDO, Record, grant, keep_wording
from sender.model import Consent, ContactId
from sender.store.schema import contacts, in_force, suppressions

__all__ = ["Lifting", "given_at", "lift", "lift_by_consent", "take_back"]

_LIFTED_BY = {
    "objected": ("double_opt_in", "signed"),
    "excluded": ("double_opt_in", "signed"),
    "bounced": ("double_opt_in",),
}
_BY_OPERATOR = frozenset({"restricted", "domain"})
_DAY_BEGINS = timedelta(hours=14)  # somewhere it is that day already (UTC+14)


@dataclass(frozen=True, slots=True)
class Lifting:
    """Reasons that a consent ended, and those that stand in spite of it."""

    ended: tuple[str, ...] = ()
    standing: tuple[str, ...] = ()


def given_at(consent: Consent) -> datetime:
    """When it was given; of a day without a time, the earliest moment: an objection of that day was perhaps later."""
    said = consent.details.get("at")
    if said:
        return datetime.fromisoformat(said)
    return datetime.combine(consent.given_on, time(), UTC) - _DAY_BEGINS


def lift_by_consent(
    connection: Connection, contact: ContactId, consent: Consent, *, record: Record, now: datetime
) -> Lifting:
    """End what the consent, which stands in the base by now, ends. The data base checks it again, row by row."""
    # Meets: GDPR art. 7(1), 21(3)
    ours = (
        select(suppressions)
        .join(
            contacts, (contacts.c.address_hash == suppressions.c.hash) | (contacts.c.domain_hash == suppressions.c.hash)
        )
        .where(contacts.c.id == contact, in_force)
    )
    ended, standing = [], []
    for row in connection.execute(ours).mappings().all():
        if _ends(consent, row["reason"], row["renewed_at"] or row["since"]):
            _lift(connection, row["hash"], row["reason"], given_at(consent), "consent")
            ended.append(row["reason"])
        else:
            standing.append(row["reason"])
    if ended:
        said = {"reasons": " ".join(sorted(ended)), "given_on": consent.given_on.isoformat(), "proof": consent.proof}
        record(connection, "suppression_lifted", said, contact, now)
    return Lifting(tuple(sorted(ended)), tuple(sorted(standing)))


def take_back(
    connection: Connection,
    contact: ContactId,
    address_hash: bytes,
    *,
    objected_at: datetime,
    wording: str,
    record: Record,
    now: datetime,
) -> bool:
    """End the objection of that very moment, which its own page took; False where it may not be, and nothing changes.

    It must be the only word against mail to this contact: whoever had objected before, or objected again since, needs
    a consent. What is recorded is no consent to mail either: afterwards the contact stands as it stood before.
    """
    # Meets: GDPR art. 7(1), 21(3)
    said = _only_stop(connection, contact, address_hash)
    first = None if said is None else (said["reason"], said["since"], said["renewed_at"], said["lifted_at"])
    if first != ("objected", objected_at, None, None):
        return _was_taken_back(connection, contact, address_hash, objected_at)
    version = f"undo-{sha256(wording.encode()).hexdigest()[:12]}"
    digest = keep_wording(connection, version, wording, now)
    given = Consent(now.astimezone(UTC).date(), version, "page", "person", "link", scope=UNDO, wording=digest)
    grant(connection, contact, given, record=record, now=now)
    _lift(connection, address_hash, "objected", now, "undone")
    record(connection, "suppression_lifted", {"reasons": "objected", "by": "undone"}, contact, now)
    return True


def _was_taken_back(connection: Connection, contact: ContactId, address_hash: bytes, objected_at: datetime) -> bool:
    """A button may be pressed twice: that very objection is undone already, and nothing else stands against mail."""
    if _said_against(connection, contact, address_hash, in_force):
        return False
    undone = ("objected", objected_at, None, "undone")
    said = _said_against(connection, contact, address_hash)
    return any((row["reason"], row["since"], row["renewed_at"], row["lifted_by"]) == undone for row in said)


def _only_stop(connection: Connection, contact: ContactId, address_hash: bytes) -> RowMapping | None:
    """The one thing in force against mail to the contact; None where there are several, or it has another address."""
    rows = _said_against(connection, contact, address_hash, in_force)
    return rows[0] if len(rows) == 1 else None


def _said_against(
    connection: Connection, contact: ContactId, address_hash: bytes, *conditions: ColumnElement[bool]
) -> Sequence[RowMapping]:
    theirs = (suppressions.c.hash == contacts.c.address_hash) | (suppressions.c.hash == contacts.c.domain_hash)
    same = (contacts.c.id == contact) & (contacts.c.address_hash == address_hash)
    wanted = select(suppressions).join(contacts, theirs).where(same, *conditions)
    return connection.execute(wanted).mappings().all()


def lift(connection: Connection, address_hash: bytes, reason: str, *, by: str, record: Record, now: datetime) -> bool:
    """End what the operator laid down: a restriction, a block. False where there is none."""
    if reason not in _BY_OPERATOR:
        raise ValueError("only the person's consent ends this")
    if not _lift(connection, address_hash, reason, now, by):
        return False
    record(connection, "suppression_lifted", {"reasons": reason, "by": by}, None, now)
    return True


def _ends(consent: Consent, reason: str, said_last: datetime) -> bool:
    proofs = _LIFTED_BY.get(reason, ())
    own = consent.by == "person" and consent.scope == MAIL and consent.withdrawn_on is None
    known = bool((consent.wording_version or "").strip())
    after = given_at(consent) > said_last and consent.given_on >= said_last.astimezone(UTC).date()
    return own and known and consent.proof in proofs and after


def _lift(connection: Connection, address_hash: bytes, reason: str, at: datetime, by: str) -> bool:
    mine = (suppressions.c.hash == address_hash) & (suppressions.c.reason == reason) & in_force
    lifting = update(suppressions).where(mine).values(lifted_at=at, lifted_by=by)
    return connection.execute(lifting.returning(suppressions.c.reason)).first() is not None
