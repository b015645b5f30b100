"""The kinds of value a campaign file holds, each read from the text as written."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated, TypeVar

from pydantic import BeforeValidator

from sender.address import AddressError, parse
from sender.campaign.complaints import FieldError, quoted, suggestion
from sender.model import Address, as_topic
from sender.sirene import luhn

_HEADER_RISK = "A line break in a header lets a text write headers of its own, for instance further recipients."
Word = TypeVar("Word", bound=StrEnum)


def written(value: object) -> str:
    """Text as it stands in the file, free of control characters."""
    if not isinstance(value, str):
        raise FieldError("SC-212", "text is expected here", "A list or a block cannot stand here.", "Write plain text.")
    text = value.strip()
    if any(unicodedata.category(char) == "Cc" and char not in "\n\r\t" for char in text):
        raise FieldError(
            "SC-219", "a control character stands in the value", "Nobody means one.", "Type the value anew."
        )
    return text


def written_line(value: object) -> str:
    """The same on one line: what may end up in a header, in the sender's block, or names a file."""
    text = written(value)
    if len(text.splitlines()) > 1 or "\t" in text:
        raise FieldError("SC-219", "a line break stands in the value", _HEADER_RISK, "Write it on one line.")
    return text


def plain(value: object) -> str:
    """Text in NFC, so that it is found again in a template typed on another system; file names must not be."""
    return unicodedata.normalize("NFC", written(value))


def plain_line(value: object) -> str:
    return unicodedata.normalize("NFC", written_line(value))


def _needed(value: object) -> str:
    text = plain_line(value)
    if not text:
        raise FieldError("SC-220", "the value is empty", "The campaign cannot do without it.", "Write it.")
    return text


def _name(value: object) -> str:
    text = plain_line(value)
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", text):
        raise FieldError(
            "SC-214",
            f"{quoted(text)} cannot be a campaign's name",
            "The name tells this campaign from all others, in the ledger and in the names of files.",
            "Use letters without accents, digits, dots, _ and -; begin with a letter or digit; 64 at most.",
        )
    return text


def _address(value: object) -> Address:
    text = plain_line(value)
    try:
        return parse(text)
    except AddressError as error:
        todo = "Write the bare address, like  conseil@eluard.example"
        if "<" in text:
            todo += "; the name beside it belongs under  sender.name"
        raise FieldError(
            "SC-215",
            f"this is no e-mail address ({error.reason})",
            "Relays refuse mail with such an address, and answers would be lost.",
            todo + ".",
        ) from error


def _siren(value: object) -> str:
    text = re.sub(r"[\s.]", "", plain_line(value))
    if re.fullmatch(r"[0-9]{14}", text):
        raise _no_siren("fourteen digits are a SIRET", "Keep its first nine digits: they are the SIREN.")
    if not re.fullmatch(r"[0-9]{9}", text):
        raise _no_siren("a SIREN has nine digits", 'Write them between quotes, like  siren: "123456782".')
    if not luhn(text):
        raise _no_siren("the check digit is wrong", "Compare it with the firm's entry in the register of firms.")
    return text


def _no_siren(what: str, todo: str) -> FieldError:
    # Meets: FR F8 (C. com. R123-237)
    return FieldError("SC-216", what, "Letters and mails of a French firm must show its true SIREN.", todo)


_AMOUNT = re.compile(
    r"(?P<whole>[0-9]{1,3}(?:[ .][0-9]{3})+|[0-9]{1,15})(?:[.,](?P<cents>[0-9]{2}))? ?(?:€|EUR|euros?)?",
    re.IGNORECASE,
)


def _capital(value: object) -> str:
    """``50000``, ``50.000 EUR`` and ``50 000,00 €`` become ``50 000 €``; other wordings stay."""
    text = re.sub(r"\s+", " ", plain_line(value))
    if not re.search(r"[0-9]", text):
        raise FieldError(
            "SC-217",
            "the capital holds no amount",
            "Business papers of a French company show its capital (C. com. R123-238).",
            "Write it like  capital: 50 000 €",
        )
    if not (found := _AMOUNT.fullmatch(text)):
        return text
    whole = f"{int(re.sub(r'[ .]', '', found['whole'])):,}".replace(",", " ")
    cents = found["cents"]
    return f"{whole},{cents} €" if cents and cents != "00" else f"{whole} €"


