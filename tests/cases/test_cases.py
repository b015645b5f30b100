"""What the gates must refuse and let through: published decisions and rules, each with a lawful twin."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cases.judging import judge
from tests.cases.reader import OTHER_ERRORS, Case, read_folder


def test_case(case: Case, tmp_path: Path) -> None:
    """All gates of both stages together come to the verdict that the case expects."""
    refused = judge(case.fields, tmp_path)

    assert (not refused) is case.send, f"refused by {sorted(refused)}"
    assert set(case.refused_by) <= refused


@pytest.mark.parametrize(
    "text",
    [
        "cases: [{id: a, colour: red, expect: {send: true}}]",
        "cases: [{id: a, contact: {colour: red}, expect: {send: true}}]",
        "cases: [{id: a, expect: {sent: true}}]",
        "cases: [{id: a, contact: {}, expect: {send: true}, twin: {change: {contact.colour: red}}}]",
        "cases: [{id: a, expect: {send: true}}, {id: a, expect: {send: true}}]",
        "default: {}\ncases: []",
        "cases: [{id: a, expect: {send: false, refused_by: [nobody]}}]",
    ],
)
def test_a_field_that_nobody_maps_is_an_error(text: str, tmp_path: Path) -> None:
    """A case file that says more than the reader knows is not read half."""
    (tmp_path / "wrong.yaml").write_text(text, encoding="utf-8")

    with pytest.raises(OTHER_ERRORS):
        read_folder(tmp_path)
