"""What is held about a person, as JSON for machines: every table, every column, codes as they stand."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sender.cli.as_json import verdict_as_json
from sender.cli.codes import unpacked
from sender.steps.dossier import Dossier

__all__ = ["as_json"]


def as_json(dossiers: Sequence[Dossier], language: str) -> str:
    real, *practice = dossiers
    content = {
        "schema": "send-campaign/dossier/1",
        "made_at": real.made_at.isoformat(),
        "email": real.who.address.spec,
        **_content(real, language),
        "practice": [_content(one, language) for one in practice],
    }
    return json.dumps(content, ensure_ascii=False, indent=2, default=_plain)


def _content(dossier: Dossier, language: str) -> dict[str, Any]:
    mails = [
        {
            "campaign": mail.campaign,
            "sender": mail.sender,
            "basis": mail.basis,
            "state": mail.state,
            "decision": [verdict_as_json(verdict, language) for verdict in mail.verdicts],
            "attempts": [dict(row) for row in mail.attempts],
        }
        for mail in dossier.mails
    ]
    held = {
        table: [{name: unpacked(value) for name, value in row.items()} for row in rows]
        for table, rows in dossier.rows.items()
    }
    return {"mails": mails, "held": held}


def _plain(value: object) -> str:
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    return value.isoformat() if isinstance(value, date | datetime) else str(value)
