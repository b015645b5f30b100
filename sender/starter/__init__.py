"""What ``send-campaign init`` writes: a small project that passes every check as it stands.

The files lie under ``project/`` as they will lie in the user's folder. All names in them are invented, all addresses
end in ``.example``, so that nothing can reach anybody before somebody has put in their own.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from sender.errors import Complaint, Place, UsageError

__all__ = ["COMPLAINTS", "write"]

COMPLAINTS: dict[str, str] = {
    "SC-170": "A file of the starter project is there already",
    "SC-171": "The starter project cannot be written",
}


def write(folder: Path) -> tuple[Path, ...]:
    """Write the project into ``folder``, which is made where it is missing; say which files were written.

    Nothing is overwritten, and a failure leaves nothing behind but folders.
    """
    contents = dict(_contents(files("sender.starter") / "project", Path()))
    targets = [folder / name for name in contents]
    UsageError.unless_empty(_taken(path) for path in targets if _is_there(path))
    try:
        _put(folder, contents)
    except OSError as problem:
        raise UsageError.of(
            "SC-171",
            COMPLAINTS["SC-171"],
            why=f"The system says: {problem.strerror or 'no reason'}.",
            todo="Name a folder that you may write to: send-campaign init FOLDER",
            place=Place(str(folder)),
        ) from problem
    return tuple(targets)


def _contents(folder: Traversable, name: Path) -> Iterator[tuple[Path, bytes]]:
    """Every file below ``folder`` with its name relative to the project, in a stable order."""
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            yield from _contents(entry, name / entry.name)
        else:
            yield name / entry.name, entry.read_bytes()


def _put(folder: Path, contents: dict[Path, bytes]) -> None:
    """Write all files aside first, so that a full disk is met before the first one is in its place."""
    folder.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=".send-campaign-", dir=folder))
    placed: list[Path] = []
    try:
        for number, content in enumerate(contents.values()):
            _write(draft / str(number), content)
        for number, name in enumerate(contents):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (draft / str(number)).rename(folder / name)
            placed.append(folder / name)
    except OSError:
        for path in placed:
            with suppress(OSError):
                path.unlink()
        raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _write(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _is_there(path: Path) -> bool:
    return os.path.lexists(path)  # a dangling link is there too


def _taken(path: Path) -> Complaint:
    return Complaint(
        "SC-170",
        COMPLAINTS["SC-170"],
        why="Nothing is overwritten: it may be somebody's work.",
        todo="Name an empty or a new folder: send-campaign init FOLDER",
        place=Place(str(path)),
    )
