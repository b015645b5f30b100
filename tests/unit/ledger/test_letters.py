"""The life of a letter: enrolled, claimed, opened, closed, never twice."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import event, select, update

from sender import ledger
from sender.ledger import NotOpened, State
from sender.model import Answer, LetterState, Outcome, Sums
from sender.store import Store, Writer
from sender.store.schema import attempts, letters, runs, suppressions
from tests.databases import NOW, overheard
from tests.unit.ledger.scene import (
    ACCEPTED,
    BOUNCED,
    DEFERRED,
    HELD,
    REFUSED,
    SEND,
    UNKNOWN,
    Scene,
    contact_id,
    die,
    hash_of,
)


@pytest.fixture
def scene(store: Store, tmp_path: Path) -> Scene:
    return Scene.make(store, tmp_path / "state", audience=5)


def test_everyone_is_sent_to_once(scene: Scene) -> None:
    """What was accepted is not claimed again, by this run or the next."""
    run = scene.start()

    assert len(scene.send(run, ACCEPTED)) == 5
    assert scene.claim(run) == ()
    ledger.end(scene.store, scene.state, run, scene.now)
    assert scene.claim(scene.start()) == ()
    assert scene.sums() == Sums(accepted=5)


def test_an_attempt_keeps_what_the_letter_was_about(scene: Scene) -> None:
    """The subject, so that a person can be told what was written to them."""
    (opened,) = scene.send(scene.start(), ACCEPTED, limit=1)

    with scene.store.read() as connection:
        kept = connection.execute(select(attempts.c.contact_id, attempts.c.subject)).all()

    assert [tuple(row) for row in kept] == [(opened.claim.contact, f"For {opened.claim.contact}")]


def test_two_runs_never_claim_the_same_letter(scene: Scene) -> None:
    """What one has claimed the other does not see."""
    one, other = scene.start(), scene.start()

    first, second = scene.claim(one, 3), scene.claim(other, 9)

    assert (len(first), len(second)) == (3, 2)
    assert not {c.contact for c in first} & {c.contact for c in second}


def test_what_was_tried_is_not_changed_by_enrolment(scene: Scene) -> None:
    """A later reading with another decision leaves accepted, refused and unknown letters alone."""
    run = scene.start()
    for answer in (ACCEPTED, REFUSED, UNKNOWN):
        scene.send(run, answer, 1)
    before = scene.sums()

    scene.read_audience(dict.fromkeys(range(5), SEND))

    assert scene.sums() == before == Sums(accepted=1, refused=1, unknown=1, waiting=2)


def test_rows_gone_from_the_file_are_withdrawn_and_may_come_back(scene: Scene) -> None:
    """Only what was never settled is withdrawn; the audience keeps its sum."""
    scene.send(scene.start(), ACCEPTED, 1)
    scene.read_audience({4: HELD})
    gone = scene.sums()
    scene.read_audience(dict.fromkeys(range(5), SEND))

    assert gone.audience == 5
    assert (gone.accepted, gone.withdrawn + gone.held) == (1, 4)
    assert scene.sums() == Sums(accepted=1, waiting=4)


def test_a_slow_older_reading_does_not_undo_a_newer_one(scene: Scene) -> None:
    """The newest complete reading's word holds."""
    with scene.store.write() as connection:
        old = ledger.begin_reading(connection, scene.campaign)
    scene.read_audience(dict.fromkeys(range(4), HELD))

    with scene.store.write() as connection:
        ledger.enrol(connection, scene.campaign, old, [(contact_id(n), SEND) for n in range(5)])
        ledger.withdraw(connection, scene.campaign, old)

    assert scene.sums() == Sums(held=4, withdrawn=1)


def test_a_deferred_letter_keeps_its_time_unless_it_is_held(scene: Scene) -> None:
    """Reading the file again does not hurry a letter that has to wait."""
    scene.send(scene.start(), DEFERRED)

    scene.read_audience({0: SEND, 1: SEND, 2: SEND, 3: HELD, 4: HELD})

    assert scene.sums() == Sums(deferred=3, held=2)


def test_equal_verdicts_are_stored_once_and_read_back(scene: Scene) -> None:
    """The decision can be shown as it was made."""
    with scene.store.read() as connection:
        assert ledger.verdicts_of(connection, scene.campaign, contact_id(2)) == SEND.verdicts


