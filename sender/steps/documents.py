"""The documents that campaigns and imports refer to, kept as they were when they were used."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection

from sender import ledger
from sender.model import Campaign
from sender.record import Kept, Words, keep
from sender.steps.house import House

__all__ = ["NOTICES", "keep_documents", "keep_notice"]

NOTICES = "notices"
"""The folder of the project in which ``2026-01.md`` is the text of the notice 2026-01."""


def keep_documents(connection: Connection, house: House, campaign: Campaign) -> tuple[str, ...]:
    """Keep the balancing test, and the notice where its text lies in the project; warns of a text that changed."""
    test = _kept(connection, house, "test", campaign.processing.balancing_test)
    return test + keep_notice(connection, house, campaign.audience.default.notice.version)


def keep_notice(connection: Connection, house: House, version: str | None) -> tuple[str, ...]:
    """Keep the text that people were given, so that they can be shown it again; warns of one that changed."""
    # Meets: GDPR art. 5(2), art. 15(1)
    return _kept(connection, house, "notice", house.project / NOTICES / f"{version}.md") if _plain(version) else ()


def _plain(version: str | None) -> bool:
    return bool(version) and "/" not in str(version)


def _kept(connection: Connection, house: House, kind: str, path: Path | None) -> tuple[str, ...]:
    text = path.read_text(encoding="utf-8", errors="replace") if path and path.is_file() else ""
    if path is None or not text.strip():
        return ()
    kept, under = keep(connection, kind, path.name, text, house.now())
    if kept is not Kept.CHANGED:
        return ()
    word = {"kind": kind, "name": path.name, "version": under}
    if not ledger.journal.holds(connection, "document_changed", word):
        ledger.journal.append(connection, "document_changed", word, None, house.now())
    return (Words(house.settings.language)("document.changed", file=path.name),)
