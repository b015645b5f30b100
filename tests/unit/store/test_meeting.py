"""Transactions of several machines on PostgreSQL that want the same rows."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, text

from sender.errors import Unreachable
from sender.store import Store, Writer
from tests.databases import new_database


@pytest.fixture
def counters(postgresql: str) -> Iterator[Store]:
    with new_database(postgresql) as url:
        store = Store.open(url, create=True)
        with store.write() as connection:
            connection.execute(text("CREATE TABLE counters (id int PRIMARY KEY, n int)"))
            connection.execute(text("INSERT INTO counters VALUES (1, 0), (2, 0)"))
        yield store
        store.close()


def raise_by_one(connection: Connection, row: int) -> None:
    connection.execute(text(f"UPDATE counters SET n = n + 1 WHERE id = {row}"))


def test_a_group_that_was_undone_to_end_a_deadlock_is_run_again(counters: Store) -> None:
    """Two writers lock two rows in opposite orders: the server undoes one; it tries again and both get through."""
    both_hold_one = threading.Barrier(2, timeout=30)

    def crossing(first: int, second: int) -> int:
        tries = 0

        def job(connection: Connection) -> int:
            nonlocal tries
            tries += 1
            raise_by_one(connection, first)
            if tries == 1:
                both_hold_one.wait()
            raise_by_one(connection, second)
            return tries

        writer = Writer(counters)
        try:
            return writer.submit(job).result(30)
        finally:
            writer.close()

    tries: list[int] = []
    threads = [threading.Thread(target=lambda a=a, b=b: tries.append(crossing(a, b))) for a, b in ((1, 2), (2, 1))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert sorted(tries) == [1, 2]
    with counters.read() as connection:
        assert connection.execute(text("SELECT n FROM counters ORDER BY id")).scalars().all() == [2, 2]


def test_a_transaction_that_is_alone_waits_for_those_beside_others(counters: Store) -> None:
    """Planning locks a thousand rows in the file's order: it must not meet a sender that locks them in another."""
    entered = threading.Event()

    def plan() -> None:
        with counters.write() as connection:
            entered.set()
            raise_by_one(connection, 1)

    with counters.write(beside_others=True) as connection:
        raise_by_one(connection, 2)
        with counters.write(beside_others=True) as second:
            raise_by_one(second, 1)
        thread = threading.Thread(target=plan)
        thread.start()
        assert not entered.wait(0.3)
    thread.join(30)
    assert entered.is_set()


def test_a_sender_that_stands_still_does_not_stop_the_others_for_ever(
    counters: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One stopped in the middle of a transaction: the next one says who is in the way instead of waiting with it."""
    monkeypatch.setattr("sender.store.engine._BUSY_SECONDS", 0.2)
    second = Store.open(counters.engine.url.render_as_string(hide_password=False))

    with counters.write(beside_others=True), pytest.raises(Unreachable) as told, second.write():
        pass

    assert [one.code for one in told.value.complaints] == ["SC-508"]
    second.close()


def test_the_server_ends_the_transaction_of_a_sender_that_stands_still(
    counters: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that its locks are free; what it had not committed is undone, and it is told when it goes on."""
    monkeypatch.setattr("sender.store.engine._IDLE_SECONDS", 0.1)
    stopped = Store.open(counters.engine.url.render_as_string(hide_password=False))

    def stand_still() -> None:
        with stopped.write() as connection:
            raise_by_one(connection, 1)
            with counters.write() as other:  # waits until the server has ended the first
                raise_by_one(other, 1)
            raise_by_one(connection, 1)

    with pytest.raises(Unreachable):
        stand_still()

    with counters.read() as connection:
        assert connection.execute(text("SELECT n FROM counters WHERE id = 1")).scalar() == 1
    stopped.close()
