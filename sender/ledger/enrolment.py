"""Who is in a campaign's audience, and what was decided about each: one letter a contact.

Each reading of the contact file has a number from the base. Enrolling raises a letter's number; when a reading is
complete, what stayed below it is no longer in the file. What was tried is never touched.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from hashlib import sha256
from types import MappingProxyType
from typing import NamedTuple

from sqlalchemy import Connection, case, func, or_, select, update
from sqlalchemy.sql.dml import Insert

from sender.model import ContactId, Decision, Finding, Verdict
from sender.store.kept import enter_rows
from sender.store.schema import campaigns, letters, verdict_sets
from sender.store.statements import insert_in, insert_into

__all__ = [
    "begin_reading",
    "decisions_digest",
    "enrol",
    "enter_verdicts",
    "read_verdicts",
    "verdicts_of",
    "withdraw",
]

_UNTRIED = ("waiting", "held", "withdrawn")


def begin_reading(connection: Connection, campaign_id: int) -> int:
    """The number of a new reading of the audience."""
    raised = update(campaigns).where(campaigns.c.id == campaign_id).values(reading=campaigns.c.reading + 1)
    return int(connection.execute(raised.returning(campaigns.c.reading)).scalar_one())


def enrol(
    connection: Connection,
    campaign_id: int,
    reading: int,
    decided: Iterable[tuple[ContactId, Decision]],
    titles: Mapping[ContactId, str | None] = MappingProxyType({}),
) -> None:
    """Write what was decided about a batch of contacts, and on which titles; the newest reading's word holds."""
    # Meets: DESIGN 4.1 (no mail without a recorded decision), D2 (the raw title is part of the evidence)
    if _superseded(connection, campaign_id, reading):
        return
    batch = dict(decided)
    if not batch:
        return
    sets = _in_writing(batch.values())
    _enter_sets(connection, sets.values())
    may = "unknown" if _doubtful(connection, campaign_id) else "waiting"
    rows = [
        {
            "contact_id": contact,
            "state": may if decision.may_send else "held",
            "verdicts": sets[id(decision)].digest,
            "title": titles.get(contact),
        }
        for contact, decision in batch.items()
    ]
    enter_rows(connection, _upsert(connection.dialect.name), rows, {"campaign_id": campaign_id, "reading": reading})


def withdraw(connection: Connection, campaign_id: int, reading: int) -> int:
    """The reading is complete: letters it did not meet, and that were not settled, are withdrawn. Returns how many."""
    if _superseded(connection, campaign_id, reading):
        return 0
    gone = (
        (letters.c.campaign_id == campaign_id)
        & (letters.c.reading < reading)
        & letters.c.state.in_(("waiting", "held", "deferred"))
    )
    count = connection.execute(update(letters).where(gone).values(state="withdrawn", claimed_by=None)).rowcount
    connection.execute(update(campaigns).where(campaigns.c.id == campaign_id).values(complete_reading=reading))
    return count


def enter_verdicts(connection: Connection, verdicts: tuple[Verdict, ...]) -> str:
    """Store a set of verdicts once; returns the digest under which it stands."""
    written = _Written.of(verdicts)
    _enter_sets(connection, [written])
    return written.digest


def decisions_digest(connection: Connection, campaign_id: int) -> str:
    """One hash over what was decided about everybody: the journal keeps it, the ledger can be held against it."""
    wanted = select(letters.c.contact_id, letters.c.verdicts).where(letters.c.campaign_id == campaign_id)
    digest = sha256()
    for contact, verdicts in connection.execute(wanted.order_by(letters.c.contact_id)):
        digest.update(f"{contact} {verdicts}\n".encode())
    return digest.hexdigest()


def verdicts_of(connection: Connection, campaign_id: int, contact: ContactId) -> tuple[Verdict, ...]:
    """What was decided about one contact; empty where it is not in the audience."""
    theirs = (letters.c.campaign_id == campaign_id) & (letters.c.contact_id == contact)
    joined = select(verdict_sets.c.verdicts).join(letters, letters.c.verdicts == verdict_sets.c.digest)
    written = connection.execute(joined.where(theirs)).scalar()
    return read_verdicts(written or "[]")


def read_verdicts(written: str) -> tuple[Verdict, ...]:
    """A set of verdicts as the table ``verdict_sets`` holds it."""
    return tuple(_verdict(entry) for entry in json.loads(written))


def _superseded(connection: Connection, campaign_id: int, reading: int) -> bool:
    """A newer reading is already complete: this one's word is old."""
    complete = select(campaigns.c.complete_reading).where(campaigns.c.id == campaign_id)
    return int(connection.execute(complete).scalar_one()) > reading


def _doubtful(connection: Connection, campaign_id: int) -> bool:
    """A restored base cannot know whether a letter that it has not heard of was sent: then it is unknown."""
    since = select(campaigns.c.doubtful_since).where(campaigns.c.id == campaign_id)
    return connection.execute(since).scalar() is not None


@cache
def _upsert(dialect: str) -> Insert:
    statement = insert_in(dialect, letters)
    new, old = statement.excluded, letters.c
    untried = or_(*(old.state == word for word in _UNTRIED))  # IN does not go with executemany
    state = case(
        (untried, new.state),
        ((old.state == "deferred") & (new.state == "held"), new.state),
        else_=old.state,
    )
    verdicts = case((untried | (old.state == "deferred"), new.verdicts), else_=old.verdicts)
    title = case((untried | (old.state == "deferred"), func.coalesce(new.title, old.title)), else_=old.title)
    return statement.on_conflict_do_update(
        index_elements=["campaign_id", "contact_id"],
        set_={"state": state, "reading": new.reading, "verdicts": verdicts, "title": title},
        where=new.reading >= old.reading,
    )


# --- verdicts in writing


class _Written(NamedTuple):
    digest: str
    text: str

    @classmethod
    def of(cls, verdicts: tuple[Verdict, ...]) -> _Written:
        text = json.dumps([_plain(verdict) for verdict in verdicts], ensure_ascii=False, sort_keys=True)
        return cls(sha256(text.encode()).hexdigest(), text)


def _in_writing(decisions: Iterable[Decision]) -> dict[int, _Written]:
    """By the decision's identity: what the gates say alike about many is one object, and is written once."""
    return {name: _Written.of(one.verdicts) for name, one in {id(each): each for each in decisions}.items()}


def _enter_sets(connection: Connection, written: Iterable[_Written]) -> None:
    statement = insert_into(connection, verdict_sets).on_conflict_do_nothing()
    connection.execute(statement, [{"digest": one.digest, "verdicts": one.text} for one in sorted(set(written))])


def _plain(verdict: Verdict) -> dict[str, object]:
    """A finding's place is left out: it is a line of a file that may change."""
    findings = [{"code": one.code, "facts": dict(one.facts), "rule": one.rule} for one in verdict.findings]
    return {"gate": verdict.gate, "passed": verdict.passed, "findings": findings}


def _verdict(entry: dict[str, object]) -> Verdict:
    findings = entry["findings"]
    assert isinstance(findings, list)  # noqa: S101 - for the type checker
    return Verdict(str(entry["gate"]), bool(entry["passed"]), tuple(_finding(one) for one in findings))


def _finding(entry: dict[str, object]) -> Finding:
    facts = entry["facts"]
    assert isinstance(facts, dict)  # noqa: S101 - for the type checker
    known = {name: tuple(value) if isinstance(value, list) else value for name, value in facts.items()}
    return Finding(str(entry["code"]), known, str(entry["rule"]))
