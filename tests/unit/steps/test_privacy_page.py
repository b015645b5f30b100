"""The page on privacy says what the program does."""

from __future__ import annotations

import re

from sender.steps.holdings import ABOUT_NOBODY, HOLDINGS
from tests.project import ROOT

PAGE = (ROOT / "docs" / "explanation" / "privacy.md").read_text(encoding="utf-8")


def test_every_table_is_on_the_page_with_what_erasure_does() -> None:
    """Fate and blanked columns as the program has them."""
    inside = PAGE.partition("## In the data base")[2].partition("## Beside")[0]
    rows = dict(re.findall(r"^\| `(\w+)` \|[^|]*\|[^|]*\| ([^|]+) \|$", inside, re.MULTILINE))
    about_nobody = next(line for line in PAGE.splitlines() if line.startswith("About nobody:"))

    assert {name: fate.partition(":")[0].partition(",")[0] for name, fate in rows.items()} == {
        holding.table.name: holding.fate.value for holding in HOLDINGS
    }
    assert set(re.findall(r"`(\w+)`", about_nobody)) == ABOUT_NOBODY.keys()
    for holding in HOLDINGS:
        assert all(column.split("_")[0] in rows[holding.table.name] for column in holding.blanked)
