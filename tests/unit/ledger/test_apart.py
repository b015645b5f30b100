"""What lies apart from the base, restored bases, the journal, names of campaigns, settling unknown letters."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, text, update

from sender import ledger
from sender.errors import Exit, SenderError
from sender.ledger import JournalHead, StartedRun, State, journal
from sender.ledger.journal import Alteration
from sender.ledger.patience import next_try
from sender.model import ContactId, Sums
from sender.store import Store
from sender.store.schema import journal as entries
from sender.store.schema import journal_payloads
from tests.databases import NOW
from tests.unit.ledger.scene import ACCEPTED, SEND, Scene, contact_id, die, hash_of

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def scene(store: Store, tmp_path: Path) -> Scene:
    return Scene.make(store, tmp_path / "state", audience=4)


# --- files


def test_objections_are_read_from_where_the_last_reader_stopped(tmp_path: Path) -> None:
    """Each line once; a line that a crash tore is passed over and the next one stands alone."""
    state = State(tmp_path)
    state.record_objection(contact_id(1), hash_of(1), NOW)
    first, offset = state.objections_after(0)
    with (tmp_path / "objections").open("ab") as file:
        file.write(b"0000 torn")
    assert state.objections_after(offset) == ((), offset)

    State(tmp_path).record_objection(contact_id(2), hash_of(2), NOW, "complained")
    second, end = state.objections_after(offset)

    assert [(one.contact, one.address_hash, one.at, one.reason) for one in (*first, *second)] == [
        (contact_id(1), hash_of(1), NOW, "objected"),
        (contact_id(2), hash_of(2), NOW, "complained"),
    ]
    assert end == state.objections_size()


def test_the_kept_head_never_goes_back(tmp_path: Path) -> None:
    """Two processes may finish in any order."""
    state = State(tmp_path)
    state.keep_head(JournalHead(5, "a" * 64))
    state.keep_head(JournalHead(4, "b" * 64))

    assert State(tmp_path).head() == JournalHead(5, "a" * 64)


def test_a_machine_keeps_its_name(tmp_path: Path) -> None:
    """And another has another."""
    assert State(tmp_path / "a").host == State(tmp_path / "a").host != State(tmp_path / "b").host


def test_a_damaged_state_stops_everything(tmp_path: Path) -> None:
    """Without the head an old base would pass for a new one."""
    state = State(tmp_path)
    (tmp_path / "head").write_text("nonsense")

    with pytest.raises(SenderError) as caught:
        state.head()
    assert (caught.value.exit, caught.value.complaints[0].code) == (Exit.UNREACHABLE, "SC-526")


def test_a_lock_is_free_when_its_process_is_gone(tmp_path: Path) -> None:
    """Held while the run lives, free afterwards."""
    state = State(tmp_path)
    lock = state.lock_run("r1")
    lock.count(7)
    assert state.lives("r1")

    lock.release()

    assert not state.lives("r1")
    assert state.counts() == {"r1": 7}


def test_started_runs_are_remembered(tmp_path: Path) -> None:
    """Names with accents and line ends included."""
    run = StartedRun("r", "été\n2026", "/c/é.yaml")
    State(tmp_path).record_run(run)

    assert State(tmp_path).started_runs() == (run,)


# --- restored bases


def snapshot(scene: Scene, folder: Path) -> Path:
    copy = folder / "backup.db"
    with scene.store.write() as connection:
        assert connection.dialect.name == "sqlite"
    with scene.store.engine.connect() as connection:
        connection.rollback()
        connection.connection.driver_connection.execute(f"VACUUM INTO '{copy}'")
    return copy


@pytest.fixture
def on_sqlite(tmp_path: Path) -> Scene:
    made = Store.open(str(tmp_path / "s.db"), create=True)
    yield Scene.make(made, tmp_path / "state", audience=4)
    made.close()


def restore(scene: Scene, copy: Path) -> Scene:
    """The base goes back to ``copy``; the state folder stays."""
    where = copy.with_name("restored.db")
    shutil.copy(copy, where)
    return Scene(Store.open(str(where)), scene.state, scene.campaign, scene.now)


def refused(scene: Scene) -> SenderError:
    with pytest.raises(SenderError) as caught:
        scene.start()
    return caught.value


@pytest.mark.parametrize("how", ["ended", "killed"])
def test_a_restored_base_sends_nothing_until_it_is_resolved(on_sqlite: Scene, tmp_path: Path, how: str) -> None:
    """Letters sent after the backup are not sent again: all that is not settled becomes unknown."""
    run = on_sqlite.start()
    on_sqlite.send(run, ACCEPTED, 1)
    copy = snapshot(on_sqlite, tmp_path)
    on_sqlite.send(run, ACCEPTED, 2)
    if how == "ended":
        ledger.end(on_sqlite.store, on_sqlite.state, run, NOW)
    else:
        die(run)
    old = restore(on_sqlite, copy)

    error = refused(old)
    count = ledger.settle_restored(old.store, old.state, NOW)
    old.people(range(4, 5))
    old.read_audience(dict.fromkeys(range(5), SEND))

    assert (error.exit, error.complaints[0].code) == (Exit.UNKNOWNS_WAIT, "SC-520")
    assert count == 3
    assert old.claim(old.start()) == ()
    assert old.sums() == Sums(accepted=1, unknown=4)
    old.store.close()


def test_a_campaign_that_the_base_has_lost_is_not_sent_again(on_sqlite: Scene, tmp_path: Path) -> None:
    """A backup from before the campaign's first run: its contacts are unknown, not waiting."""
    copy = snapshot(on_sqlite, tmp_path)
    with on_sqlite.store.write() as connection:
        on_sqlite.campaign = ledger.identify(connection, "summer", Path("/c/summer.yaml"), {}, NOW).id
    on_sqlite.read_audience(dict.fromkeys(range(4), SEND))
    run = on_sqlite.start()
    on_sqlite.send(run, ACCEPTED)
    ledger.end(on_sqlite.store, on_sqlite.state, run, NOW)
    old = restore(on_sqlite, copy)
    ledger.settle_restored(old.store, old.state, NOW)

    with old.store.write() as connection:
        old.campaign = ledger.identify(connection, "summer", Path("/c/summer.yaml"), {}, NOW).id
    old.read_audience(dict.fromkeys(range(4), SEND))

    assert old.sums() == Sums(unknown=4)
    assert old.claim(old.start()) == ()
    old.store.close()


