"""A title as people write it, reduced to the words that matter."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

__all__ = ["Word", "key_of", "words_of"]

# "(H/F)", "F-H", "(m/w/d)": for whom a post is open, not what it is.
_OPEN_TO = re.compile(r"\(?\b[hfmwdx]\s?[/-]\s?[hfmwdx](\s?[/-]\s?[hfmwdx])?\b\)?", re.IGNORECASE)
# "directeur(trice)", "chargé·e", "chargé.e.s", "directeur/trice": the feminine beside the masculine.
_ENDING = "rice|trice|ice|euse|se|ere|iere|ne|enne|ienne|ive|ve|le|elle|ee|e|es|s"
_BOTH_FORMS = re.compile(rf"(?<=[a-z])(?:\((?:{_ENDING})s?\)|[·•.‧/-](?:{_ENDING})(?:[·•.]?s)?(?![a-z]))")
_DOTTED = re.compile(r"\b(?:[a-z]\.){2,}")  # "D.R.H."
_AMPERSAND_WORD = re.compile(r"\bR\s?&\s?D\b", re.IGNORECASE)
_WORD = re.compile(r"[a-z0-9]+|[,;/|+–—:()]")
_LINKS = frozenset(
    {
        "d",
        "de",
        "du",
        "des",
        "l",
        "la",
        "le",
        "les",
        "en",
        "a",
        "au",
        "aux",
        "un",
        "une",
        "of",
        "the",
        "for",
        "to",
        "in",
    }
)
_EMPLOYER = frozenset({"chez", "at"})
_APOSTROPHES = str.maketrans({"’": "'", "ʼ": "'", "œ": "oe", "Œ": "oe", "æ": "ae", "&": " et ", "@": " chez "})
_LONGEST = 200

# Feminine endings and the masculine that they are folded to; the first that fits is taken.
_FEMININE = (
    ("trice", "teur"),
    ("euse", "eur"),
    ("ienne", "ien"),
    ("iere", "ier"),
    ("ive", "if"),
    ("elle", "el"),
    ("ere", "er"),
    ("ffe", "f"),
)


@dataclass(frozen=True, slots=True)
class Word:
    """``key``: folded form; ``linked``: a "de", "du", "of" stood before it; ``shown``: without accents, as written."""

    key: str
    linked: bool
    shown: str


def words_of(title: str) -> tuple[Word, ...]:
    """The words of ``title`` up to the employer's name; small words dropped, separators kept as ","."""
    words: list[Word] = []
    linked = False
    for text in _WORD.findall(_plain(title)):
        if text in _EMPLOYER:
            break
        if text in _LINKS:
            linked = True
            continue
        words.append(Word(_fold(text), linked, text))
        linked = False
    return tuple(words)


def key_of(name: str) -> tuple[str, ...]:
    """The folded words of a name of the vocabulary."""
    return tuple(word.key for word in words_of(name))


def _plain(title: str) -> str:
    text = _AMPERSAND_WORD.sub("RD", title[:_LONGEST]).translate(_APOSTROPHES)
    text = unicodedata.normalize("NFKD", text).casefold()
    text = "".join(letter for letter in text if not unicodedata.combining(letter))
    text = _DOTTED.sub(lambda found: found[0].replace(".", ""), text).replace(" - ", ", ")
    return _BOTH_FORMS.sub("", _OPEN_TO.sub(" ", text))


def _fold(text: str) -> str:
    """Plural and feminine to masculine singular, roughly; the same on both sides, so that roughly is enough."""
    if not text[0].isalnum():
        return ","
    if text == "and":
        return "et"
    if len(text) < 4:
        return text
    text = text.removesuffix("x") if text.endswith("aux") else text.removesuffix("s")
    for feminine, masculine in _FEMININE:
        if text.endswith(feminine):
            return text.removesuffix(feminine) + masculine
    return text.rstrip("e")
