"""What holds for all tests, in each of the processes that run them."""

from __future__ import annotations

import signal


def pytest_configure() -> None:
    """An interrupt is heard again where a shell started us in the background, and so by the commands of tests too."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