def test_the_log_ends_the_doubt(on_sqlite: Scene, tmp_path: Path) -> None:
    """Where it covers the whole gap, what it does not name waits again."""
    copy = snapshot(on_sqlite, tmp_path)
    run = on_sqlite.start()
    sent = on_sqlite.send(run, ACCEPTED, 1)
    ledger.end(on_sqlite.store, on_sqlite.state, run, NOW)
    old = restore(on_sqlite, copy)
    ledger.settle_restored(old.store, old.state, NOW)
    lines = [
        f"Apr  2 09:00:00 mx postfix/cleanup[9]: 4F1: message-id={sent[0].message_id}",
        "Apr  2 09:00:00 mx postfix/qmgr[8]: 4F1: from=<a@example.org>, size=900, nrcpt=1 (queue active)",
    ]
    whole = ledger.read_log(lines, complete_from=NOW.replace(year=1970, month=1, day=1, hour=0), until=LATER)

    with old.store.write() as connection:
        settled = ledger.settle_from_log(
            connection, old.campaign, whole, NOW, message_id_of=lambda who: f"<{who}@example.org>"
        )

    assert (settled.accepted, settled.waiting, settled.left) == (1, 3, 0)
    assert len(old.send(old.start(), ACCEPTED)) == 3
    old.store.close()


