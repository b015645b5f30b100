"""Sockets to answer on: made here, or handed over by systemd or by the process that was here before."""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from sender.errors import UsageError

__all__ = ["COMPLAINTS", "Doors", "door_at", "door_on", "hand_over", "inherited_doors"]

COMPLAINTS: dict[str, str] = {
    "SC-160": "The public pages cannot listen there",
    "SC-611": "The unix socket cannot be made",
    "SC-612": "Somebody else answers on this unix socket",
}

_FIRST = 3  # the first descriptor that systemd hands over
_BACKLOG = 1024  # those who come while a successor starts wait here


@dataclass(slots=True)
class Doors:
    """Sockets that listen. ``path``: the unix socket that is ours to remove at the end."""

    sockets: Sequence[socket.socket]
    path: Path | None = None

    @property
    def shown(self) -> str:
        """Where it is, for a person."""
        names = []
        for each in self.sockets:
            name = each.getsockname()
            inet = each.family in {socket.AF_INET, socket.AF_INET6}
            host = f"[{name[0]}]" if each.family == socket.AF_INET6 else name[0] if inet else ""
            names.append(f"http://{host}:{name[1]}/" if inet else f"unix:{name}")
        return " ".join(names)

    def close(self) -> None:
        for each in self.sockets:
            each.close()
        if self.path is not None:
            with suppress(OSError):
                self.path.unlink()


def door_on(host: str, port: int) -> Doors:
    """A TCP socket; 0 takes a free port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return Doors([socket.create_server((host, port), family=family, backlog=_BACKLOG)])
    except (OSError, OverflowError) as error:
        raise UsageError.of(
            "SC-160",
            f"{COMPLAINTS['SC-160']}: {host}:{port}",
            why=f"The system says: {getattr(error, 'strerror', None) or 'no such port'}.",
            todo="End what listens there, or choose another: send-campaign serve --port 8081",
        ) from error


def door_at(path: Path, mode: int) -> Doors:
    """A unix socket. Who may write to the file may speak for anybody, so it is never wider than ``mode``."""
    _remove_stale(path)
    door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o777 & ~mode)
    try:
        door.bind(str(path))
        path.chmod(mode)
        door.listen(_BACKLOG)
    except OSError as error:
        door.close()
        raise UsageError.of(
            "SC-611",
            f"{COMPLAINTS['SC-611']}: {path}",
            why=f"The system says: {error.strerror or error}.",
            todo="Name a file in a folder that this user may write: --unix-socket /run/send-campaign/pages.sock",
        ) from error
    finally:
        os.umask(before)
    return Doors([door], path)


def inherited_doors(path: Path | None = None) -> Doors | None:
    """What systemd or our predecessor left open for this very process; None where nobody did."""
    # Meets: sd_listen_fds(3)
    if os.environ.get("LISTEN_PID") != str(os.getpid()):
        return None
    count = os.environ.get("LISTEN_FDS", "")
    if not count.isdecimal() or not 0 < int(count) < 32:
        return None
    sockets = [socket.socket(fileno=number) for number in range(_FIRST, _FIRST + int(count))]
    for each in sockets:
        each.set_inheritable(False)
    return Doors(sockets, path)


def hand_over(doors: Doors) -> NoReturn:
    """Become a new process of the same command, with the same number and the same sockets.

    Nobody is turned away: who comes in the meantime waits in the queue of the socket, which stays open.
    """
    copies = [os.dup(each.fileno()) for each in doors.sockets]
    copies = [_above(copy, _FIRST + len(copies)) for copy in copies]
    for number, copy in enumerate(copies, _FIRST):
        os.dup2(copy, number, inheritable=True)
    os.environ |= {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": str(len(copies))}
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})  # the next one waits until the successor can hear it
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606  our own command line, without a shell


def _above(descriptor: int, least: int) -> int:
    """A copy of the descriptor that the places from ``_FIRST`` on do not overwrite."""
    return fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, least)


def _remove_stale(path: Path) -> None:
    """A socket that a killed process left behind; one that somebody answers on is not touched, nor any other file."""
    if not path.is_socket():
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            path.unlink()
            return
        except OSError:
            return
    raise UsageError.of(
        "SC-612",
        f"{COMPLAINTS['SC-612']}: {path}",
        why="Two servers on one file would take turns in being reached.",
        todo="End the other one, or let it read its settings anew: kill -HUP PROCESS",
    )
