"""The documents that a campaign refers to, kept as they were when it used them."""

from __future__ import annotations

from sqlalchemy import Connection

from sender import ledger
from sender.model import Campaign
from sender.record import Kept, Words, keep
from sender.steps.house import House

__all__ = ["NOTICES", "keep_documents"]

NOTICES = "notices"
"""The folder of the project in which ``2026-01.md`` is the text of the notice 2026-01."""


def keep_documents(connection: Connection, house: House, campaign: Campaign) -> tuple[str, ...]:
    """Keep the balancing test, and the notice where its text lies in the project; warns of a text that changed."""
    version = campaign.audience.default.notice.version
    notice = house.project / NOTICES / f"{version}.md" if version and "/" not in version else None
    warned = []
    for kind, path in (("test", campaign.processing.balancing_test), ("notice", notice)):
        text = path.read_text(encoding="utf-8", errors="replace") if path and path.is_file() else ""
        if path is None or not text.strip():
            continue
        kept, under = keep(connection, kind, path.name, text, house.now())
        if kept is Kept.CHANGED:
            word = {"kind": kind, "name": path.name, "version": under}
            if not ledger.journal.holds(connection, "document_changed", word):
                ledger.journal.append(connection, "document_changed", word, None, house.now())
            warned.append(Words(house.settings.language)("document.changed", file=path.name))
    return tuple(warned)