def test_newer_objections_are_taken_in_after_a_restore(on_sqlite: Scene, tmp_path: Path) -> None:
    """How far the file was read stands in the base, so an old base reads again what it has lost."""
    copy = snapshot(on_sqlite, tmp_path)
    on_sqlite.state.record_objection(contact_id(0), hash_of(0), NOW)
    with on_sqlite.store.write() as connection:
        assert ledger.take_in(connection, on_sqlite.state) == 1
        assert ledger.take_in(connection, on_sqlite.state) == 0
    old = restore(on_sqlite, copy)

    with old.store.write() as connection:
        assert ledger.take_in(connection, old.state) == 1
    old.store.close()


# --- settling


def unknown_letters(scene: Scene) -> list[str]:
    run = scene.start()
    opened = scene.open(run, scene.claim(run, 3))
    die(run)
    ledger.reap(scene.store, scene.state, scene.now)
    return [one.message_id for one in opened]


def test_unknown_letters_are_listed_and_settled_by_hand(scene: Scene) -> None:
    """By Message-ID or contact id; what was not accepted waits again."""
    ids = unknown_letters(scene)
    with scene.store.read() as connection:
        listed = {one.message_id: one for one in ledger.unknowns(connection, scene.campaign)}
    assert set(listed) == set(ids)

    with scene.store.write() as connection:
        settled = ledger.settle_by_hand(
            connection, scene.campaign, accepted=[ids[0]], not_accepted=[listed[ids[1]].contact], now=NOW
        )

    assert (settled.accepted, settled.waiting, settled.left) == (1, 1, 1)
    assert scene.sums() == Sums(accepted=1, waiting=2, unknown=1)
    assert len(scene.send(scene.start(), ACCEPTED)) == 2


def test_settling_a_letter_that_is_not_unknown_is_refused(scene: Scene) -> None:
    """One wrong name, and nothing is changed."""
    ids = unknown_letters(scene)

    with pytest.raises(SenderError) as caught, scene.store.write() as connection:
        ledger.settle_by_hand(connection, scene.campaign, accepted=[ids[0], "<other@example.org>"], now=NOW)

    assert caught.value.complaints[0].code == "SC-527"
    assert scene.sums().unknown == 3


def test_the_log_settles_what_it_proves_and_nothing_more(scene: Scene) -> None:
    """Queued: accepted. Arrived but not queued: unknown. Absent: unknown, unless the log is said to be complete."""
    ids = unknown_letters(scene)
    lines = [
        "2026-04-02T09:00:00+02:00 mx postfix/smtpd[7]: 4F1: client=localhost[127.0.0.1]",
        f"2026-04-02T09:00:00+02:00 mx postfix/cleanup[9]: 4F1: message-id={ids[0]}",
        "2026-04-02T09:00:00+02:00 mx postfix/qmgr[8]: 4F1: from=<a@example.org>, size=900, nrcpt=1 (queue active)",
        f"2026-04-02T09:00:00+02:00 mx postfix/cleanup[9]: 4F2: message-id={ids[1]}",
    ]

    with scene.store.write() as connection:
        partly = ledger.settle_from_log(connection, scene.campaign, ledger.read_log(lines), NOW)
    complete = ledger.read_log(lines, complete_from=NOW - timedelta(hours=1), until=NOW + timedelta(hours=1))
    with scene.store.write() as connection:
        wholly = ledger.settle_from_log(connection, scene.campaign, complete, NOW)

    assert (partly.accepted, partly.waiting, partly.left) == (1, 0, 2)
    assert (wholly.accepted, wholly.waiting, wholly.left) == (0, 1, 1)


