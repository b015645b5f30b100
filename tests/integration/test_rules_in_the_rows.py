"""What plain SQL cannot do, past every room of the program: the rules stand where the rows are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, delete, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from sender.errors import Fault
from sender.ledger import Claim
from sender.store import Store
from sender.store.schema import attempts, consents, contacts, in_force, sales, suppressions
from tests.databases import NOW
from tests.unit.ledger.scene import Scene, contact_id, hash_of

ANNE, BORIS = 0, 1
LATER = NOW + timedelta(days=2)
CONSENT: dict[str, Any] = {
    "contact_id": contact_id(ANNE),
    "given_on": LATER.date(),
    "wording_version": "v1",
    "channel": "form",
    "given_by": "person",
    "proof": "double_opt_in",
    "recorded_at": LATER,
}
LIFTED = {"lifted_at": LATER, "lifted_by": "consent"}


@pytest.fixture
def scene(store: Store, tmp_path: Path) -> Scene:
    return Scene.make(store, tmp_path / "state", audience=2)


def put(scene: Scene, reason: str = "objected", number: int = ANNE, hashed: bytes | None = None) -> None:
    with scene.store.write() as connection:
        row = {"hash": hashed or hash_of(number), "reason": reason, "normalisation": 2, "since": NOW}
        connection.execute(insert(suppressions).values(row))


def stopped(scene: Scene, statement: Any) -> str:
    """The rule that stopped ``statement``; nothing of it stays."""
    with pytest.raises(Fault) as caught, scene.store.write() as connection:
        connection.execute(text(statement) if isinstance(statement, str) else statement)
    assert caught.value.complaints[0].code == "SC-515"
    assert isinstance(caught.value.__cause__, IntegrityError)
    return str(caught.value.__cause__.orig)


def holds(scene: Scene, hashed: bytes) -> bool:
    with scene.store.read() as connection:
        return (
            connection.execute(select(suppressions).where(suppressions.c.hash == hashed, in_force)).first() is not None
        )


@pytest.mark.parametrize(
    "statement",
    [
        delete(suppressions),
        update(suppressions).values(hash=b"x" * 32),
        update(suppressions).values(reason="bounced"),
        update(suppressions).values(since=LATER),
        update(suppressions).values(normalisation=1),
        update(suppressions).values(origin="nowhere"),
        update(suppressions).values(renewed_at=NOW - timedelta(days=1)),
        update(suppressions).values(lifted_by="me"),
        update(suppressions).values(LIFTED),
        insert(suppressions).values(hash=b"y" * 32, reason="objected", normalisation=2, since=NOW, **LIFTED),
    ],
    ids=str,
)
def test_a_suppression_is_not_taken_back_by_hand(scene: Scene, statement: Any) -> None:
    """Neither deleted, nor turned into another, nor lifted without a consent, nor born lifted."""
    put(scene)

    assert "suppression" in stopped(scene, statement)
    assert holds(scene, hash_of(ANNE))


@pytest.mark.parametrize("reason", ["objected", "excluded", "bounced"])
def test_the_own_new_consent_lifts(scene: Scene, reason: str) -> None:
    """Given and recorded after it; the row keeps both dates."""
    put(scene, reason)
    with scene.store.write() as connection:
        connection.execute(insert(consents).values(CONSENT))
        connection.execute(update(suppressions).values(LIFTED))

    assert not holds(scene, hash_of(ANNE))
    with scene.store.read() as connection:
        assert connection.execute(select(suppressions.c.since, suppressions.c.lifted_at)).one() == (NOW, LATER)


@pytest.mark.parametrize(
    ("reason", "changes"),
    [
        ("objected", {"recorded_at": NOW - timedelta(days=1)}),
        ("objected", {"given_on": NOW.date() - timedelta(days=1)}),
        ("objected", {"proof": "log_only"}),
        ("objected", {"given_by": "third_party"}),
        ("objected", {"scope": "tracking"}),
        ("objected", {"withdrawn_on": LATER.date()}),
        ("objected", {"contact_id": contact_id(BORIS)}),
        ("bounced", {"proof": "signed"}),
        ("erased", {}),
        ("complained", {}),
    ],
)
def test_no_other_consent_lifts(scene: Scene, reason: str, changes: dict[str, Any]) -> None:
    """Older, without proof, somebody else's, for something else; an erasure and a complaint by none."""
    put(scene, reason)
    with scene.store.write() as connection:
        connection.execute(insert(consents).values(CONSENT | changes))

    stopped(scene, update(suppressions).values(LIFTED))
    assert holds(scene, hash_of(ANNE))


@pytest.mark.parametrize("reason", ["domain", "restricted"])
def test_what_the_operator_laid_down_the_operator_lifts(scene: Scene, reason: str) -> None:
    """A block of one's own, a restriction that is over; who did it is named."""
    put(scene, reason)
    stopped(scene, update(suppressions).values(lifted_at=LATER))
    with scene.store.write() as connection:
        connection.execute(update(suppressions).values(LIFTED))

    assert not holds(scene, hash_of(ANNE))


