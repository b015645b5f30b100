"""What the room shows."""

from __future__ import annotations

import sender.web


def test_the_front_door_is_what_is_listed() -> None:
    """Every listed name is there."""
    assert all(hasattr(sender.web, name) for name in sender.web.__all__)
    assert sender.web.__all__ == sorted(sender.web.__all__)
