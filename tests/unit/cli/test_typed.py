"""A question at the terminal: what is typed is read, and no signal is lost on it."""

from __future__ import annotations

import os
import pty
import signal
import threading
from collections.abc import Iterator

import pytest

from sender.cli.signals import Terminated, signals_raise, typed


@pytest.fixture
def keyboard(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Standard input is a terminal; what is written here was typed."""
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, encoding="utf-8") as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        yield ours
    os.close(ours)


def test_the_line_that_was_typed(keyboard: int) -> None:
    """Without its end."""
    assert typed(lambda: print(os.write(keyboard, b"oui\n"))) == "oui"


def test_the_end_of_the_input(keyboard: int) -> None:
    """Ctrl-D is no answer."""
    with pytest.raises(EOFError):
        typed(lambda: print(os.write(keyboard, b"\x04")))


def test_an_interrupt_that_python_has_swallowed_ends_the_wait(keyboard: int) -> None:
    """As where the collector was just running a callback: its handler has run, and nothing came of it."""
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        with pytest.raises(KeyboardInterrupt):
            typed(lambda: signal.raise_signal(signal.SIGINT))
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_hang_up_that_was_swallowed_ends_the_wait(keyboard: int) -> None:
    """It is raised as what it is."""

    def swallowed() -> None:
        with pytest.raises(Terminated):
            signal.raise_signal(signal.SIGTERM)

    with signals_raise(), pytest.raises(Terminated):
        typed(swallowed)


def test_a_signal_that_means_nothing_here_ends_nothing(keyboard: int) -> None:
    """The wait goes on until something is typed."""
    before = signal.signal(signal.SIGUSR1, lambda *_: None)
    try:
        threading.Timer(0.2, os.write, (keyboard, b"n\n")).start()
        assert typed(lambda: signal.raise_signal(signal.SIGUSR1)) == "n"
    finally:
        signal.signal(signal.SIGUSR1, before)