@pytest.mark.parametrize("table", [consents, sales])
def test_what_somebody_gave_is_not_rewritten(scene: Scene, table: Any) -> None:
    """Not deleted, not changed, not replaced, as long as the person is there; with the person it goes."""
    row = (
        CONSENT
        if table is consents
        else {"contact_id": contact_id(ANNE), "sold_on": date(2026, 1, 1), "recorded_at": NOW}
    )
    with scene.store.write() as connection:
        connection.execute(insert(table).values(row | {"id": 1}))

    stopped(scene, delete(table))
    stopped(scene, update(table).values(contact_id=contact_id(BORIS)))
    if scene.store.dialect == "sqlite":
        stopped(scene, f"INSERT OR REPLACE INTO {table.name} SELECT * FROM {table.name}")
    else:
        stopped(scene, f"TRUNCATE {table.name}")
    with scene.store.write() as connection:
        connection.execute(delete(contacts).where(contacts.c.id == contact_id(ANNE)))
        assert connection.execute(select(table)).all() == []


def test_an_erased_person_does_not_come_back(scene: Scene) -> None:
    """Neither as a new row nor under a changed address."""
    gone = sha256(b"gone").digest()
    put(scene, "erased", hashed=gone)
    row = {"id": "a" * 32, "email_key": "g@x.example", "email": "g@x.example", "source_kind": "form"}

    for statement in (
        insert(contacts).values(row | {"address_hash": gone, "created_at": NOW, "updated_at": NOW}),
        update(contacts).where(contacts.c.id == contact_id(ANNE)).values(address_hash=gone),
    ):
        assert "erased" in stopped(scene, statement)


@pytest.mark.parametrize("reason", ["objected", "erased", "complained", "excluded", "restricted"])
def test_a_changed_address_keeps_what_its_holder_said(scene: Scene, reason: str) -> None:
    """Correcting an address is no way round an objection."""
    put(scene, reason)
    with scene.store.write() as connection:
        connection.execute(
            update(contacts)
            .where(contacts.c.id == contact_id(ANNE))
            .values(address_hash=b"n" * 32, email="n@x.example")
        )

    assert holds(scene, b"n" * 32)


def test_a_bounce_belongs_to_the_address_alone(scene: Scene) -> None:
    """The corrected one may exist."""
    put(scene, "bounced")
    with scene.store.write() as connection:
        connection.execute(update(contacts).where(contacts.c.id == contact_id(ANNE)).values(address_hash=b"n" * 32))

    assert not holds(scene, b"n" * 32)


def by_hand(connection: Connection, scene: Scene, claim: Claim) -> None:
    connection.execute(
        insert(attempts).values(
            campaign_id=claim.campaign_id,
            contact_id=claim.contact,
            number=1,
            run_id=claim.run_id,
            fence=claim.fence,
            message_id="<x@x.example>",
            opened_at=scene.now,
        )
    )


def objected(connection: Connection) -> None:
    connection.execute(insert(suppressions).values(hash=hash_of(ANNE), reason="objected", normalisation=2, since=NOW))


def domain_blocked(connection: Connection) -> None:
    connection.execute(insert(suppressions).values(hash=b"d" * 32, reason="domain", normalisation=1, since=NOW))
    connection.execute(update(contacts).values(domain_hash=b"d" * 32))


def said_again(connection: Connection) -> None:
    """Lifted by a consent, then objected anew."""
    objected(connection)
    connection.execute(insert(consents).values(CONSENT))
    connection.execute(update(suppressions).values(LIFTED))
    connection.execute(update(suppressions).values(renewed_at=LATER + timedelta(hours=1)))


def gone(connection: Connection) -> None:
    connection.execute(delete(contacts).where(contacts.c.id == contact_id(ANNE)))


@pytest.mark.parametrize("what", [objected, domain_blocked, said_again, gone])
def test_no_attempt_is_opened_for_whom_no_mail_may_go_to(scene: Scene, what: Callable[[Connection], None]) -> None:
    """Though the query before it were wrong, or was never asked."""
    run = scene.start()
    claim = next(one for one in scene.claim(run) if one.contact == contact_id(ANNE))
    with scene.store.write() as connection:
        what(connection)

    with pytest.raises(Fault) as caught, scene.store.write() as connection:
        by_hand(connection, scene, claim)

    assert "may not be mailed" in str(caught.value.__cause__)


def test_others_are_mailed(scene: Scene) -> None:
    """The rule stops nobody else."""
    run = scene.start()
    put(scene, number=BORIS)
    claim = next(one for one in scene.claim(run) if one.contact == contact_id(ANNE))
    with scene.store.write() as connection:
        by_hand(connection, scene, claim)
