"""What the operator wrote down about the processing."""

from __future__ import annotations

from pathlib import Path

import pytest

from sender.errors import InputError
from sender.record import Declared, declared_in


def test_nothing_declared_is_nothing_known(tmp_path: Path) -> None:
    assert declared_in(tmp_path) == Declared()


def test_a_mistyped_key_is_found_with_its_line(tmp_path: Path) -> None:
    """And the nearest known one is named."""
    (tmp_path / "processing.yaml").write_text("controller:\n  nmae: Éluard\n", encoding="utf-8")

    with pytest.raises(InputError) as raised:
        declared_in(tmp_path)

    (complaint,) = raised.value.complaints
    assert complaint.code == "SC-803"
    assert complaint.place is not None
    assert complaint.place.line == 2
    assert "'name'" in complaint.todo
