"""A paper on the disk: whole or not at all, and for its owner alone."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from sender.errors import Place, UsageError

__all__ = ["COMPLAINTS", "write"]

COMPLAINTS: dict[str, str] = {"SC-801": "The file cannot be written"}


def write(path: Path, content: bytes | str) -> None:
    """Put ``content`` at ``path``, replacing what was there, readable by its owner only."""
    raw = content.encode() if isinstance(content, str) else content
    draft = ""
    try:
        handle, draft = tempfile.mkstemp(prefix=".send-campaign-", dir=path.absolute().parent)  # mode 0600
        with os.fdopen(handle, "wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        Path(draft).replace(path)
    except OSError as problem:
        with suppress(OSError):
            if draft:
                Path(draft).unlink()
        raise UsageError.of(
            "SC-801",
            COMPLAINTS["SC-801"],
            why=f"The system says: {problem.strerror or 'no reason'}.",
            todo="Name a file in a folder that is there and that you may write to.",
            place=Place(str(path)),
        ) from problem