def test_an_objection_wins_between_claim_and_opening(scene: Scene) -> None:
    """A line in the objections file that the base never saw stops the letter that is about to go."""
    run = scene.start()
    claims = scene.claim(run)
    scene.state.record_objection(contact_id(3), hash_of(3), NOW)

    opened = scene.open(run, claims)

    assert contact_id(3) not in {one.claim.contact for one in opened}
    assert scene.sums() == Sums(sending=4, held=1)
    with scene.store.read() as connection:
        assert connection.execute(select(suppressions.c.hash, suppressions.c.reason)).all() == [
            (hash_of(3), "objected")
        ]
        assert ledger.history(connection, scene.campaign, [contact_id(3)], NOW.date())[contact_id(3)].suppression


def test_an_erased_contact_is_not_mailed(scene: Scene) -> None:
    """No row in the base, no letter, whoever claimed it."""
    from sqlalchemy import delete

    from sender.store.schema import contacts

    run = scene.start()
    claims = scene.claim(run)
    with scene.store.write() as connection:
        connection.execute(delete(contacts).where(contacts.c.id == contact_id(1)))

    assert len(scene.open(run, claims)) == 4
    assert scene.sums().held == 1


def test_suppression_and_attempt_stand_in_one_transaction(scene: Scene) -> None:
    """The suppression list is asked, the attempt written, all committed; only then comes the answer."""
    run = scene.start()
    claims = scene.claim(run)
    trace = overheard(scene.store)
    event.listen(scene.store.engine, "commit", lambda _: trace.append("COMMIT"))
    writer = Writer(scene.store)

    future = writer.submit(
        lambda c: ledger.open_attempts(
            c, scene.state, [ledger.Wanted(one, "<a@example.org>") for one in claims], scene.now
        )
    )
    future.add_done_callback(lambda _: trace.append("ANSWER"))
    future.result(30)
    writer.close()

    asked = next(n for n, words in enumerate(trace) if "suppressions.hash" in words and words.startswith("SELECT"))
    written = next(n for n, words in enumerate(trace) if words.startswith("INSERT INTO attempts"))
    assert asked < written < trace.index("COMMIT") < trace.index("ANSWER")
    assert trace.count("COMMIT") == 1
    assert "BEGIN" not in "".join(trace[asked:written])
    if scene.store.dialect == "sqlite":
        assert trace[0] == "BEGIN IMMEDIATE"


def test_a_held_or_withdrawn_letter_is_not_opened(scene: Scene) -> None:
    """Whatever changed since the claim wins."""
    run = scene.start()
    claims = scene.claim(run)
    scene.read_audience({0: HELD, 1: SEND})

    with scene.store.write() as connection:
        results = ledger.open_attempts(
            connection, scene.state, [ledger.Wanted(one, "<x@e>") for one in claims], scene.now
        )

    assert [one.why for one in results if isinstance(one, NotOpened)] == ["lost"] * 4


def test_given_back_letters_wait_as_before(scene: Scene) -> None:
    """Nothing of them was on the wire: no attempt counts, and they are claimed again."""
    run = scene.start()
    opened = scene.open(run, scene.claim(run))
    with scene.store.write() as connection:
        ledger.give_back(connection, opened, scene.now)

    assert scene.sums() == Sums(waiting=5)
    again = scene.send(run, ACCEPTED)
    assert {one.number for one in again} == {2}
    with scene.store.read() as connection:
        assert ledger.run_sums(connection, run.id) == Sums(accepted=5)


def test_a_deferred_letter_is_tried_again_in_time(scene: Scene) -> None:
    """First after five minutes, then after fifteen, then after thirty; given up after four days."""
    run, tries = scene.start(), []
    for minutes in (5, 15, 30, 60):
        tries.append(len(scene.send(run, DEFERRED)))
        assert scene.claim(run) == ()
        scene.later(minutes=minutes - 0.1)
        assert scene.claim(run) == ()
        scene.later(minutes=0.1)

    assert tries == [5, 5, 5, 5]
    scene.later(days=4)
    scene.send(run, DEFERRED)
    assert scene.sums() == Sums(refused=5)
    with scene.store.read() as connection:
        assert set(connection.execute(select(letters.c.reason)).scalars()) == {"given_up"}


def test_a_hard_bounce_stops_the_address_for_ever(scene: Scene) -> None:
    """The suppression is written with the outcome."""
    scene.send(scene.start(), BOUNCED, 1)

    with scene.store.read() as connection:
        assert connection.execute(select(suppressions.c.reason)).scalars().all() == ["bounced"]


def test_the_relays_words_hold_no_address(scene: Scene) -> None:
    """What the relay says is kept without the address it names."""
    scene.send(scene.start(), REFUSED, 1)

    with scene.store.read() as connection:
        answer = connection.execute(select(attempts.c.answer)).scalar_one()
    assert "dupont" not in answer
    assert "example.org" not in answer


