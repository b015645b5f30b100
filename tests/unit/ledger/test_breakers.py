"""The rules at each threshold."""

from __future__ import annotations

import pytest

from sender.enhanced import by_policy
from sender.ledger.breakers import Reason, of_campaign, of_domain, of_domains


@pytest.mark.parametrize(
    ("mails", "refused", "in_a_row", "expected"),
    [
        (2, 2, 2, None),  # two of three in a row
        (3, 3, 3, Reason.IN_A_ROW),
        (5, 3, 2, None),  # a success between
        (99, 2, 1, None),  # of fewer than a hundred, one per cent is less than one mail
        (100, 1, 1, Reason.SHARE),
        (101, 1, 1, None),
        (1001, 10, 1, None),
        (1000, 10, 1, Reason.SHARE),
        (1000, 0, 0, None),
    ],
)
def test_a_domain_is_paused_by_three_in_a_row_or_one_per_cent(
    mails: int, refused: int, in_a_row: int, expected: Reason | None
) -> None:
    assert of_domain(mails, refused, in_a_row) is expected


@pytest.mark.parametrize(
    ("mails", "bounces", "complaints", "expected"),
    [
        (499, 499, 499, None),  # too few mails
        (500, 10, 0, Reason.BOUNCES),
        (500, 9, 0, None),
        (501, 10, 0, None),
        (500, 0, 2, None),  # 0.4 %, but two events only
        (500, 0, 3, Reason.COMPLAINTS),
        (3000, 0, 3, Reason.COMPLAINTS),
        (3001, 0, 3, None),
        (500, 10, 3, Reason.COMPLAINTS),
    ],
)
def test_a_campaign_is_stopped_by_bounces_and_complaints(
    mails: int, bounces: int, complaints: int, expected: Reason | None
) -> None:
    assert of_campaign(mails, bounces, complaints) is expected


def test_three_paused_domains_pause_the_campaign() -> None:
    assert [of_domains(number) for number in (2, 3)] == [None, Reason.DOMAINS]


@pytest.mark.parametrize(("status", "expected"), [("5.7.1", True), ("5.7.515", True), ("5.1.1", False), (None, False)])
def test_only_a_no_by_policy_counts(status: str | None, expected: bool) -> None:
    """5.70.1 or 4.7.0 are none either."""
    assert by_policy(status) is expected
    assert not by_policy("5.70.1")
    assert not by_policy("4.7.0")
