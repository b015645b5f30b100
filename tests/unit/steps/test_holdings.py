"""What is held about a person: no table may be forgotten."""

from __future__ import annotations

import pytest

from sender.steps.holdings import ABOUT_NOBODY, HOLDINGS, Fate
from sender.store.schema import metadata

PERSONAL = {"contact_id", "address_hash", "email", "hash"}


def test_every_table_is_held_or_about_nobody() -> None:
    """A new table must say what it holds about people, and what erasure does with it."""
    held = [holding.table.name for holding in HOLDINGS]

    assert sorted([*held, *ABOUT_NOBODY]) == sorted(metadata.tables)


@pytest.mark.parametrize("table", sorted(ABOUT_NOBODY))
def test_a_table_about_nobody_has_no_column_that_names_one(table: str) -> None:
    assert not PERSONAL & {column.name for column in metadata.tables[table].c}


def test_only_blanked_tables_name_columns_and_these_may_be_empty() -> None:
    for holding in HOLDINGS:
        assert bool(holding.blanked) == (holding.fate is Fate.BLANKED)
        assert all(holding.table.c[name].nullable for name in holding.blanked)
