"""The register of requests: due dates, extension, closing."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection

from sender import contacts, ledger
from sender.contacts import Request
from sender.errors import UsageError
from sender.store import Store
from tests.databases import NOW

TODAY = NOW.date()
RECORD = ledger.journal.append


def receive(connection: Connection, received_on: date = TODAY, kind: str = "access") -> Request:
    return contacts.receive(
        connection, None, b"h" * 32, kind, received_on=received_on, channel="mail", record=RECORD, now=NOW
    )


@pytest.mark.parametrize(
    ("received", "due"),
    [
        (date(2026, 1, 15), date(2026, 2, 15)),
        (date(2026, 1, 31), date(2026, 2, 28)),
        (date(2028, 1, 31), date(2028, 2, 29)),
        (date(2026, 3, 31), date(2026, 4, 30)),
        (date(2026, 12, 31), date(2027, 1, 31)),
        (date(2026, 2, 28), date(2026, 3, 28)),
    ],
)
def test_a_month_ends_on_the_same_day_or_on_the_last(received: date, due: date) -> None:
    """Regulation 1182/71 art. 3(2)(c)."""
    assert contacts.due_on(received) == due


@given(st.dates(max_value=date(9000, 1, 1)), st.integers(1, 36))
def test_a_period_is_never_longer_than_its_months(received: date, months: int) -> None:
    due = contacts.due_on(received, months)

    assert due.day <= received.day
    assert (due.year - received.year) * 12 + due.month - received.month == months
    assert due.day == received.day or (due + timedelta(days=1)).day == 1


def test_overdue_ones_come_first_and_closed_ones_are_left_out(store: Store) -> None:
    with store.write() as connection:
        receive(connection)
        late = receive(connection, TODAY - timedelta(days=60), "erasure")
        contacts.answered(connection, None, b"h" * 32, "access", "exported", today=TODAY, record=RECORD, now=NOW)
        again = receive(connection, TODAY - timedelta(days=3))
        waiting = contacts.all_requests(connection)

    assert [one.id for one in waiting] == [late.id, again.id]
    assert [one.overdue(TODAY) for one in waiting] == [True, False]


def test_what_is_answered_at_once_is_entered_and_closed(store: Store) -> None:
    with store.write() as connection:
        contacts.answered(connection, None, b"h" * 32, "erasure", "erased", today=TODAY, record=RECORD, now=NOW)
        (one,) = contacts.all_requests(connection, closed=True)

    assert (one.kind, one.outcome, one.received_on, one.closed_at) == ("erasure", "erased", TODAY, NOW)


def test_a_request_is_extended_once_within_the_first_month(store: Store) -> None:
    """To three months after its receipt; a second time, or when it is late already, is refused."""
    with store.write() as connection:
        one = receive(connection, date(2026, 3, 31))
        later = contacts.extend(connection, one.id, "many mails", today=TODAY, record=RECORD, now=NOW)
        late = receive(connection, TODAY - timedelta(days=60))

        assert later.due_on == date(2026, 6, 30)
        for number in (one.id, late.id, 99):
            with pytest.raises(UsageError):
                contacts.extend(connection, number, "again", today=TODAY, record=RECORD, now=NOW)