# --- death


def test_the_attempts_of_a_dead_run_become_unknown_at_once(scene: Scene) -> None:
    """The next run on the machine sees the death; what was only claimed is free again."""
    dead = scene.start()
    scene.open(dead, scene.claim(dead, 2))
    scene.claim(dead, 2)
    die(dead)

    run = scene.start()

    assert scene.sums() == Sums(unknown=2, waiting=3)
    assert len(scene.send(run, ACCEPTED)) == 3
    assert scene.sums() == Sums(unknown=2, accepted=3)


def test_a_living_run_keeps_its_attempts(scene: Scene) -> None:
    """Another run's start changes nothing for a run that lives, even when its lease has passed."""
    living = scene.start()
    scene.open(living, scene.claim(living, 2))
    scene.later(minutes=10)

    scene.start()

    assert scene.sums() == Sums(sending=2, waiting=3)


def test_other_machines_wait_for_the_lease(scene: Scene, tmp_path: Path) -> None:
    """They cannot see the lock: within 60 seconds the run counts as alive."""
    dead = scene.start()
    scene.open(dead, scene.claim(dead, 2))
    die(dead)
    elsewhere = State(tmp_path / "elsewhere")
    scene.later(seconds=60)
    assert ledger.reap(scene.store, elsewhere, scene.now) == 0
    scene.later(seconds=1)

    assert ledger.reap(scene.store, elsewhere, scene.now) == 2


def test_a_run_taken_for_dead_opens_nothing_and_its_late_answers_count(scene: Scene, tmp_path: Path) -> None:
    """Its claims are gone; what it hears from the relay is the truth all the same."""
    slow = scene.start()
    opened, kept = scene.open(slow, scene.claim(slow, 2)), scene.claim(slow, 2)
    scene.later(seconds=61)
    ledger.reap(scene.store, State(tmp_path / "elsewhere"), scene.now)

    assert scene.open(slow, kept) == []
    scene.close(opened, ACCEPTED)

    assert scene.sums() == Sums(accepted=2, waiting=3)


def test_late_answers_stand_beside_the_heartbeat_that_came_too_late(scene: Scene, tmp_path: Path) -> None:
    """Both are written by one thread, maybe in one commit: that the run counts as dead undoes no answer."""
    slow = scene.start()
    opened = scene.open(slow, scene.claim(slow, 2))
    scene.later(seconds=61)
    ledger.reap(scene.store, State(tmp_path / "elsewhere"), scene.now)
    closings = [ledger.Closing(one, ACCEPTED) for one in opened]
    writer = Writer(scene.store)

    beaten = writer.submit(lambda connection: ledger.beat(connection, slow, scene.now))
    closed = writer.submit(lambda connection: ledger.close_attempts(connection, closings, scene.now))

    assert beaten.result(30) is False
    assert closed.result(30) is None
    writer.close()
    assert scene.sums() == Sums(accepted=2, waiting=3)


def test_a_heartbeat_prolongs_the_lease(scene: Scene, tmp_path: Path) -> None:
    """A run that beats is not taken for dead."""
    run = scene.start()
    scene.later(seconds=50)
    with scene.store.write() as connection:
        ledger.beat(connection, run, scene.now)
    scene.later(seconds=50)

    ledger.reap(scene.store, State(tmp_path / "elsewhere"), scene.now)

    with scene.store.read() as connection:
        assert connection.execute(select(runs.c.state)).scalar_one() == "live"


def test_an_answer_does_not_undo_what_a_person_settled(scene: Scene) -> None:
    """The operator's word stands."""
    dead = scene.start()
    opened = scene.open(dead, scene.claim(dead, 1))
    die(dead)
    scene.start()
    with scene.store.write() as connection:
        ledger.settle_all_accepted(connection, scene.campaign, scene.now)

    scene.close(opened, DEFERRED)

    assert scene.sums() == Sums(accepted=1, waiting=4)


def test_the_end_of_a_run_frees_its_claims(scene: Scene) -> None:
    """And what it left open is unknown."""
    run = scene.start()
    scene.open(run, scene.claim(run, 1))
    scene.claim(run, 4)

    ledger.end(scene.store, scene.state, run, scene.now)

    assert scene.sums() == Sums(unknown=1, waiting=4)
    assert len(scene.claim(scene.start())) == 4


# --- facts for the gates