@pytest.mark.parametrize(
    "fate",
    [
        "postfix/smtpd[7]: lost connection after DATA (4104 bytes) from localhost[127.0.0.1]",
        "postfix/submission/smtpd[7]: timeout after DATA (0 bytes) from localhost[127.0.0.1]",
        "postfix/cleanup[9]: 4F2: milter-reject: END-OF-MESSAGE from localhost[127.0.0.1]: 5.7.1 Command rejected",
        "postfix/cleanup[9]: 4F2: reject: body offer from localhost[127.0.0.1]; from=<a@example.org>: 5.7.1 no",
    ],
)
def test_a_letter_that_the_log_saw_turned_away_waits_again(scene: Scene, fate: str) -> None:
    """Its Message-ID was read, but it broke off before its dot or was refused after it."""
    ids = unknown_letters(scene)
    lines = [
        "Apr  2 09:00:00 mx postfix/smtpd[7]: 4F2: client=localhost[127.0.0.1]",
        f"Apr  2 09:00:00 mx postfix/cleanup[9]: 4F2: message-id={ids[1]}",
        f"Apr  2 09:00:01 mx {fate}",
    ]
    others = [f"mx postfix/cleanup[9]: 5A{number}: message-id={ids[number]}" for number in (0, 2)]

    with scene.store.write() as connection:
        partly = ledger.settle_from_log(connection, scene.campaign, ledger.read_log(lines), NOW)
    complete = ledger.read_log([*others, *lines], complete_from=NOW - timedelta(hours=1), until=LATER)
    with scene.store.write() as connection:
        wholly = ledger.settle_from_log(connection, scene.campaign, complete, NOW)

    assert (partly.accepted, partly.waiting, partly.left) == (0, 0, 3)
    assert (wholly.accepted, wholly.waiting, wholly.left) == (0, 1, 2)


def test_a_log_that_ends_too_early_does_not_prove_absence(scene: Scene) -> None:
    """The letter may have been on its way still when the log was copied."""
    unknown_letters(scene)
    early = ledger.read_log([], complete_from=NOW - timedelta(hours=1), until=NOW + timedelta(minutes=5))

    with scene.store.write() as connection:
        settled = ledger.settle_from_log(connection, scene.campaign, early, NOW)

    assert (settled.accepted, settled.waiting, settled.left) == (0, 0, 3)


# --- the journal


def filled(scene: Scene, count: int = 4) -> JournalHead:
    with scene.store.write() as connection:
        for number in range(count):
            head = journal.append(connection, "consent", {"n": number}, contact_id(number), NOW)
    return head


@pytest.mark.parametrize("column", ["kind", "at", "contact_id", "payload_hash", "previous", "hash"])
def test_a_changed_entry_is_found(scene: Scene, column: str) -> None:
    """Whatever is changed in it."""
    filled(scene)
    value = "2026-04-02T09:00:01.000000Z" if column == "at" else "b" * 32
    with scene.store.write() as connection:
        connection.execute(text(f"UPDATE journal SET {column} = :v WHERE seq = 2"), {"v": value})
        assert journal.verify(connection) == Alteration(2, "changed")


def test_a_changed_payload_is_found(scene: Scene) -> None:
    """The entry holds its salted hash."""
    filled(scene)
    with scene.store.write() as connection:
        connection.execute(update(journal_payloads).where(journal_payloads.c.seq == 3).values(payload="{}"))
        assert journal.verify(connection) == Alteration(3, "payload")


def test_a_removed_entry_is_found(scene: Scene) -> None:
    """A gap in the numbers."""
    filled(scene)
    with scene.store.write() as connection:
        connection.execute(delete(journal_payloads).where(journal_payloads.c.seq == 2))
        connection.execute(delete(entries).where(entries.c.seq == 2))
        assert journal.verify(connection) == Alteration(2, "missing")


def test_a_cut_tail_is_found_with_the_head(scene: Scene) -> None:
    """Without the head it cannot be."""
    head = filled(scene)
    with scene.store.write() as connection:
        assert journal.verify(connection, head) is None
        connection.execute(delete(journal_payloads).where(journal_payloads.c.seq == head.seq))
        connection.execute(delete(entries).where(entries.c.seq == head.seq))
        assert journal.verify(connection) is None
        assert journal.verify(connection, head) == Alteration(head.seq, "cut")


