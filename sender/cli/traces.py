"""What is remembered of a data base apart from it: that there was one at this place, and which keys and state are its.

A base that was there and is gone took its objections and its letters with it: beginning anew must be meant. And
the public pages take objections while it is out of reach: its id leads to the keys and to the objections file.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from sender.settings import Settings
from sender.store import Base
from sender.store.place import file_of as file_of_base
from sender.store.place import understand


def file_of(settings: Settings) -> Path:
    """One file for each place of a data base: the same whoever logs in there, and with which password."""
    return settings.state_folder("known-bases") / f"base-{sha256(_place(settings).encode()).hexdigest()[:32]}"


def _place(settings: Settings) -> str:
    url = understand(settings.database)
    if file := file_of_base(url):
        return str(file.resolve())
    asked = url.query
    host, port = url.host or asked.get("host", ""), url.port or asked.get("port", 5432)
    return f"{host}:{port}/{url.database} {asked.get('options', '')}"


def leave(settings: Settings, base: Base) -> None:
    """Raises OSError."""
    if base.practice:
        return
    trace = file_of(settings)
    trace.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    trace.touch(mode=0o600)
    trace.write_text(f"{base.base_id}\n{base.key_check}\n{base.created_at.isoformat()}\n", encoding="ascii")


def renew(settings: Settings, base: Base) -> None:
    """For a base that came here from elsewhere. A folder that cannot be written stands in nobody's way."""
    if not base.practice and _marks(remembered(settings)) != _marks(base):
        with suppress(OSError):
            leave(settings, base)


def remembered(settings: Settings) -> Base | None:
    """The base that was last opened at this place; None where nothing, or not enough, is remembered of one."""
    try:
        base_id, key_check, created_at = file_of(settings).read_text(encoding="ascii").splitlines()
        return Base(base_id, key_check, practice=False, created_at=datetime.fromisoformat(created_at))
    except (OSError, ValueError):
        return None


def _marks(base: Base | None) -> tuple[str, str] | None:
    return (base.base_id, base.key_check) if base else None
