"""Every error that a person may meet, as a tree.

    SenderError
    +-- UsageError            64   the command line asks for something that cannot be
    +-- InputError            65   campaign, contact or template file wrong, or the journal altered
    +-- MissingFile           66   a file that was named is not there
    +-- Unreachable           69   relay or data base out of reach, now
    +-- Fault                 70   a mistake of ours
    +-- UnknownsWait          74   letters whose fate is unknown, or a restored base, wait for ``resolve``
    +-- Interrupted  129/130/143   a signal ended the run
    +-- SettingsError         78   settings, keys or login wrong; no data base where one was expected

A complaint has three parts: what and where, why it matters, what to do. Its code (``SC-207``) never changes its
meaning and has an entry in docs/reference/errors.md, made from ``COMPLAINTS`` below. The codes are grouped:
1xx settings and command line, 2xx campaign file, 3xx contact file, 4xx templates and letters, 5xx data base and
ledger, 6xx relay, 7xx job functions, 8xx papers and the record of processing,
9xx faults. What a gate refuses is not an error but a verdict, and has words instead of numbers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar


class Exit(IntEnum):
    """Exit status, as mail programs use it (sysexits.h); one meaning each."""

    AS_PLANNED = 0
    USAGE = 64
    INPUT_WRONG = 65
    FILE_MISSING = 66
    UNREACHABLE = 69
    FAULT = 70
    UNKNOWNS_WAIT = 74
    DEFERRED = 75
    BREAKER = 76
    GATE_REFUSED = 77
    SETTINGS_WRONG = 78
    OVERDUE = 79  # the first beyond sysexits.h
    HUNG_UP = 129
    INTERRUPTED = 130
    TERMINATED = 143


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a file: line and column count from 1; None where the whole file is meant."""

    file: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        return ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing that is wrong, said so that a tired person can mend it. Holds no personal data."""

    code: str
    what: str
    why: str
    todo: str
    place: Place | None = None

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place else ""
        return f"error {self.code}: {where}{self.what}\n  {self.why}\n  {self.todo}"


class SenderError(Exception):
    """Something went wrong that the program foresaw."""

    exit: ClassVar[Exit] = Exit.FAULT

    def __init__(self, *complaints: Complaint) -> None:
        self.complaints: tuple[Complaint, ...] = complaints
        super().__init__("\n".join(map(str, complaints)) or type(self).__doc__)

    def __reduce__(self) -> tuple[object, ...]:
        """Between processes it travels as its complaints; the text is made of them."""
        return type(self), self.complaints, self.__dict__

    @classmethod
    def of(cls, code: str, what: str, *, why: str, todo: str, place: Place | None = None) -> SenderError:
        """The error with one complaint."""
        return cls(Complaint(code, what, why, todo, place))

    @classmethod
    def unless_empty(cls, complaints: Iterable[Complaint]) -> None:
        """Raise with all complaints; nothing happens when there is none."""
        if found := tuple(complaints):
            raise cls(*found)


class UsageError(SenderError):
    """The command line asks for something that cannot be."""

    exit = Exit.USAGE


class InputError(SenderError):
    """A campaign, contact or template file is wrong."""

    exit = Exit.INPUT_WRONG


class MissingFile(SenderError):
    """A file that was named is not there."""

    exit = Exit.FILE_MISSING


class Unreachable(SenderError):
    """The relay or the data base is out of reach now; the same command may work later."""

    exit = Exit.UNREACHABLE


class Fault(SenderError):
    """A mistake of the program's own."""

    exit = Exit.FAULT


class UnknownsWait(SenderError):
    """Letters whose fate is unknown wait for ``send-campaign resolve``."""

    exit = Exit.UNKNOWNS_WAIT


class SettingsError(SenderError):
    """Settings, keys or login are wrong, or there is no data base where one was expected."""

    exit = Exit.SETTINGS_WRONG


class Interrupted(SenderError):
    """A signal ended the run; what was on the wire was finished first."""

    exit = Exit.INTERRUPTED

    def __init__(self, status: Exit = Exit.INTERRUPTED) -> None:
        super().__init__()
        self.status = status
