"""Signals that end a command: it finishes or undoes what it has begun, and says so with its exit status.

SIGTERM comes from systemd, SIGHUP from a terminal that was closed or a connection that broke. Where SIGHUP was ignored
from the start (``nohup``) it stays ignored.
"""

from __future__ import annotations

import os
import select
import signal
import stat
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import NoReturn

from sender.errors import Exit

__all__ = [
    "Terminated",
    "demand_unended",
    "ending_signals",
    "leave_terminal",
    "open_closed_streams",
    "signals_raise",
    "typed",
]

_ended: list[Exit] = []
_ENDING = {signal.SIGTERM: Exit.TERMINATED, signal.SIGHUP: Exit.HUNG_UP}


class Terminated(KeyboardInterrupt):
    """SIGTERM or SIGHUP. No ``Exception``, so that nothing takes it for a mistake and goes on."""

    def __init__(self, status: Exit) -> None:
        super().__init__()
        self.status = status


def ending_signals() -> Mapping[signal.Signals, Exit]:
    """Those that end a command here, with the exit status of each."""
    return {one: status for one, status in _ENDING.items() if signal.getsignal(one) is not signal.SIG_IGN}


def _raise(number: int, _frame: FrameType | None) -> NoReturn:
    status = _ENDING[signal.Signals(number)]
    if status is Exit.HUNG_UP:
        leave_terminal()
    _ended.append(status)
    raise Terminated(status)


def demand_unended() -> None:
    """Raise again what was raised where Python swallows it: in a callback of its collector. Ask before what cannot be
    undone is begun.
    """
    if _ended:
        raise Terminated(_ended[0])


@contextmanager
def signals_raise() -> Iterator[None]:
    """While it lasts they unwind what is open: files are closed, locks given back. The run replaces it by its own.

    Python allows handlers in the main thread alone; elsewhere nothing changes.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {one: signal.signal(one, _raise) for one in ending_signals()}
    try:
        yield
    finally:
        _ended.clear()
        for one, handler in before.items():
            signal.signal(one, handler)


def typed(show: Callable[[], None]) -> str:
    """Show a question, and read the line that answers it. Raises EOFError, KeyboardInterrupt.

    A signal just before the wait, or while the collector is at work, would be lost on ``input``, which then waits for
    ever: so what is waited for is the line or the kernel's word that a signal came.
    """
    if not sys.stdin.isatty() or threading.current_thread() is not threading.main_thread():
        show()
        return input()
    with _woken_by_signals() as came:
        show()
        while came in select.select([sys.stdin, came], [], [])[0]:
            if signal.SIGINT in os.read(came, 1024):
                raise KeyboardInterrupt
            demand_unended()
        return input()


@contextmanager
def _woken_by_signals() -> Iterator[int]:
    """A descriptor that can be read once a signal has come that somebody here handles."""
    ours, theirs = os.pipe()
    os.set_blocking(theirs, False)
    before = signal.set_wakeup_fd(theirs, warn_on_full_buffer=False)
    try:
        yield ours
    finally:
        signal.set_wakeup_fd(before)
        os.close(ours)
        os.close(theirs)


def leave_terminal() -> None:
    """The terminal may be gone, and every word to it would be an error; words to a file or a pipe go on."""
    with Path(os.devnull).open("wb") as nowhere:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):
                if stat.S_ISCHR(os.fstat(stream.fileno()).st_mode):
                    os.dup2(nowhere.fileno(), stream.fileno())


def open_closed_streams() -> None:
    """Put /dev/null where a caller closed standard input, output or error (``2>&-``, some daemons).

    Else the next file that is opened, the log or the data base, would be what everybody's errors are written into.
    """
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(descriptor, True)
    os.close(descriptor)
    sys.stdin = sys.stdin or open(0, encoding="utf-8", closefd=False)  # noqa: SIM115  open as long as the process
    sys.stdout = sys.stdout or open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = sys.stderr or open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
