"""What holds for all tests, in each of the processes that run them."""

from __future__ import annotations

import signal


def pytest_configure() -> None:
    """Signals are heard again that nohup or a background shell has us ignore: the commands of tests need them."""
    for number, handler in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, handler)
