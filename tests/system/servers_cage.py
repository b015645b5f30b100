"""Servers whose Debian packages exclude Postfix's: unpacked, not installed, and run below a root folder of their own.

In there they find the users, paths and libraries that are compiled into them, and none of the machine's.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.system.servers import INSTALL, Certificates, done, needed, open_folder

CHARACTER_DEVICES = {"null": (1, 3), "zero": (1, 5), "random": (1, 8), "urandom": (1, 9)}


@contextmanager
def cage(package: str, certificates: Certificates, users: dict[str, int], *programs: str) -> Iterator[Path]:
    """A root folder with the package, the libraries of its programs, a shell, its users and the certificate."""
    needed("apt-get", "dpkg-deb", "chroot")
    with open_folder(package) as root:
        shutil.copytree(unpacked(package), root, symlinks=True, dirs_exist_ok=True)
        root.chmod(0o755)
        for name in ("bin", "dev", "etc", "tmp", "var/run", "var/log", "var/spool", "mail"):
            (root / name).mkdir(parents=True, exist_ok=True)
        (root / "tmp").chmod(0o1777)
        shutil.copy("/bin/sh", root / "bin" / "sh")
        for program in ("bin/sh", *programs):
            copy_libraries(root / program, root, package)
        for name, numbers in CHARACTER_DEVICES.items():
            os.mknod(root / "dev" / name, 0o20666, os.makedev(*numbers))
            (root / "dev" / name).chmod(0o666)
        enter_users(root, {"root": 0, **users})
        shutil.copy(certificates.chain, root / "etc" / "server.pem")
        shutil.copy(certificates.key, root / "etc" / "server.key")
        yield root


def unpacked(package: str) -> Path:
    """The package's files, fetched once and kept in the cache."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "send-campaign-tests"
    cache.mkdir(parents=True, exist_ok=True)
    wanted = f"{package}_*_{done('dpkg', '--print-architecture').strip()}.deb"
    if not list(cache.glob(wanted)):
        fetched = subprocess.run(
            ["apt-get", "download", package], cwd=cache, capture_output=True, text=True, check=False
        )
        if fetched.returncode:
            pytest.fail(f"{package} cannot be fetched. Type:  apt-get update\n{fetched.stderr}", pytrace=False)
    folder = cache / package
    if not folder.exists():
        staging = Path(tempfile.mkdtemp(dir=cache))  # there whole or not at all
        done("dpkg-deb", "-x", max(cache.glob(wanted)), staging)
        staging.rename(folder)
    return folder


def copy_libraries(program: Path, root: Path, package: str) -> None:
    listed = done("ldd", program)
    if missing := re.findall(r"(\S+) => not found", listed):
        pytest.fail(f"{package} lacks {', '.join(missing)}. Type:  {INSTALL}", pytrace=False)
    for library in re.findall(r"(/\S+) \(0x", listed):
        target = root / library.lstrip("/")
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(library, target)


def enter_users(root: Path, users: dict[str, int]) -> None:
    rows = sorted(users.items())
    (root / "etc/passwd").write_text("".join(f"{name}:x:{uid}:{uid}::/:/bin/sh\n" for name, uid in rows))
    (root / "etc/group").write_text("".join(f"{name}:x:{uid}:\n" for name, uid in rows))
    (root / "etc/nsswitch.conf").write_text("passwd: files\ngroup: files\nhosts: files\n")
    (root / "etc/hosts").write_text(f"127.0.0.1 localhost\n127.0.1.1 {platform.node() or 'relay'}\n")
    (root / "etc/mailname").write_text("relay.test\n")


@contextmanager
def running(root: Path, *command: str) -> Iterator[Path]:
    """The program below its root, in the foreground; what it says goes into a log. It is ended, not killed."""
    log = root / "mail.log"
    with log.open("wb") as said:
        process = subprocess.Popen(
            ["chroot", root, *command],
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            start_new_session=True,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
        )
        try:
            yield log
        finally:
            process.terminate()
            process.wait(timeout=30)