def test_erasing_a_person_leaves_the_chain_whole(scene: Scene) -> None:
    """What was said is gone, that it was said stays."""
    head = filled(scene)
    with scene.store.write() as connection:
        assert journal.erase(connection, contact_id(1)) == 1
        assert journal.erase(connection, ContactId("nobody")) == 0
        assert journal.verify(connection, head) is None


@pytest.mark.parametrize("written", ["", "5", "x:" + "a" * 64, "5:abc", "5:" + "G" * 64])
def test_a_head_is_written_in_one_form(written: str) -> None:
    """Anything else is refused, and what is printed is read back."""
    with pytest.raises(ValueError, match="N:HASH"):
        JournalHead.parse(written)
    assert JournalHead.parse(str(JournalHead(3, "a" * 64))) == JournalHead(3, "a" * 64)


# --- names


def test_the_same_name_at_another_path_is_an_error(scene: Scene) -> None:
    """A campaign is its name, with the path of its first attempt; until then the file may move."""
    with scene.store.write() as connection:
        ledger.identify(connection, "spring", Path("/moved/spring.yaml"), {"offer": "a"}, NOW)
    scene.send(scene.start(), ACCEPTED, 1)

    with pytest.raises(SenderError) as caught, scene.store.write() as connection:
        ledger.identify(connection, "spring", Path("/other/spring.yaml"), {"offer": "a"}, NOW)

    assert (caught.value.exit, caught.value.complaints[0].code) == (Exit.INPUT_WRONG, "SC-521")


def test_changes_count_from_the_first_attempt_until_accepted(scene: Scene) -> None:
    """Before it the file may change freely; afterwards the changed parts are named."""
    path, new, newer = Path("/c/spring.yaml"), {"offer": "b"}, {"offer": "c", "html": "d"}
    with scene.store.write() as connection:
        assert not ledger.identify(connection, "spring", path, new, NOW).changed
    scene.send(scene.start(), ACCEPTED, 1)
    with scene.store.write() as connection:
        found = ledger.identify(connection, "spring", path, newer, NOW)
        ledger.accept_changes(connection, found, newer, NOW)
        again = ledger.identify(connection, "spring", path, newer, NOW)

    assert (found.started, found.changed) == (True, ("html", "offer"))
    assert again.changed == ()


def test_the_same_content_under_a_new_name_is_told(scene: Scene) -> None:
    """Once the other has been sent from."""
    with scene.store.write() as connection:
        before = ledger.identify(connection, "copy", Path("/c/copy.yaml"), {"offer": "a"}, NOW)
    scene.send(scene.start(), ACCEPTED, 1)
    with scene.store.write() as connection:
        after = ledger.identify(connection, "copy", Path("/c/copy.yaml"), {"offer": "a"}, NOW)

    assert (before.same_as, after.same_as) == ((), ("spring",))


def test_an_unknown_campaign_is_a_mistake_of_the_command_line(scene: Scene) -> None:
    """``status`` and ``resolve`` name campaigns that were run."""
    with pytest.raises(SenderError) as caught, scene.store.read() as connection:
        ledger.campaign_id_of(connection, "autumn")
    with scene.store.read() as connection:
        assert [one.name for one in ledger.standings(connection)] == ["spring"]

    assert caught.value.exit is Exit.USAGE


def test_patience_ends_with_the_campaign() -> None:
    """No retry is planned after ``not_after``."""
    assert next_try(1, NOW, NOW, not_after=NOW + timedelta(minutes=4)) is None
    assert next_try(1, NOW, NOW, not_after=NOW + timedelta(minutes=5)) == NOW + timedelta(minutes=5)
