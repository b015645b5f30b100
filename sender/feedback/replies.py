"""Answers to a letter: of machines, which change nothing, and of people who want no more mail and say it in words."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from email.message import Message
from functools import cache
from importlib.resources import files

from sender.feedback.parts import ids_in, text_of, words_of
from sender.feedback.returns import Kind, Return

__all__ = ["understood"]

_LONGEST_WISH = 300  # characters: whoever writes more than that says more than "stop", and a person is to read it
_QUOTED = re.compile(r"^\s*(?:[>|]|-{2,}\s*\w|_{5,}|(?:de|from|von|da|van)\s*:)", re.IGNORECASE)
_MACHINE_SUBJECT = re.compile(
    r"(?i)^(?:auto(?:matic)?[ -]?(?:reply|response)|auto\s*:|réponse automatique|out of (?:the )?office"
    r"|automatische antwort|respuesta automática|risposta automatica|automatisch antwoord)"
)


def understood(message: Message) -> Return | None:
    """None where it is neither; a wish without a letter that it answers names nobody, and is for a person to read."""
    if _is_machine(message):
        return Return(Kind.ABSENT)
    about = ids_in(text_of(message, "In-Reply-To"), text_of(message, "References"))
    if about and (_wishes(own_words(words_of(message))) or _wishes(_subject(message))):
        return Return(Kind.STOP, message_ids=about)
    return None


def _is_machine(message: Message) -> bool:
    # Meets: RFC 3834 §5 (Auto-Submitted), §3.1.8 (Precedence of older programs)
    auto = text_of(message, "Auto-Submitted").partition(";")[0].strip().lower()
    old = text_of(message, "Precedence").lower() in {"auto_reply", "bulk", "junk", "list"}
    named = any(message[name] for name in ("X-Autoreply", "X-Autorespond", "X-Auto-Response"))
    return auto not in {"", "no"} or old or named or _MACHINE_SUBJECT.match(text_of(message, "Subject")) is not None


def own_words(text: str) -> str:
    """What the person wrote, without the letter that is quoted below and without a signature."""
    lines: list[str] = []
    for line in text.splitlines():
        if line.rstrip() == "--" or _QUOTED.match(line) or _attribution(line):
            break
        lines.append(line)
    return " ".join(" ".join(lines).split())


def _attribution(line: str) -> bool:
    """``Le 2 avril 2026 à 09:00, Éluard Conseil a écrit :``"""
    plain = _folded(line)
    return plain.endswith(":") and any(plain.rstrip(" :").endswith(word) for word in _data()["wrote"])


def _wishes(words: str) -> bool:
    """A word that says it all stands alone; a sentence may hold the others."""
    plain = _folded(words)
    if not plain or len(plain) > _LONGEST_WISH:
        return False
    bare = re.sub(r"[^\w' ]+", " ", plain).split()
    alone = " ".join(word for word in bare if word not in _data()["courtesy"])
    padded = f" {' '.join(bare)} "
    refused = any(f" {phrase} " in padded for phrase in _data()["not"])
    return alone in _data()["alone"] or (not refused and any(f" {phrase}" in padded for phrase in _data()["within"]))


def _subject(message: Message) -> str:
    """Without the prefixes of an answer; the rest is our own subject, where nobody wrote another."""
    return re.sub(r"(?i)^(?:\s*(?:re|aw|sv|rif|tr|fwd?)\s*:)+", "", text_of(message, "Subject"))


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold().replace("’", "'"))
    return " ".join("".join(sign for sign in plain if not unicodedata.combining(sign)).split())


@cache
def _data() -> dict[str, frozenset[str]]:
    content = (files("sender.feedback") / "stop_words.toml").read_text(encoding="utf-8")
    return {name: frozenset(_folded(word) for word in words) for name, words in tomllib.loads(content).items()}