def test_history_counts_mails_of_all_campaigns_once_each(scene: Scene) -> None:
    """Accepted and unknown ones within a year count; what this campaign settled is named."""
    run = scene.start()
    scene.send(run, ACCEPTED, 1)
    scene.send(run, UNKNOWN, 1)
    scene.send(run, REFUSED, 1)
    with scene.store.read() as connection:
        rows = connection.execute(select(letters.c.contact_id, letters.c.state)).all()
        people = {row.state: row.contact_id for row in rows}
        here = ledger.history(connection, scene.campaign, list(people.values()), NOW.date())
        later = ledger.history(connection, None, list(people.values()), NOW.date().replace(year=2028))

    assert {state: here[who].mails_last_12_months for state, who in people.items()} == {
        "accepted": 1,
        "unknown": 1,
        "refused": 0,
        "waiting": 0,
    }
    assert here[people["refused"]].already is LetterState.REFUSED
    assert here[people["waiting"]].already is None
    assert {one.mails_last_12_months for one in later.values()} == {0}


def test_probable_doubles_share_name_and_company(scene: Scene) -> None:
    """Letter case aside, of letters with accents too; people without a name are no doubles."""
    from sender.store.schema import contacts

    with scene.store.write() as connection:
        for number, name in ((0, "Éléonore"), (1, "ÉLÉONORE")):
            named = update(contacts).where(contacts.c.id == contact_id(number))
            connection.execute(named.values(first_name=name, last_name="Petit", company="Éluard"))
    with scene.store.read() as connection:
        found = ledger.probable_doubles(connection, scene.campaign)

    assert found == ((contact_id(0), contact_id(1)),)


def test_message_ids_are_the_same_in_every_attempt() -> None:
    """And differ by base, campaign and contact."""
    one = ledger.message_id("b", "spring", contact_id(1), "example.org")

    assert one == ledger.message_id("b", "spring", contact_id(1), "example.org")
    assert len({one, ledger.message_id("b", "spring", contact_id(2), "example.org")}) == 2
    assert one.startswith("<")
    assert one.endswith("@example.org>")


def test_a_hundred_thousand_letters_are_enrolled_in_seconds(store: Store, tmp_path: Path) -> None:
    """In batches, as the pipeline does it; here a tenth of it, in a tenth of the time."""
    import time

    scene = Scene.make(store, tmp_path / "state")
    begun = time.monotonic()
    with store.write() as connection:
        reading = ledger.begin_reading(connection, scene.campaign)
        for start in range(0, 10_000, 1000):
            batch = [(contact_id(n), SEND) for n in range(start, start + 1000)]
            ledger.enrol(connection, scene.campaign, reading, batch)

    assert time.monotonic() - begun < 5
    assert scene.sums() == Sums(waiting=10_000)


def test_an_answer_is_kept_whatever_bytes_the_relay_sends(scene: Scene) -> None:
    """PostgreSQL has no zero in a text; quotes and backslashes are text in both."""
    run = scene.start()
    text = 'Ok\0: "4F1" \\u0000 é\ud7ff %s ?'
    scene.close(scene.open(run, scene.claim(run, 1)), Answer(Outcome.ACCEPTED, 250, "2.0.0", text, "dot"))

    with scene.store.read() as connection:
        assert connection.execute(select(attempts.c.answer)).scalars().all() == [text.replace("\0", "")]


def test_no_statement_of_a_letters_way_walks_through_a_table(tmp_path: Path) -> None:
    """However many letters were sent before: SQLite keeps no statistics, and takes the way that the words suggest."""
    store = Store.open(str(tmp_path / "sender.db"), create=True, now=NOW)
    scene = Scene.make(store, tmp_path / "state", audience=5)
    run = scene.start()
    said = overheard(store)
    for answer in (ACCEPTED, DEFERRED, BOUNCED):
        scene.send(run, answer, 1)
    opened, claims = scene.open(run, scene.claim(run, 1)), scene.claim(run, 1)
    with store.write() as connection:
        ledger.give_back(connection, opened, scene.now)
        ledger.release(connection, claims)

    told = [words for words in dict.fromkeys(said) if words.split()[0] in {"SELECT", "INSERT", "UPDATE"}]
    with store.read() as connection:
        steps = {row[3]: words for words in told for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {words}")}
    ways = [f"SCAN {table}" for table in ("letters", "attempts", "contacts")]
    ways += [f"SEARCH {table} USING PRIMARY KEY (campaign_id=?)" for table in ("letters", "attempts")]
    walks = {step for step in steps if step.startswith(tuple(ways))}
    assert any("ix_letters_claimable" in step for step in steps)
    assert not walks, [steps[walk] for walk in walks]
    store.close()
