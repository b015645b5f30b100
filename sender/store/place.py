"""Where a data base lies: its address understood, its file made private, network drives refused."""

from __future__ import annotations

import os
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from sender.errors import SettingsError
from sender.store.complaints import complain

__all__ = ["file_of", "make_private_file", "refuse_network_drive", "understand"]

# SQLite's locks and its shared memory do not hold on these (sqlite.org/wal.html, section 2; useovernet.html).
_NETWORK = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "lustre", "davfs"}
    | {"fuse.sshfs", "fuse.glusterfs", "fuse.s3fs", "fuse.rclone"}
)
_DIALECTS = frozenset({"sqlite", "postgresql"})


def understand(address: str) -> URL:
    """A path is an SQLite file; ``postgresql://`` means the psycopg driver."""
    if "://" not in address:
        return URL.create("sqlite", database=str(Path(address).absolute()))
    try:
        url = make_url(address)
    except ArgumentError:
        url = URL.create("none")
    if url.get_backend_name() not in _DIALECTS or not url.database:
        raise complain(
            SettingsError,
            "SC-510",
            "SENDER_DATABASE",
            "Only SQLite files and PostgreSQL are supported.",
            "Give a path, or postgresql+psycopg://user@host/name",
        )
    if url.get_backend_name() == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    return url.set(database=str(Path(str(url.database)).absolute()))


def file_of(url: URL) -> Path | None:
    """The SQLite file; None on PostgreSQL."""
    return Path(str(url.database)) if url.get_backend_name() == "sqlite" else None


def refuse_network_drive(file: Path, mounts: Path = Path("/proc/mounts")) -> None:
    """Raise where the file's folder is mounted from another machine; systems without ``/proc`` are not looked at."""
    kind = _file_system(file.parent.resolve(), mounts)
    if kind in _NETWORK:
        raise complain(
            SettingsError,
            "SC-502",
            str(file),
            f"File locks do not hold on {kind}: two machines could mail the same people.",
            "Set SENDER_DATABASE to a file on a local disk, or to PostgreSQL.",
        )


def _file_system(folder: Path, mounts: Path) -> str:
    try:
        lines = [line.split() for line in mounts.read_text(encoding="utf-8", errors="replace").splitlines()]
    except OSError:
        return ""
    found = {_plain(fields[1]): fields[2] for fields in lines if len(fields) > 2}
    for place in (folder, *folder.parents):
        if str(place) in found:
            return found[str(place)]
    return ""


def _plain(mount_point: str) -> str:
    """``/proc/mounts`` writes a blank as ``\\040``."""
    return mount_point.replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\")


def make_private_file(file: Path) -> None:
    """An empty file that only its owner may read; SQLite gives the same mode to ``-wal`` and ``-shm``."""
    os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
