"""What holds for all tests, in each of the processes that run them."""

from __future__ import annotations

import signal

import pytest

from tests.databases import empty_url, postgresql, store, store_url

__all__ = [
    "empty_url",
    "postgresql",
    "store",
    "store_url",
]  # named here alone: each module that names one makes its own


def pytest_configure(config: pytest.Config) -> None:
    """Signals are heard again that nohup or a background shell has us ignore: the commands of tests need them."""
    for number, handler in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, handler)
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Failures(config))


class Failures:
    """Tells each at once, besides the end: a run that is cut short has said what was wrong with it."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        terminal = self._config.pluginmanager.get_plugin("terminalreporter")
        if report.failed and terminal is not None:
            terminal.write_line(f"\n{report.nodeid} failed in {report.when} after {report.duration:.0f} s")
            terminal.write_line(report.longreprtext[-2000:])
