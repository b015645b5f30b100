"""Balancing tests and notices as they were when they were first used: a version is one text for ever."""

from __future__ import annotations

import re
from datetime import datetime
from enum import Enum, auto
from hashlib import sha256

from sqlalchemy import Connection, insert, select

from sender.store.schema import documents

__all__ = ["Kept", "content_of", "keep", "version_of"]

_VERSION = re.compile(r"^[\s|#*_>-]*version[\s|*_:]+([0-9A-Za-z][\w.-]*)", re.IGNORECASE | re.MULTILINE)
_HEAD = 4000  # characters in which a document says its version


class Kept(Enum):
    KNOWN = auto()
    NEW = auto()
    CHANGED = auto()  # the version was kept before with another text


def version_of(text: str) -> str | None:
    """What the document says of itself, in a line ``Version: 2026-03-18`` or a row of a table."""
    found = _VERSION.search(text[:_HEAD])
    return found[1] if found else None


def keep(connection: Connection, kind: str, name: str, text: str, now: datetime) -> tuple[Kept, str]:
    """Keep the document; returns the version under which it stands.

    One that says no version is known by its content. One that changed under its version is kept beside the first.
    """
    # Meets: GDPR art. 5(2), rec. 47
    digest = sha256(text.encode()).hexdigest()
    version = version_of(text) or f"sha256:{digest[:12]}"
    known = _digest(connection, kind, name, version)
    if known == digest:
        return Kept.KNOWN, version
    if known is not None:
        version = f"{version}+{digest[:12]}"
        if _digest(connection, kind, name, version) == digest:
            return Kept.CHANGED, version
    row = {"kind": kind, "name": name, "version": version, "digest": digest, "content": text}
    connection.execute(insert(documents).values(**row, recorded_at=now))
    return (Kept.NEW if known is None else Kept.CHANGED), version


def content_of(connection: Connection, kind: str, name: str) -> str | None:
    """The text as it was when it was first used; None where none was kept under this name."""
    # Meets: GDPR art. 5(2)
    wanted = select(documents.c.content).where((documents.c.kind == kind) & (documents.c.name == name))
    return connection.execute(wanted.order_by(documents.c.recorded_at).limit(1)).scalar()


def _digest(connection: Connection, kind: str, name: str, version: str) -> str | None:
    same = (documents.c.kind == kind) & (documents.c.name == name) & (documents.c.version == version)
    return connection.execute(select(documents.c.digest).where(same)).scalar()
