"""The log: JSON lines without anybody's address and without secrets. The one home of structlog.

Whatever is logged, by us or by a library, passes ``_Masking`` before it is written: every address becomes a mask and
every secret three stars, in keys, values and tracebacks. Before ``configure`` nothing is written at all.
"""

from __future__ import annotations

import contextlib
import logging
import logging.handlers
import os
import socket
import struct
import sys
import traceback
from collections.abc import Mapping
from typing import Any, Protocol, TextIO

import structlog
from structlog.stdlib import BoundLogger, ProcessorFormatter
from structlog.typing import EventDict, WrappedLogger

from sender.address import mask
from sender.errors import Complaint, Place, SettingsError

COMPLAINTS: dict[str, str] = {
    "SC-130": "The log file cannot be written",
    "SC-131": "The journal cannot be reached",
}

JOURNAL_SOCKET = "/run/systemd/journal/socket"
_JOURNAL_BYTES = 48 * 1024  # a datagram of this size passes with the kernel's smallest usual buffers
_DEPTH = 6  # deeper values are written as text
_secrets: set[str] = set()


class LogSettings(Protocol):
    """What of the settings the log needs to know."""

    @property
    def log(self) -> str: ...

    @property
    def log_level(self) -> str: ...

    def secrets(self) -> tuple[str, ...]: ...


def configure(settings: LogSettings, *, cron: bool) -> None:
    """Write to where the settings say.

    In cron, ``stderr`` takes warnings and worse only: cron mails every line, and a run as planned should be silent.
    """
    keep_secret(*settings.secrets())
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    handler = _handler(settings.log)
    if cron and settings.log == "stderr":
        level = max(level, logging.WARNING)
    handler.setFormatter(_formatter())
    root = logging.getLogger()
    for old in [one for one in root.handlers if getattr(one, "is_ours", False)]:
        root.removeHandler(old)
        old.close()
    handler.is_ours = True  # type: ignore[attr-defined]
    root.addHandler(handler)
    root.setLevel(level)
    logging.getLogger("alembic").setLevel(level if level == logging.DEBUG else max(level, logging.WARNING))
    _wire()


def keep_secret(*texts: str) -> None:
    """From now on these texts are never logged, for example a password that a command has just given."""
    _secrets.update(text for text in texts if text)


def get_logger(**bound: object) -> BoundLogger:
    """The logger; ``bound`` goes into each of its lines."""
    return structlog.stdlib.get_logger("sender", **bound)


def logs_debug() -> bool:
    """Whether anybody hears ``debug``: asked before a line that would be made thousands of times a second."""
    return logging.getLogger("sender").isEnabledFor(logging.DEBUG)


def _wire() -> None:
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *_CHAIN, ProcessorFormatter.wrap_for_formatter],
        wrapper_class=BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )


_CHAIN: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def _formatter() -> logging.Formatter:
    return ProcessorFormatter(
        foreign_pre_chain=_CHAIN,
        processors=[
            ProcessorFormatter.remove_processors_meta,
            structlog.processors.StackInfoRenderer(),
            _frames_only,
            _mask_event,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )


def _frames_only(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """An exception as its kinds and places. Its text stays out: it may quote a contact's name, which no mask knows."""
    given = event.pop("exc_info", None)
    error = sys.exc_info()[1] if given is True else given[1] if isinstance(given, tuple) else given
    frames: list[str] = []
    while isinstance(error, BaseException):
        frames.append(type(error).__name__)
        frames += [f"{one.filename}:{one.lineno} {one.name}" for one in traceback.extract_tb(error.__traceback__)]
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if frames:
        event["exception"] = frames
    return event


# --- masking ---------------------------------------------------------------------------------------------------


def _mask_event(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    return {_clean(str(key)): _masked(value, _DEPTH) for key, value in event.items()}


def _masked(value: object, depth: int) -> object:
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if depth and isinstance(value, Mapping):
        return {_clean(str(key)): _masked(inner, depth - 1) for key, inner in value.items()}
    if depth and isinstance(value, (list, tuple, set, frozenset)):
        return [_masked(inner, depth - 1) for inner in value]
    if isinstance(value, (bytes, bytearray)):
        return _clean(value.decode("utf-8", "backslashreplace"))
    return _clean(value if isinstance(value, str) else str(value))


def _clean(text: str) -> str:
    # The longest first: a secret may be part of another one.
    for secret in sorted(_secrets, key=len, reverse=True):
        text = text.replace(secret, "***")
    return mask(text).encode("utf-8", "backslashreplace").decode()


# --- where it goes ---------------------------------------------------------------------------------------------


def _handler(target: str) -> logging.Handler:
    if target == "stderr":
        return _Stderr()
    if target == "journald":
        return _Journal(JOURNAL_SOCKET)
    try:
        return _File(target, encoding="utf-8")
    except OSError as error:
        raise _unwritable("SC-130", f"the log file cannot be written: {error.strerror}", target) from error


def _unwritable(code: str, what: str, file: str) -> SettingsError:
    why = "Faults could not be traced afterwards."
    todo = "Set SENDER_LOG to a file that can be written, to  stderr  or to  journald."
    return SettingsError(Complaint(code, what, why, todo, Place(file)))


class _Quiet(logging.Handler):
    """A log that fails must not stop a send, and must not print the event: it is not masked yet."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  the name is the standard library's
        with contextlib.suppress(Exception):
            print(f"(a log line could not be written: {sys.exc_info()[0]!r})", file=sys.stderr)  # noqa: T201


class _File(_Quiet, logging.handlers.WatchedFileHandler):
    """Opened anew once logrotate has moved it away; readable by its owner only."""

    def _open(self) -> Any:
        descriptor = os.open(self.baseFilename, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        return os.fdopen(descriptor, "a", encoding=self.encoding)


class _Stderr(_Quiet, logging.StreamHandler[TextIO]):
    def __init__(self) -> None:
        super().__init__(sys.stderr)


class _Journal(_Quiet):
    """systemd's native protocol: one datagram a line, https://systemd.io/JOURNAL_NATIVE_PROTOCOL/"""

    def __init__(self, path: str) -> None:
        super().__init__()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            self._socket.connect(path)
        except OSError as error:
            self._socket.close()
            raise _unwritable("SC-131", f"the journal cannot be reached: {error.strerror}", path) from error

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._socket.send(_journal_entry(self.format(record), record.levelno))
        except Exception:
            self.handleError(record)

    def close(self) -> None:
        self._socket.close()
        super().close()


def _journal_entry(line: str, level: int) -> bytes:
    message = line.encode()[:_JOURNAL_BYTES]
    # syslog(3): 3 error, 4 warning, 6 info, 7 debug
    priority = next((number for limit, number in ((40, 3), (30, 4), (20, 6)) if level >= limit), 7)
    head = f"PRIORITY={priority}\nSYSLOG_IDENTIFIER=send-campaign\n".encode()
    return head + b"MESSAGE\n" + struct.pack("<Q", len(message)) + message + b"\n"


# A library that logs, or we ourselves, before ``configure``: silence, since stdout is for results and nothing that
# is not masked may reach stderr.
logging.getLogger("sender").addHandler(logging.NullHandler())
_wire()
