"""Mailboxes that are read: a Maildir on this machine, a folder on an IMAP server, one mail on standard input.

``opened`` gives the mails that nobody has dealt with yet, each with a way to say that it is done. A mail that is done
is marked as seen and stays where it is; whoever reads the mailbox beside this program finds it there.
"""

from __future__ import annotations

import imaplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sender.errors import SenderError, Unreachable, UsageError
from sender.feedback.parts import LARGEST

if TYPE_CHECKING:
    from imap_tools import BaseMailBox

__all__ = ["COMPLAINTS", "Found", "Mailbox", "opened", "watched"]

COMPLAINTS: dict[str, str] = {
    "SC-650": "This is no Maildir",
    "SC-651": "The mailbox cannot be read",
}

_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Where mail that comes back lies. ``folder`` of a Maildir, or of an IMAP server at ``host``.

    ``tls``: ``implicit``, ``starttls`` or ``none``. ``name``: how it is called in messages, without a password.
    """

    name: str
    folder: str
    host: str = ""
    port: int = 0
    user: str = ""
    tls: str = "implicit"

    @property
    def local(self) -> bool:
        return not self.host


@dataclass(frozen=True, slots=True)
class Found:
    """One mail. ``done``: nobody has to look at it any more."""

    raw: bytes
    done: Callable[[], None]


@contextmanager
def opened(mailbox: Mailbox, password: Callable[[], str]) -> Iterator[Iterator[Found]]:
    """The mails that are not seen yet, the oldest first. Raises UsageError, Unreachable."""
    if mailbox.local:
        yield _in_maildir(Path(mailbox.folder))
        return
    with _logged_in(mailbox, password) as server:
        yield _on_server(server)


@contextmanager
def watched(mailbox: Mailbox, password: Callable[[], str]) -> Iterator[Callable[[], Iterator[bytes]]]:
    """What to call for the mails that came in since, each once; none is marked. Raises UsageError, Unreachable."""
    if mailbox.local:
        folder = Path(mailbox.folder)
        _demand_maildir(folder)
        known = {_unique(path) for path in _all_in(folder)}
        yield lambda: (_read(path) for path in _all_in(folder) if _is_new(_unique(path), known))
        return
    with _logged_in(mailbox, password) as server:
        there = set(server.uids("ALL"))
        yield lambda: (raw for uid in server.uids("ALL") if _is_new(uid, there) for raw in _fetched(server, uid))


def _is_new(name: str, known: set[str]) -> bool:
    if name in known:
        return False
    known.add(name)
    return True


# --- Maildir


def _in_maildir(folder: Path) -> Iterator[Found]:
    _demand_maildir(folder)
    return (Found(_read(path), _marker(path)) for path in _unseen(folder))


def _demand_maildir(folder: Path) -> None:
    # Meets: the Maildir convention (new, cur; the flag S after ":2,")
    if not all((folder / part).is_dir() for part in ("new", "cur")):
        raise UsageError.of(
            "SC-650",
            f"{folder} is no Maildir: it has no folders new and cur",
            why="Requests to stop that lie elsewhere would not be found; nothing was read.",
            todo="Name the folder that the mail server delivers into, like  maildir:/var/mail/stop",
        )


def _unseen(folder: Path) -> list[Path]:
    return [path for path in _all_in(folder) if "S" not in _flags(path)]


def _all_in(folder: Path) -> list[Path]:
    try:
        found = [path for part in ("new", "cur") for path in (folder / part).iterdir() if path.is_file()]
    except OSError as problem:
        raise _unreadable(str(folder), problem.strerror or type(problem).__name__) from problem
    return sorted(found, key=lambda path: path.name)


def _unique(path: Path) -> str:
    """The part of the name that stays when a mail is looked at and moves to ``cur``."""
    return path.name.partition(":2,")[0]


def _flags(path: Path) -> str:
    return path.name.partition(":2,")[2]


def _read(path: Path) -> bytes:
    """Empty where another program has moved the mail meanwhile: it is found again, or was dealt with."""
    try:
        with path.open("rb") as file:
            return file.read(LARGEST)
    except FileNotFoundError:
        return b""
    except OSError as problem:
        raise _unreadable(str(path.parent.parent), problem.strerror or type(problem).__name__) from problem


def _marker(path: Path) -> Callable[[], None]:
    def mark() -> None:
        flags = "".join(sorted({*_flags(path), "S"}))
        target = path.parent.parent / "cur" / f"{_unique(path)}:2,{flags}"
        try:
            path.rename(target)
        except FileNotFoundError:
            return
        except OSError as problem:
            raise _unreadable(str(path.parent.parent), problem.strerror or type(problem).__name__) from problem

    return mark


# --- IMAP


@contextmanager
def _logged_in(mailbox: Mailbox, password: Callable[[], str]) -> Iterator[BaseMailBox]:
    from imap_tools import ImapToolsError, MailBox, MailBoxStartTls, MailBoxUnencrypted

    context = ssl.create_default_context()
    try:
        if mailbox.tls == "implicit":
            server: BaseMailBox = MailBox(mailbox.host, mailbox.port, timeout=_SECONDS, ssl_context=context)
        elif mailbox.tls == "starttls":
            server = MailBoxStartTls(mailbox.host, mailbox.port, timeout=_SECONDS, ssl_context=context)
        else:
            server = MailBoxUnencrypted(mailbox.host, mailbox.port, timeout=_SECONDS)
        with server.login(mailbox.user, password(), mailbox.folder) as session:
            yield session
    except (OSError, imaplib.IMAP4.error, ImapToolsError) as problem:
        raise _unreadable(mailbox.name, _without_secrets(problem)) from None


def _on_server(server: BaseMailBox) -> Iterator[Found]:
    """One by one, and only the beginning of each is kept."""
    for uid in server.uids("UNSEEN"):
        for raw in _fetched(server, uid):
            yield Found(raw, _flagger(server, uid))


def _fetched(server: BaseMailBox, uid: str) -> Iterator[bytes]:
    """The mail as it lies there, byte for byte; nothing where it is gone."""
    _, parts = server.client.uid("FETCH", uid, "(BODY.PEEK[])")
    return (part[1][:LARGEST] for part in parts if isinstance(part, tuple))


def _flagger(server: BaseMailBox, uid: str) -> Callable[[], None]:
    def flag() -> None:
        server.flag(uid, "\\Seen", True)

    return flag


def _without_secrets(problem: BaseException) -> str:
    """What a server says to a wrong password may repeat the user; its kind is enough."""
    return problem.strerror or type(problem).__name__ if isinstance(problem, OSError) else type(problem).__name__


def _unreadable(name: str, why: str) -> SenderError:
    return Unreachable.of(
        "SC-651",
        f"the mailbox {name} cannot be read: {why}",
        why="Requests to stop that lie there are not in force yet; what was read before is.",
        todo="Check its name, the user's rights and the password (SENDER_COLLECT_PASSWORD_FILE), then run it again.",
    )
