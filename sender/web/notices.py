"""The board where the privacy notice hangs: what holds today, and what one person was given."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from sender.links import LinkTarget
from sender.papers import Paper
from sender.web.desk import soon

__all__ = ["Given", "NoticeBoard", "Notices"]

_FRESH = 600.0  # seconds: to write it, every contact is looked at
_AGAIN = 5.0  # seconds after a failure
_PATIENCE = 2.0


@dataclass(frozen=True, slots=True)
class Given:
    """The notice of collection: its version, when it was given, and its text (Markdown) where that was kept."""

    version: str
    on: date | None = None
    text: str | None = None


class Notices(Protocol):
    """The record of processing, as far as the public may know it. Every method raises while it is out of reach."""

    def present(self, language: str) -> Paper:
        """What people are told today. May take long."""

    def given(self, target: LinkTarget) -> Given | None:
        """What the person behind a link was given at collection; None where that is not known."""


class NoticeBoard:
    """Keeps the notice for some minutes, and writes it anew in a thread of its own, in which nobody else waits."""

    def __init__(
        self, notices: Notices, trouble: Callable[[str, str], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._notices, self._trouble, self._clock = notices, trouble, clock
        self._hanging: dict[str, tuple[float, Paper | None]] = {}
        self._writing: dict[str, asyncio.Future[None]] = {}
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="notice")

    async def present(self, language: str) -> Paper | None:
        """The notice; None where there is none yet and it does not come soon."""
        until, paper = self._hanging.get(language, (0.0, None))
        if self._clock() >= until:
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(self._written_anew(language)), _PATIENCE)
            _, paper = self._hanging.get(language, (0.0, None))
        return paper

    async def given(self, target: LinkTarget) -> Given | None:
        try:
            return await soon(lambda: self._notices.given(target))
        except Exception as error:
            self._trouble("notice", type(error).__name__)
            return None

    def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _written_anew(self, language: str) -> asyncio.Future[None]:
        """However many ask for it, it is written once."""
        work = self._writing.get(language)
        if work is None or work.done():
            work = asyncio.get_running_loop().run_in_executor(self._thread, self._write, language)
            self._writing[language] = work
        return work

    def _write(self, language: str) -> None:
        """After a failure what hung there before stays."""
        try:
            self._hanging[language] = self._clock() + _FRESH, self._notices.present(language)
        except Exception as error:
            self._trouble("notice", type(error).__name__)
            _, before = self._hanging.get(language, (0.0, None))
            self._hanging[language] = self._clock() + _AGAIN, before
