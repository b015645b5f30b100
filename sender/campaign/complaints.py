"""What can be wrong with a campaign file, and how it is said."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from sender.address import mask

COMPLAINTS: dict[str, str] = {
    "SC-210": "The campaign file has a key that is not known",
    "SC-211": "The campaign file lacks a key",
    "SC-212": "A value is of the wrong kind",
    "SC-213": "A value is not one of the words that are known here",
    "SC-214": "The campaign's name cannot be used",
    "SC-215": "An e-mail address of the campaign file cannot be used",
    "SC-216": "The SIREN is not one",
    "SC-217": "The capital holds no amount",
    "SC-218": "A job function is not on the list",
    "SC-219": "A value holds a line break or a control character",
    "SC-220": "A value is empty",
    "SC-221": "A file that the campaign names is not there",
    "SC-222": "A date cannot be read",
    "SC-223": "A time cannot be read",
    "SC-224": "A time does not exist on that day",
    "SC-225": "The schedule ends before it begins",
    "SC-226": "The time zone is not known",
    "SC-227": "The country is not a code",
    "SC-228": "The language is not a code",
    "SC-229": "A header may not be set in the campaign file",
    "SC-230": "A date of the past lies in the future",
    "SC-231": "A period cannot be read",
    "SC-232": "The audience is both a file and a selection",
    "SC-233": "Weekdays or hours cannot be read",
    "SC-234": "A rate cannot be read",
}


class FieldError(ValueError):
    """What a field's check says against its value; ``reader`` adds the place."""

    def __init__(self, code: str, what: str, why: str, todo: str) -> None:
        self.code, self.what, self.why, self.todo = code, what, why, todo
        super().__init__(what)


def quoted(text: object) -> str:
    """A value as a message may show it: short, on one line, without anybody's address."""
    shown = mask(str(text))
    clean = "".join(char if char.isprintable() else "?" for char in shown)
    return f'"{clean[:40]}…"' if len(clean) > 40 else f'"{clean}"'


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant."""
    found = difflib.get_close_matches(word[:60].lower(), sorted(known), n=1, cutoff=0.55)
    return found[0] if found else None


def suggestion(word: str, known: Iterable[str]) -> str:
    """What to do about a word that is not known: the nearest one, else the list where it is short."""
    words = sorted(known)
    if near := nearest(word, words):
        return f'Did you mean "{near}"?'
    return f"Known here: {', '.join(words)}." if 0 < len(words) <= 20 else "Write another."
