"""A title as people write it, reduced to the words that matter."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from sender.functions.seeking import is_seeking

__all__ = ["AND", "BREAK", "LONGEST", "Word", "key_of", "keys_of", "words_of"]

AND, BREAK = "et", "|"  # keys of what joins the parts of a title, and of what parts them

# "(H/F)", "F-H", "(m/w/d)": for whom a post is open, not what it is.
_OPEN_TO = re.compile(r"\(\s?[hfmwdxv](?:\s?[/-]\s?[hfmwdxv]){1,2}\s?\)|\b[hfmwdxv](?:\s?[/-]\s?[hfmwdxv]){1,2}\b")
# "directeur(trice)", "chargé·e", "chargé.e.s", "directeur/trice", "Leiter*in": the feminine beside the masculine.
_ENDING = "rice|trice|ice|euse|se|ere|iere|ne|enne|ienne|ive|ve|le|elle|ee|fe|e|es|s|in|innen|a"
_BOTH_FORMS = re.compile(
    rf"(?<=[a-z])(?:\(-?(?:{_ENDING})s?\)|\.(?:e|ne|le|ve|se|trice|rice)\b(?:\.?s\b)?"
    rf"|[*_/-](?:{_ENDING})(?:[*.-]?s)?(?![a-z0-9]))"
)
_WORDS_ALONE = re.compile("[a-z0-9 ',]*")  # nothing that the patterns below look for: most titles
_SEEKER = "seeking"  # stands for all that `seeking` knows
_DOTTED = re.compile(r"\b(?:[a-z]\.){2,}")  # "D.R.H."
_SIGNS = re.compile(
    r"\b(?:r\s?&\s?d|m\s?&\s?a|s\s?&\s?op|fp\s?&\s?a|l\s?&\s?d|c\s?&\s?b)\b|\be-(?=[a-z])|\bc\+\+|\bc#|\.net\b"
)
_SIGNED = frozenset("&+#.@-")  # without one of them neither signs nor dots need a look
_SPELT = {"c++": "cplusplus", "c#": "csharp", ".net": "dotnet"}
_SPACED_DASH = re.compile(r"\s[-~*]+\s?")
_WORD = re.compile(r"[a-z0-9]+|[,;/|+():]")
_BETWEEN_WORDS = re.compile(r"[^a-z0-9,+]+")
_SHORT = {
    "resp": "responsable",
    "dir": "directeur",
    "gen": "general",
    "coord": "coordinateur",
    "ing": "ingenieur",
    "mgr": "manager",
    "asst": "assistant",
    "gest": "gestionnaire",
    "sr": "senior",
    "jr": "junior",
    "dept": "departement",
    "mkt": "marketing",
    "mktg": "marketing",
    "dvpt": "developpement",
    "adm": "administratif",
    "admin": "administratif",
    "fin": "financier",
    "com": "communication",
    "comm": "communication",
    "prod": "production",
    "dev": "developpeur",
    "exec": "executive",
    "ass": "assistant",
    "assist": "assistant",
    "chge": "charge",
    "chgee": "charge",
    "chg": "charge",
    "rble": "responsable",
    "respons": "responsable",
    "secr": "secretaire",
    "gal": "general",
    "gale": "general",
    "ops": "operations",
    "inge": "ingenieur",
    "compta": "comptabilite",
    "infra": "infrastructure",
    "infras": "infrastructure",
    "rx": "reseaux",
    "techn": "technicien",
    "geschaftsf": "geschaftsfuhrer",
    "ltr": "leiter",
    "ltg": "leitung",
}
_SMALL = """
    d de du des en l la le les a au aux un une of the to in s el los las del para di dei degli delle della dell il lo
    gli al alla per der die das dem den fur von vom zum zur van het een
