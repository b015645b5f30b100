"""The two secrets of a data base: the link ring, which rotates, and the suppression key, which never does.

They lie in a folder of their own (0700, files 0600), apart from the base and its backups: with the
suppression key an address can be looked up among the keyed hashes of those who objected, without it nobody can
use that list. Losing it means losing every objection, so the base keeps a check value, and other keys than its
own stop every command. A key store may hold them instead of the folder: a command prints them, or systemd gives them.

    link          one line per key, ``number hexadecimal [moment]``, oldest first; the last one signs, since that moment
    suppression   one hexadecimal line
"""

from __future__ import annotations

import fcntl
import hmac
import os
import secrets
import shutil
import stat
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sender.errors import Place, SenderError, SettingsError
from sender.links import LinkKey, Ring, keyed_hash, knows_key_of
from sender.model import Address

__all__ = ["COMPLAINTS", "Keys", "LiveRing"]

COMPLAINTS: dict[str, str] = {
    "SC-150": "The keys folder is missing",
    "SC-151": "The keys folder is half made",
    "SC-152": "Others may read the keys",
    "SC-153": "A key file is damaged",
    "SC-154": "These keys belong to another data base",
    "SC-155": "There are keys already",
    "SC-156": "The keys cannot be read or written",
    "SC-660": "There is no number left for another link key",
}

