"""One thread that commits for many: what comes in while a commit waits for the disk goes into the next one."""

from __future__ import annotations

import queue
import random
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from sender.errors import Fault, SenderError, Unreachable
from sender.store.complaints import complain, met_another
from sender.store.engine import Store
from sender.store.kept import tell

__all__ = ["Writer"]

T = TypeVar("T")
Work = Callable[[Connection], T]

_TRIES = 5  # of a transaction that another machine's undid
_APART = 0.2  # seconds between two of them, at most
_LARGEST_GROUP = 256  # jobs in one transaction: keeps the wait of the first one below some 100 ms


@dataclass(slots=True)
class _Job:
    work: Work[Any]
    future: Future[Any] = field(default_factory=Future)
    result: Any = None
    error: Exception | None = None


class Writer:
    """Runs jobs in groups, one transaction a group, and answers after the commit. Each of several has its savepoint.

    A job that raises undoes itself alone. A job may be run again when its whole transaction was undone: it must change
    nothing but the data base. A failure of the data base fails every waiting job, and the writer takes no more: what
    it could not write down must not be sent.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._entry = threading.Lock()
        self._ended: SenderError | None = None
        self._connection: Connection | None = None
        self._thread = threading.Thread(target=self._run, name="ledger-writer", daemon=True)
        self._thread.start()

    def submit(self, work: Work[T]) -> Future[T]:
        """Hand a job in; the future resolves when its transaction is on the disk."""
        job = _Job(work)
        with self._entry:
            if self._ended is None:
                self._jobs.put(job)
                return job.future
        job.future.set_exception(self._ended)
        return job.future

    async def do(self, work: Work[T]) -> T:
        """The same, for coroutines. Cancelling the wait does not undo the job."""
        import asyncio

        return await asyncio.shield(asyncio.wrap_future(self.submit(work)))

    def close(self) -> None:
        """Finish what was handed in, then take no more."""
        self._refuse(_closed(self._store.where))
        self._thread.join()

    def _refuse(self, error: SenderError) -> None:
        with self._entry:
            if self._ended is None:
                self._ended = error
                self._jobs.put(None)

    def _run(self) -> None:
        try:
            self._serve()
        finally:
            if self._connection is not None:
                self._connection.close()

    def _serve(self) -> None:
        while group := self._next_group():
            try:
                self._commit(group)
            except BaseException as problem:  # whatever it is, nobody may wait for ever
                self._give_up(group, problem)
                return
            for job in group:
                _answer(job)

    def _commit(self, group: list[_Job]) -> None:
        """One transaction for all; again from the start where it met another machine's and was undone."""
        for last in (*[False] * (_TRIES - 1), True):
            try:
                self._connection = self._connection or self._store.connect()
                with self._store.write(beside_others=True, on=self._connection) as connection:
                    _all_done(connection, group)
            except _UndoneError:
                return
            except SenderError as problem:
                if last or not met_another(problem.__cause__ or problem):
                    raise
                time.sleep(random.uniform(0, _APART))  # noqa: S311  lest both try again at the same moment
            else:
                return

    def _next_group(self) -> list[_Job]:
        """Waits for one job, then takes what else is there; empty when the writer was closed and all is done."""
        group: list[_Job] = []
        while len(group) < _LARGEST_GROUP:
            try:
                job = self._jobs.get(block=not group)
            except queue.Empty:
                break
            if job is None:
                self._jobs.put(None)  # seen again when this group is done
                break
            if job.future.set_running_or_notify_cancel():
                group.append(job)
        return group

    def _give_up(self, group: list[_Job], problem: BaseException) -> None:
        error = problem if isinstance(problem, SenderError) else _fault(self._store.where, problem)
        self._refuse(error)
        while (job := self._jobs.get()) is not None:
            group.append(job)
        for job in group:
            if job.future.running() or job.future.set_running_or_notify_cancel():
                job.future.set_exception(error)


class _UndoneError(Exception):
    """The only job of a group raised: the transaction is nobody else's, and is undone whole."""


def _all_done(connection: Connection, group: list[_Job]) -> None:
    if len(group) == 1:
        if not _done(connection, group[0]):
            raise _UndoneError
        return
    for job in group:
        tell(connection, "SAVEPOINT job")
        tell(connection, f"{'RELEASE' if _done(connection, job) else 'ROLLBACK TO'} SAVEPOINT job")


def _done(connection: Connection, job: _Job) -> bool:
    """Run one job; an error of its own is kept for its caller, one of the data base ends the group."""
    job.error = None
    try:
        job.result = job.work(connection)
    except (DBAPIError, sqlite3.Error, Unreachable):
        raise
    except Exception as problem:
        job.error = problem
        return False
    return True


def _answer(job: _Job) -> None:
    if job.error is not None:
        job.future.set_exception(job.error)
    else:
        job.future.set_result(job.result)


def _closed(where: str) -> SenderError:
    return complain(
        Unreachable, "SC-512", where, "The run is ending; nothing new is begun.", "Run the same command again."
    )


def _fault(where: str, problem: BaseException) -> SenderError:
    return complain(Fault, "SC-513", where, f"{type(problem).__name__} in the thread that writes.", "Please report it.")