"""
_LINKS = frozenset(_SMALL.split())
_JOINERS = frozenset({",", ";", "/", "+", "et", "and", "y", "und", "ed", "ou", "or", "o", "oder", "sowie", "e"})
_BREAKS = frozenset({"|", "(", ")", ":"})
_EMPLOYER = frozenset({"chez", "at", "bei", "bij", "presso"})
_REPLACED = str.maketrans(
    {
        "’": "'",
        "ʼ": "'",
        "œ": "oe",
        "Œ": "oe",
        "æ": "ae",
        "ß": "ss",
        "ø": "o",
        "ł": "l",
        "–": " - ",
        "—": " - ",
        "→": " - ",
        "»": " ",
        "«": " ",
        "·": "*",
        "•": "*",
        "‧": "*",
        "∙": "*",
        "\N{HYPHEN}": "-",
        "\N{NON-BREAKING HYPHEN}": "-",
    }
)
LONGEST = 200

# Feminine endings and the masculine that they are folded to, by their last letter; the first that fits is taken.
_FEMININE = {
    "e": (
        ("trice", "teur"),
        ("euse", "eur"),
        ("ienne", "ien"),
        ("iere", "ier"),
        ("ive", "if"),
        ("elle", "el"),
        ("ere", "er"),
        ("ffe", "f"),
    ),
    "n": (
        ("erin", "er"),
        ("torin", "tor"),
        ("entin", "ent"),
        ("antin", "ant"),
        ("istin", "ist"),
        ("tarin", "tar"),
        ("eurin", "eur"),
        ("ogin", "og"),
        ("ektin", "ekt"),
    ),
}
# Forms that no ending shows, and words that would fall together with others when folded.
_FIXED = {
    "laborantin": "laborantin",
    "interne": "interne",
    "internes": "interne",
    "cadres": "cadre",
    "cadre": "cadre",
    "hotesse": "hot",
    "maitresse": "maitr",
    "directora": "director",
    "directoras": "director",
    "abogada": "abogado",
    "asesora": "asesor",
    "direttrice": "direttor",
    "avvocata": "avvocato",
    "avvocatessa": "avvocato",
    "rechtsanwaltin": "rechtsanwalt",
    "inkoopster": "inkoper",
}


class Word(NamedTuple):
    """``key``: folded form, or AND or BREAK; ``linked``: a "de", "of" stood before it; ``shown``: without accents."""

    key: str
    linked: bool
    shown: str


def words_of(title: str) -> list[Word]:
    """The words of ``title`` up to the employer's name; small words dropped, conjunctions and commas as one sign."""
    words: list[Word] = []
    linked = False
    plain = _plain(title[:LONGEST])
    texts = _WORD.findall(plain)
    if is_seeking(texts, plain):
        words.append(Word(_SEEKER, False, _SEEKER))
    for text in texts:
        if text in _LINKS:
            linked = True
        elif text in _EMPLOYER:
            break
        elif not text.isdigit():
            words.append(_word(text, linked))
            linked = False
    return _without_second_form(words) if "/" in title else words


def key_of(name: str) -> tuple[str, ...]:
    """The folded words of a name of the vocabulary."""
    return tuple(word.key for word in words_of(name))


def keys_of(names: str) -> list[tuple[str, ...]]:
    """The folded words of each of the names in a text with commas between them, all normalised in one go."""
    plain = _BETWEEN_WORDS.sub(" ", _plain(names)).replace("+", " + ")
    keys = (tuple([_key(word) for word in part.split() if word not in _LINKS]) for part in plain.split(","))
    return [key for key in keys if key]


def _plain(text: str) -> str:
    if not text.isascii():
        # What has no Latin letter in it stays out: such a title is unknown.
        text = unicodedata.normalize("NFKD", text.translate(_REPLACED)).encode("ascii", "ignore").decode()
    text = text.lower()
    if _WORDS_ALONE.fullmatch(text):
        return text
    text = _OPEN_TO.sub(" ", text)
    if not _SIGNED.isdisjoint(text):
        text = _SIGNS.sub(_spelt, text).replace("&", " et ").replace("@", " chez ")
        text = _DOTTED.sub(lambda found: found[0].replace(".", ""), text)
    return _SPACED_DASH.sub(" | ", _BOTH_FORMS.sub("", text))


def _spelt(found: re.Match[str]) -> str:
    return _SPELT.get(found[0]) or found[0].translate(_NO_SIGNS)


_NO_SIGNS = str.maketrans("", "", " &-")


def _without_second_form(words: list[Word]) -> list[Word]:
    """ "Conducteur / Conductrice de travaux", "Directeur général / Directrice générale": one of them is enough."""
    keys = [word.key for word in words]
    for place, word in enumerate(words):
        if word.shown != "/":
            continue
        for length in range(min(place, 4), 0, -1):
            if keys[place - length : place] == keys[place + 1 : place + 1 + length]:
                return words[:place] + _without_second_form(words[place + 1 + length :])
    return words


@lru_cache(maxsize=32_768)
def _word(text: str, linked: bool) -> Word:
    return Word(_key(text), linked, text)


@lru_cache(maxsize=32_768)
def _key(text: str) -> str:
    if text in _JOINERS:
        return AND
    return BREAK if text in _BREAKS else _fold(_SHORT.get(text, text))


def _fold(text: str) -> str:
    """Plural and feminine to masculine singular, roughly; the same on both sides, so that roughly is enough."""
    if len(text) < 4:
        return text
    if known := _FIXED.get(text):
        return known
    if text.endswith("innen"):
        text = text.removesuffix("nen")
    if text.endswith("aux"):
        text = text.removesuffix("x") if text.endswith("eaux") else text.removesuffix("ux") + "l"
    text = text.removesuffix("s")
    if text.endswith("ee"):
        text = text.removesuffix("e")
    for feminine, masculine in _FEMININE.get(text[-1:], ()):
        if text.endswith(feminine):
            return text.removesuffix(feminine) + masculine
    return text.rstrip("e")
