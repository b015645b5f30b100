"""What ends a suppression: the person's own new consent, for what the person or a list had said.

    objected, excluded   a consent to mail, proved (double opt-in or signed), given after the last objection
    bounced              the same by double opt-in only: the answer came from the mailbox, so it is there again
    complained           nothing: the person's provider counts the next mail against everybody whom the sender writes to
    erased               nothing: there is nobody left in the base whose consent it could be
    restricted, domain   whoever laid them: the end of a restriction is told to the person first (GDPR art. 18(3))

The rows keep both dates. A newer objection counts again; so does every one that the consent does not come after.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from sqlalchemy import Connection, select, update

from sender.contacts.consents import MAIL, Record
from sender.model import Consent, ContactId
from sender.store.schema import contacts, in_force, suppressions

__all__ = ["Lifting", "given_at", "lift", "lift_by_consent"]

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
