"""Which data base this is, and which keys belong to it: one row, written once."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from sender.model import NORMALISATION
from sender.store.schema import base

__all__ = ["Base", "found", "new_base_id", "read_base"]


@dataclass(frozen=True, slots=True)
class Base:
    """``key_check``: what ``Keys.check_value`` gave when the base was made; other keys stop every command.

    ``normalisation``: the version of the normal forms under which its contacts stand.
    """

    base_id: str
    key_check: str
    practice: bool
    created_at: datetime
    normalisation: int = NORMALISATION


def new_base_id() -> str:
    """Drawn before the base row is written, because the folder of its keys is named after it."""
    return secrets.token_hex(16)


def found(connection: Connection, *, base_id: str, key_check: str, practice: bool, now: datetime) -> Base:
    """Write the base row. A second one is refused by the table itself."""
    row = Base(base_id, key_check, practice, now)
    connection.execute(
        insert(base).values(
            only=1,
            base_id=base_id,
            key_check=key_check,
            practice=practice,
            created_at=now,
            normalisation=NORMALISATION,
        )
    )
    return row


def read_base(connection: Connection) -> Base | None:
    """None in a base that was just made."""
    row = connection.execute(_ROW).one_or_none()
    return None if row is None else Base(*row)


_ROW = select(base.c.base_id, base.c.key_check, base.c.practice, base.c.created_at, base.c.normalisation)
