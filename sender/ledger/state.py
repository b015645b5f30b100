"""A few small things kept apart from the data base, so that a restored base knows that it is old.

host          a random name of this machine
head          the journal's newest entry, ``N:HASH``
objections    one line for each objection: contact id, address hash, time, reason; only ever appended to
runs/<id>     held by flock while the run lives; the count of attempts it has opened, and its process
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import secrets
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import quote, unquote

from sender.errors import Place, Unreachable
from sender.ledger.complaints import COMPLAINTS
from sender.ledger.journal import EMPTY, JournalHead
from sender.model import ContactId
from sender.store.schema import moment_text

__all__ = ["NOBODY", "Objection", "RunLock", "StartedRun", "State"]

_ROOM = 1024 * 1024  # bytes: some 8,000 objections
_COUNT_WIDTH = 20  # digits; always the same, so that a count is overwritten whole


NOBODY = ContactId("0" * 32)
"""Of an objection against an address that is named and not linked."""

TOPIC = "topic:"
"""Before a topic that was refused, in the place of a reason; what is no plain character is quoted as in a URL."""

SAME = "same:"
"""Before the hash of another address of the same person, in the place of a reason."""


@dataclass(frozen=True, slots=True)
class Objection:
    contact: ContactId
    address_hash: bytes
    at: datetime
    reason: str

    @property
    def topic(self) -> str | None:
        """The one topic that was refused, where the line says no more than that."""
        return unquote(self.reason.removeprefix(TOPIC)) if self.reason.startswith(TOPIC) else None

    @property
    def same_as(self) -> bytes | None:
        """Another hash of the same person, where that is what the line says."""
        return bytes.fromhex(self.reason.removeprefix(SAME)) if self.reason.startswith(SAME) else None


@dataclass(frozen=True, slots=True)
class StartedRun:
    """A run that was started with this base, whether the base still knows it or not."""

    run_id: str
    campaign: str
    path: str


class RunLock:
    """The lock of one living run; the kernel opens it when the process dies, however it dies."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._descriptor = descriptor

    def count(self, attempts: int) -> None:
        """How many attempts this run has opened; written after their commit. Not synced: the base is ahead of it."""
        with touching(self.path.parent.parent):
            os.pwrite(self._descriptor, f"{attempts:0{_COUNT_WIDTH}d}\n".encode(), 0)

    def sign(self) -> None:
        """Leave the number of the process below the count, for people who have to end it."""
        os.pwrite(self._descriptor, f"{os.getpid()}\n".encode(), _COUNT_WIDTH + 1)

    def release(self) -> None:
        """Let go as a death would: the file stays."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def remove(self) -> None:
        """The run is over and the journal's head says so."""
        with touching(self.path.parent.parent):
            self.path.unlink(missing_ok=True)
        self.release()