def _country(value: object) -> str:
    text = plain_line(value).upper()
    if text == "UK" or not re.fullmatch(r"[A-Z]{2}", text):
        raise FieldError(
            "SC-227",
            f"{quoted(text)} is not a country's code",
            "The country decides which law applies.",
            'Did you mean "GB"?' if text == "UK" else "Write the two letters of ISO 3166, like  FR  or  DE.",
        )
    return text


def _language(value: object) -> str:
    """The primary subtag of a BCP 47 tag: ``fr-CA`` is ``fr``."""
    text = plain_line(value)
    found = re.fullmatch(r"([A-Za-z]{2,3})(?:[-_][A-Za-z0-9]{1,8})*", text)
    if not found:
        raise FieldError(
            "SC-228",
            f"{quoted(text)} is not a language's code",
            "The notices that the law asks for are written in it.",
            "Write it like  language: fr",
        )
    return found[1].lower()


def _day(value: object) -> date:
    text = plain_line(value)
    try:
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            raise ValueError
        return date.fromisoformat(text)
    except ValueError as error:
        raise FieldError(
            "SC-222",
            f"{quoted(text)} is not a date",
            "Deadlines are counted from it; 03/04 could be March or April.",
            "Write year-month-day, like  2026-03-12",
        ) from error


def _flag(value: object) -> bool:
    text = plain_line(value).lower()
    if text not in {"true", "false"}:
        raise FieldError(
            "SC-213",
            f"{quoted(text)} is neither true nor false",
            "Nothing is guessed where the law asks for a fact.",
            "Write  true  or  false",
        )
    return text == "true"


def _topic(value: object) -> str:
    return as_topic(_needed(value))


def _period(value: object) -> timedelta:
    text = plain_line(value)
    found = re.fullmatch(r"([1-9][0-9]{0,3}) ?(d|w|m|y)", text)
    if not found:
        raise FieldError(
            "SC-231",
            f"{quoted(text)} is not a period",
            "Whoever had a mail within it is left out.",
            "Write a number and d, w, m or y, like  90d",
        )
    return timedelta(days=int(found[1]) * {"d": 1, "w": 7, "m": 30, "y": 365}[found[2]])


def demand_one_audience(keys: set[str]) -> None:
    """A file or a selection: which of the two is meant where both stand, nobody can tell."""
    if {"contacts", "select"} <= keys:
        raise FieldError(
            "SC-232",
            "a file and a selection are both given",
            "Nobody can tell which of the two is meant.",
            "Keep  contacts  (a file) or  select  (contacts of the base).",
        )
    if "select" in keys and (idle := sorted(keys & {"columns", "source", "notice", "country"})):
        raise FieldError(
            "SC-232",
            f"{', '.join(idle)}: a selection has no use for it",
            "Contacts of the base have their own source and notice; what stands here would be overlooked in silence.",
            "Remove it.",
        )
    if not {"contacts", "select"} & keys:
        raise FieldError(
            "SC-211",
            "it names neither a file nor a selection",
            "The campaign cannot do without it.",
            "Add  contacts: contacts.csv  or  select: {functions: [legal], countries: [FR]}",
        )


def word_of(words: type[Word]) -> Callable[[object], Word]:
    """A reader of one word out of a closed list."""

    def read(value: object) -> Word:
        text = plain_line(value)
        try:
            return words(text)
        except ValueError as error:
            known = [word.value for word in words]
            why = f"One of these is expected: {', '.join(known)}."
            raise FieldError("SC-213", f"{quoted(text)} is not known here", why, suggestion(text, known)) from error

    return read


Plain = Annotated[str, BeforeValidator(plain)]
Line = Annotated[str, BeforeValidator(plain_line)]
Needed = Annotated[str, BeforeValidator(_needed)]
Name = Annotated[str, BeforeValidator(_name)]
Mailbox = Annotated[Address, BeforeValidator(_address)]
Siren = Annotated[str, BeforeValidator(_siren)]
Capital = Annotated[str, BeforeValidator(_capital)]
Country = Annotated[str, BeforeValidator(_country)]
Language = Annotated[str, BeforeValidator(_language)]
Day = Annotated[date, BeforeValidator(_day)]
Topic = Annotated[str, BeforeValidator(_topic)]
Period = Annotated[timedelta, BeforeValidator(_period)]
Flag = Annotated[bool, BeforeValidator(_flag)]
