"""What a campaign says, by content: a change is seen even where the files keep their names."""

from __future__ import annotations

import hashlib
import json
import os.path
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path

from sender.errors import InputError, Place
from sender.model import Campaign

PARTS: dict[str, str] = {
    "sender": "the sender block",
    "offer": "the offer",
    "message": "the subject, the language, a header, or a file that a template includes",
    "html": "the HTML template",
    "text": "the text template",
    "attachments": "the attachments",
}


def digest(campaign: Campaign, files: Iterable[Path] = ()) -> dict[str, str]:
    """SHA-256 of each of ``PARTS``. ``files``: all others that the templates read (includes, images)."""
    message = campaign.message
    own = {message.html, message.text}
    others = sorted({_named(campaign, path) for path in files if path not in own})
    return {
        "sender": _hash(asdict(campaign.sender)),
        "offer": _hash(asdict(campaign.offer)),
        "message": _hash([message.subject, dict(message.headers), campaign.language, others]),
        "html": _content(campaign, message.html),
        "text": _content(campaign, message.text) if message.text else _hash("derived from the HTML"),
        "attachments": _hash([_named(campaign, path) for path in message.attachments]),
    }


def differences(before: Mapping[str, str], now: Mapping[str, str]) -> tuple[str, ...]:
    """What has changed between two digests, in words; empty when nothing has."""
    changed = [part for part in {**PARTS, **before, **now} if before.get(part) != now.get(part)]
    return tuple(f"{PARTS.get(part, part)} has changed" for part in changed)


def _named(campaign: Campaign, path: Path) -> tuple[str, str]:
    """Names count from the campaign's folder, so that a moved project is still the same."""
    return os.path.relpath(path, campaign.path.parent), _content(campaign, path)


def _content(campaign: Campaign, path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise InputError.of(
            "SC-221",
            f"the file cannot be read: {error.strerror}",
            why="The campaign needs it, and whether it changed cannot be told.",
            todo="Put it back, or name another one in the campaign file.",
            place=Place(str(path)),
        ) from error


def _hash(value: object) -> str:
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