class State:
    """The folder ``SENDER_STATE``; made when it is missing."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._objections = folder / "objections"
        with touching(self.folder):
            (folder / "runs").mkdir(mode=0o700, parents=True, exist_ok=True)
            self.host = self._read_host()

    # --- the machine and the journal's head

    def _read_host(self) -> str:
        path = self.folder / "host"
        if not path.exists():
            self._put(path, secrets.token_hex(16))
        return path.read_text(encoding="ascii").strip()

    def head(self) -> JournalHead:
        """``EMPTY`` where none was kept yet."""
        path = self.folder / "head"
        with touching(self.folder):
            try:
                return JournalHead.parse(path.read_text(encoding="ascii"))
            except FileNotFoundError:
                return EMPTY
            except ValueError as problem:
                raise OSError("the file 'head' is damaged") from problem

    def keep_head(self, head: JournalHead) -> None:
        """Call after the commit; an older head than the kept one does not replace it."""
        with touching(self.folder), self._locked(self.folder / ".lock"):
            if head.seq >= self.head().seq:
                self._put(self.folder / "head", str(head))

    def reset_head(self, head: JournalHead) -> None:
        """After ``resolve --restored``: the base's head counts, though it is older."""
        with touching(self.folder), self._locked(self.folder / ".lock"):
            self._put(self.folder / "head", str(head))

    # --- objections

    def record_objection(self, contact: ContactId, address_hash: bytes, at: datetime, reason: str = "objected") -> None:
        """Append one line; it is on the disk when this returns. Recording it again does no harm."""
        # Meets: GDPR art. 21(3)
        self.record_objections((Objection(contact, address_hash, at, reason),))

    def record_objections(self, said: Sequence[Objection]) -> None:
        """The same for many at once, which cost no more than one."""
        lines = [f"{one.contact} {one.address_hash.hex()} {moment_text(one.at)} {one.reason}" for one in said]
        self._append(self._objections, *lines)

    def record_refusals(self, contact: ContactId, address_hash: bytes, topics: Sequence[str], at: datetime) -> None:
        """Append that topics were refused: it holds though the base may be away, or come back from a backup."""
        # Meets: GDPR art. 21(2)
        lines = [Objection(contact, address_hash, at, TOPIC + quote(topic, safe="")) for topic in topics]
        if lines:
            self.record_objections(lines)

    def record_same(self, contact: ContactId, former: bytes, today: bytes, at: datetime) -> None:
        """Append that two hashes are one person's: a base that comes back from a time before that hears of it."""
        self.record_objection(contact, former, at, SAME + today.hex())

    def demand_room(self) -> None:
        """Raise Unreachable where the next objection could not be written: rights, or a full disk."""
        with touching(self.folder):
            place = self._objections if self._objections.exists() else self.folder
            if not os.access(place, os.W_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
            disk = os.statvfs(self.folder)
            if disk.f_bavail * disk.f_frsize < _ROOM:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def objections_size(self) -> int:
        with touching(self.folder):
            try:
                return self._objections.stat().st_size
            except FileNotFoundError:
                return 0

    def objections_after(self, offset: int) -> tuple[tuple[Objection, ...], int]:
        """The whole lines after ``offset``, and the offset after them. A line torn by a crash was never confirmed."""
        with touching(self.folder):
            try:
                with self._objections.open("rb") as file:
                    file.seek(offset)
                    content = file.read()
            except FileNotFoundError:
                return (), 0
        whole = content[: content.rfind(b"\n") + 1]
        found = (_objection(line) for line in whole.splitlines())
        return tuple(objection for objection in found if objection is not None), offset + len(whole)

    # --- runs

    def record_run(self, run: StartedRun) -> None:
        """On the disk before the run's first attempt is opened."""
        self._append(self.folder / "campaigns", json.dumps([run.run_id, run.campaign, run.path]))

    def started_runs(self) -> tuple[StartedRun, ...]:
        """Every run that was ever started here."""
        with touching(self.folder):
            path = self.folder / "campaigns"
            lines = path.read_text(encoding="ascii").splitlines() if path.exists() else []
        found = (_started(line) for line in lines)
        return tuple(run for run in found if run is not None)

    def lock_run(self, run_id: str) -> RunLock:
        """Make and hold the lock of a new run."""
        with touching(self.folder):
            path = self.folder / "runs" / run_id
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            lock = RunLock(path, descriptor)
            lock.count(0)
            lock.sign()
            return lock

    def process_of(self, run_id: str) -> int | None:
        """The process that holds the run's lock; None where it left no number."""
        with touching(self.folder):
            try:
                lines = (self.folder / "runs" / run_id).read_text(encoding="ascii").splitlines()
            except FileNotFoundError:
                return None
        return int(lines[1]) if len(lines) > 1 and lines[1].isdecimal() else None

    def lives(self, run_id: str) -> bool:
        """Whether a process holds the run's lock. A run without a file is dead."""
        with touching(self.folder):
            try:
                descriptor = os.open(self.folder / "runs" / run_id, os.O_RDWR | os.O_CLOEXEC)
            except FileNotFoundError:
                return False
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
            finally:
                os.close(descriptor)
            return False

    def counts(self) -> dict[str, int]:
        """For each run that has a file, how many attempts it says it has opened."""
        with touching(self.folder):
            return {path.name: _count_in(path) for path in sorted((self.folder / "runs").iterdir())}

    def forget_run(self, run_id: str) -> None:
        """Its death is in the journal, whose head was kept."""
        with touching(self.folder):
            (self.folder / "runs" / run_id).unlink(missing_ok=True)

    # --- files

    def _append(self, path: Path, *lines: str) -> None:
        """Lines at the end, on the disk when this returns; a line that a crash tore is closed first."""
        with touching(self.folder):
            new = not path.exists()
            descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX)
                size = os.fstat(descriptor).st_size
                torn = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
                _write_all(descriptor, "\n".join(([""] if torn else []) + [*lines, ""]).encode("ascii"))
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            if new:
                _sync_folder(self.folder)

    def _put(self, path: Path, content: str) -> None:
        """Whole or not at all: temporary file, fsync, rename, fsync of the folder."""
        descriptor, draft = tempfile.mkstemp(dir=self.folder, prefix=f".{path.name}.")
        try:
            _write_all(descriptor, f"{content}\n".encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        Path(draft).rename(path)
        _sync_folder(self.folder)

    @contextmanager
    def _locked(self, path: Path) -> Iterator[None]:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


@contextmanager
def touching(folder: Path) -> Iterator[None]:
    """What the system says against a file of the state folder, in words for people."""
    try:
        yield
    except OSError as problem:
        raise Unreachable.of(
            "SC-526",
            COMPLAINTS["SC-526"],
            why=f"Objections are kept here; without it nothing is sent ({problem.strerror or problem}).",
            todo="Let this user write the folder, or set SENDER_STATE to another one that moves with the base.",
            place=Place(str(folder)),
        ) from problem


def _objection(line: bytes) -> Objection | None:
    """None for a line torn by a crash."""
    try:
        contact, digest, at, reason = line.decode("ascii").split(" ")
        address_hash, when = bytes.fromhex(digest), datetime.fromisoformat(at)
    except ValueError:
        return None
    return Objection(ContactId(contact), address_hash, when, reason) if len(address_hash) == 32 else None


def _started(line: str) -> StartedRun | None:
    """None for a line torn by a crash."""
    try:
        run_id, campaign, path = json.loads(line)
    except ValueError:
        return None
    return StartedRun(str(run_id), str(campaign), str(path))


def _count_in(path: Path) -> int:
    """A file that was made but not yet written counts nothing."""
    try:
        return int(path.read_text(encoding="ascii").partition("\n")[0] or 0)
    except (FileNotFoundError, ValueError):
        return 0


def _write_all(descriptor: int, content: bytes) -> None:
    while content:
        content = content[os.write(descriptor, content) :]


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