_LINK = "link"
_CREDENTIAL = "send-campaign"  # LoadCredential=send-campaign:FOLDER gives send-campaign_link and so on
_SUPPRESSION = "suppression"
_BYTES = 32
_NUMBERS = 256  # a token has one byte for it
_LOOK_SECONDS = 1.0
_ASK_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of one data base. Secrets never show in a ``repr``."""

    ring: tuple[LinkKey, ...] = field(repr=False)
    suppression: bytes = field(repr=False)

    @classmethod
    def load(cls, folder: Path, check_value: str | None = None) -> Keys:
        """The keys in ``folder``, which must be those that ``check_value`` (from the base) was made of."""
        try:
            _demand_private_folder(folder)
            keys = cls(_parse_ring(folder / _LINK), _parse_key(folder / _SUPPRESSION))
        except OSError as problem:
            raise _cannot_touch(folder, problem) from problem
        if check_value is not None:
            keys.demand(check_value, folder)
        return keys

    @classmethod
    def of_text(cls, text: str, check_value: str, place: Path) -> Keys:
        """The keys as a key store has them: the content of the file ``link``, then that of ``suppression``.

        ``place`` says in errors where the text came from.
        """
        *ring, suppression = _whole_lines(text.encode(), place) or [""]
        keys = cls(_ring_of(ring, place), _key_of(suppression, place, len(ring) + 1))
        keys.demand(check_value, place)
        return keys

    @classmethod
    def of_credentials(cls, folder: Path, check_value: str) -> Keys | None:
        """The keys that systemd has put into ``$CREDENTIALS_DIRECTORY``; None where it holds none of ours.

        Who may read them there is systemd's to say: it grants by access lists, which look like a group's rights.
        """
        link, suppression = folder / f"{_CREDENTIAL}_{_LINK}", folder / f"{_CREDENTIAL}_{_SUPPRESSION}"
        if not (link.is_file() and suppression.is_file()):
            return None
        try:
            keys = cls(_parse_ring(link), _parse_key(suppression))
        except OSError as problem:
            raise _cannot_touch(folder, problem) from problem
        keys.demand(check_value, folder)
        return keys

    @classmethod
    def make(cls, folder: Path) -> Keys:
        """New keys in ``folder``: there whole or not at all, on the disk when this returns."""
        keys = cls((LinkKey(1, secrets.token_bytes(_BYTES)),), secrets.token_bytes(_BYTES))
        try:
            _put_in_place(folder, keys)
        except OSError as problem:
            raise _cannot_touch(folder, problem) from problem
        return keys

    @classmethod
    def rotate(cls, folder: Path, check_value: str, now: datetime) -> Keys:
        """The keys in ``folder`` with one link key more, which signs from ``now`` on; on the disk when this returns.

        The file is replaced whole, so a crash leaves the old ring or the new one. No key ever leaves it: whoever
        finds an old mail may still object.
        """
        with _alone_in(folder):
            old = cls.load(folder, check_value)
            added = LinkKey(_free_number(old.ring, folder), secrets.token_bytes(_BYTES), now)
            keys = cls((*old.ring, added), old.suppression)
            try:
                _replace(folder / _LINK, _as_text(keys.ring))
            except OSError as problem:
                raise _cannot_touch(folder, problem) from problem
        return keys

    def check_value(self) -> str:
        """What the base stores to know its keys again; reveals nothing about them.

        Covers the suppression key and the oldest link key: links live for ever, so it never leaves.
        """
        return hmac.digest(self.suppression, b"check:v1:" + self.ring[0].secret, "sha256").hex()

    def demand(self, check_value: str, folder: Path) -> None:
        """Raise unless ``check_value`` was made of these keys."""
        if not hmac.compare_digest(self.check_value().encode(), check_value.encode()):
            raise _complain(
                "SC-154",
                folder,
                why="With other keys nobody who objected is found, and links in mails already sent are dead.",
                todo="Put back the keys made with this data base, or set SENDER_KEYS to their folder.",
            )

    def suppression_hash(self, address: Address) -> bytes:
        """The 32 bytes under which an address stands on the suppression list, also after its erasure."""
        # Meets: FR F11 (an objection outlives the data of the person who made it)
        return keyed_hash(self.suppression, f"v{address.normalisation}:{address.key}".encode())


class LiveRing:
    """The link ring of a process that runs while keys are rotated: taken up anew when its file has changed.

    ``read`` gives it as it is now; ``file`` is looked at once a second at most. Where the keys come from elsewhere than
    a file (None), it is asked for when a token names a key that is not known, twice a minute at most, since strangers
    can name any. A ring that cannot be read is no reason to stop: the one that is known goes on.
    """

    def __init__(self, ring: Ring, read: Callable[[], Ring], file: Path | None) -> None:
        self._ring, self._read, self._file = ring, read, file
        self._stamp = self._look()
        self._next_look = self._next_asking = 0.0

    @classmethod
    def beside(cls, ring: Ring, folder: Path | None, read: Callable[[], Ring]) -> LiveRing:
        """For the keys in ``folder``."""
        return cls(ring, read, folder / _LINK if folder else None)

    def newest(self) -> Ring:
        now = time.monotonic()
        if self._file is not None and now >= self._next_look:
            self._next_look = now + _LOOK_SECONDS
            if (stamp := self._look()) != self._stamp:
                self._stamp = stamp
                self._take_up()
        return self._ring

    def for_token(self, token: str) -> Ring:
        """The ring to check ``token`` with."""
        now = time.monotonic()
        if not knows_key_of(self.newest(), token) and now >= self._next_asking:
            self._next_asking = now + _ASK_SECONDS
            self._take_up()
        return self._ring

    def _take_up(self) -> None:
        with suppress(SenderError):
            self._ring = self._read()

    def _look(self) -> tuple[int, int] | None:
        if self._file is None:
            return None
        try:
            found = self._file.stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns


# --- reading


def _demand_private_folder(folder: Path) -> None:
    if not folder.is_dir():
        raise _complain(
            "SC-150",
            folder,
            why="Without its keys the program cannot tell who objected, so it sends nothing.",
            todo="Run as the user who made it (HOME or XDG_CONFIG_HOME says where), set SENDER_KEYS, or restore it.",
        )
    for name in (_LINK, _SUPPRESSION):
        if not (folder / name).is_file():
            raise _complain(
                "SC-151",
                folder / name,
                why="Both key files are needed; a new one would not find those who objected before.",
                todo="Restore the folder from its backup. No mail was sent.",
            )
    for path in (folder, folder / _LINK, folder / _SUPPRESSION):
        _demand_private(path)


def _demand_private(path: Path) -> None:
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise _complain(
            "SC-152",
            path,
            why="Whoever reads them can test which addresses objected, and forge links.",
            todo=f"Run: chmod -R go= {path}",
        )


def _parse_ring(path: Path) -> tuple[LinkKey, ...]:
    return _ring_of(_lines(path), path)


def _ring_of(lines: Sequence[str], path: Path) -> tuple[LinkKey, ...]:
    ring: dict[int, LinkKey] = {}
    for number, line in enumerate(lines, 1):
        name, _, rest = line.partition(" ")
        secret, _, since = rest.partition(" ")
        if not (name.isascii() and name.isdecimal()) or not int(name[:4]) < _NUMBERS or int(name[:4]) in ring:
            raise _damaged(path, number)
        key = LinkKey(int(name[:4]), _key_of(secret, path, number), _moment_of(since, path, number))
        ring[key.number] = key
    if not ring:
        raise _damaged(path, 1)
    return tuple(ring.values())


def _moment_of(text: str, path: Path, line: int) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text) if text else None
    except ValueError:
        raise _damaged(path, line) from None
    if moment is not None and moment.tzinfo is None:
        raise _damaged(path, line)
    return moment


def _parse_key(path: Path) -> bytes:
    lines = _lines(path)
    if len(lines) != 1:
        raise _damaged(path, 1)
    return _key_of(lines[0], path, 1)


def _lines(path: Path) -> list[str]:
    return _whole_lines(path.read_bytes(), path)


def _whole_lines(content: bytes, path: Path) -> list[str]:
    """A file cut short by a crash does not end in a line end."""
    if not content.isascii() or not content.endswith(b"\n"):
        raise _damaged(path, 1)
    return content.decode("ascii").splitlines()


def _key_of(text: str, path: Path, line: int) -> bytes:
    try:
        secret = bytes.fromhex(text)
    except ValueError:
        raise _damaged(path, line) from None  # the text of the error might hold a part of the key
    if len(secret) != _BYTES:
        raise _damaged(path, line)
    return secret


# --- writing


def _put_in_place(folder: Path, keys: Keys) -> None:
    """Make the folder under another name, then rename it: a crash leaves no half-made keys under its own."""
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.exists() and any(folder.iterdir()):
        raise _complain(
            "SC-155",
            folder,
            why="Keys that are overwritten cannot be had back, and with them every objection is lost.",
            todo="Use these keys with their data base, or set SENDER_KEYS to an empty folder.",
        )
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))  # mkdtemp makes it 0700
    try:
        _write(draft / _LINK, _as_text(keys.ring))
        _write(draft / _SUPPRESSION, f"{keys.suppression.hex()}\n")
        _sync(draft)
        draft.rename(folder)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    _sync(folder.parent)


def _as_text(ring: Ring) -> str:
    moments = (f" {key.since.isoformat()}" if key.since else "" for key in ring)
    return "".join(f"{key.number} {key.secret.hex()}{moment}\n" for key, moment in zip(ring, moments, strict=True))


def _free_number(ring: Ring, folder: Path) -> int:
    used = {key.number for key in ring}
    wanted = ((ring[-1].number + step) % _NUMBERS for step in range(1, _NUMBERS))
    number = next((each for each in wanted if each not in used), None)
    if number is None:
        raise _complain(
            "SC-660",
            folder / _LINK,
            why="Each of the 256 keys is still needed by whoever finds an old mail; nothing was changed.",
            todo="Go on with the newest key.",
        )
    return number


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Two rotations at once come one after the other; what one that was killed left behind goes."""
    _demand_private_folder(folder)
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as problem:
        raise _cannot_touch(folder, problem) from problem
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        for left in folder.glob(f".{_LINK}.*"):
            left.unlink(missing_ok=True)
        yield
    finally:
        os.close(descriptor)


def _replace(path: Path, text: str) -> None:
    """Whole or not at all: another file, synced, then renamed."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        _write(draft, text)
        draft.rename(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    _sync(path.parent)


def _write(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(descriptor)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


# --- complaining


def _complain(code: str, path: Path, *, why: str, todo: str, line: int | None = None) -> SenderError:
    return SettingsError.of(code, COMPLAINTS[code], why=why, todo=todo, place=Place(str(path), line))


def _damaged(path: Path, line: int) -> SenderError:
    return _complain(
        "SC-153",
        path,
        line=line,
        why="A key that is not read exactly as it was made finds none of those who objected.",
        todo="Restore the file from its backup.",
    )


def _cannot_touch(folder: Path, problem: OSError) -> SenderError:
    return _complain(
        "SC-156",
        folder,
        why=f"The system says: {problem.strerror or 'no reason'}.",
        todo="Give the folder to the user who runs send-campaign, or set SENDER_KEYS to another one.",
    )
