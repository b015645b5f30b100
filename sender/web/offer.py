"""What the opt-in page offers: the words that people agree to, and topics. Read from a file of the sender's.

The words that are shown are what a consent names, so every text has its version in itself: a digest. A form that was
loaded, or copied into another site, before the words changed is answered with the new words and agrees to nothing.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from sender.errors import Place, SettingsError
from sender.model import as_topic
from sender.web.pages import LANGUAGES

__all__ = ["COMPLAINTS", "Offer", "offer_from"]

COMPLAINTS = {
    "SC-640": "The file of the opt-in page cannot be used",
}

_KEYS = {"mail", "notice", "tracking", "topics"}


@dataclass(frozen=True, slots=True)
class Offer:
    """``mail``, ``notice``, ``tracking``: by language; no ``tracking``: nothing is asked about it.

    ``topics``: their names by language, in the order shown.
    """

    mail: Mapping[str, str]
    notice: Mapping[str, str]
    tracking: Mapping[str, str] = field(default_factory=dict)
    topics: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def shown(self, scope: str, language: str) -> str:
        """The words for ``mail``, ``tracking`` or ``topic:NAME``, as they stand on the page."""
        if scope == "tracking":
            return self.tracking[language]
        agreed = f"{self.mail[language]}\n\n{self.notice[language]}"
        topic = scope.removeprefix("topic:")
        return agreed if topic == scope else f"{self.topics[language][topic]}\n\n{agreed}"

    def version(self, scope: str, language: str) -> str:
        kind = scope.partition(":")[0]
        return f"web-{kind}-{language}-{sha256(self.shown(scope, language).encode()).hexdigest()[:12]}"

    def digest(self, language: str) -> str:
        """Of everything that a form in this language shows."""
        said = [self.shown("mail", language), self.tracking.get(language, ""), *self.topics.get(language, {}).values()]
        return sha256("\0".join(said).encode()).hexdigest()[:16]


def offer_from(file: Path, known: Mapping[str, Mapping[str, str]]) -> Offer:
    """``known``: the topics that have names, by language. Raises SettingsError for a file that says too little."""
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeError, tomllib.TOMLDecodeError) as problem:
        raise _unusable(file, f"It cannot be read ({type(problem).__name__}).") from None
    if unknown := sorted(data.keys() - _KEYS):
        raise _unusable(file, f"It has a key that is not known: {unknown[0]}.")
    topics = [as_topic(str(one)) for one in data.get("topics", [])]
    if nameless := [one for one in topics if one not in known[LANGUAGES[0]]]:
        raise _unusable(file, f"The topic {nameless[0]!r} has no name in the settings (topics).")
    return Offer(
        mail=_spoken(file, data, "mail"),
        notice=_spoken(file, data, "notice"),
        tracking=_spoken(file, data, "tracking") if "tracking" in data else {},
        topics={language: {one: known[language][one] for one in topics} for language in LANGUAGES},
    )


def _spoken(file: Path, data: Mapping[str, Any], key: str) -> Mapping[str, str]:
    block = data.get(key)
    said = {language: str(block.get(language, "")).strip() for language in LANGUAGES} if isinstance(block, dict) else {}
    if not said or not all(said.values()):
        _missing(file, f"{key}, in each of {', '.join(LANGUAGES)}")
    return said


def _missing(file: Path, key: str) -> str:
    raise _unusable(file, f"It lacks  {key}.")


def _unusable(file: Path, why: str) -> SettingsError:
    error = SettingsError.of(
        "SC-640",
        COMPLAINTS["SC-640"],
        why=f"{why} People can only agree to words that they are shown.",
        todo="See docs/how-to/let-people-opt-in.md, or take the setting  opt_in  out.",
        place=Place(str(file)),
    )
    assert isinstance(error, SettingsError)  # noqa: S101 - for the type checker
    return error
