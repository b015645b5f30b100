"""A signal that Python swallows is not forgotten."""

from __future__ import annotations

import os
import signal
import sys
import weakref

import pytest

from sender.cli.signals import Terminated, demand_unended, signals_raise
from sender.errors import Exit


class Thing:
    """Something that a callback can wait for."""


def test_a_signal_inside_a_callback_ends_the_command_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is raised in a callback of the collector is thrown away; nothing may be sent as if nothing had come."""
    swallowed: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", swallowed.append)
    thing = Thing()
    watched = weakref.ref(thing, lambda _: os.kill(os.getpid(), signal.SIGTERM))

    with signals_raise():
        del thing
        assert watched() is None
        assert swallowed
        with pytest.raises(Terminated) as ended:
            demand_unended()

    assert ended.value.status is Exit.TERMINATED
    demand_unended()  # the command is over, and so is its signal
