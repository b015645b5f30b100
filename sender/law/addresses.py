"""Sorts addresses into the classes that the law tells apart (A0 3); in doubt the stricter.

A company whose form is unknown is judged as a sole trader: every pack treats that class at least as strictly as any
other address of a firm, whatever the country (checked when a pack is read).
"""

from __future__ import annotations

import re
import unicodedata
from enum import Enum
from functools import cache, lru_cache
from importlib.resources import files

from disposable_email_domains import blocklist

from sender.model import Address, AddressClass, CompanyForm


class _Role(Enum):
    NONE = "none"
    GENERIC = "generic"
    SINGLE = "single"


class _Domain(Enum):
    FIRM = "firm"
    PRIVATE = "private"
    DISPOSABLE = "disposable"


_AT_ONCE = 4096  # local parts rarely come again, but several gates ask about each


def classify(address: Address, form: CompanyForm, company: str | None) -> AddressClass:
    """The class of ``address``; ``company``: the employer as known, None or blank when there is none."""
    # Meets: A0 3 (first match wins, doubt -> the stricter line)
    domain = _domain(address.domain)
    if domain is _Domain.DISPOSABLE:
        return AddressClass.INVALID
    if domain is _Domain.PRIVATE or company is None or not company.strip():
        return AddressClass.CONSUMER
    if form is not CompanyForm.LEGAL_PERSON:
        return AddressClass.SOLE_TRADER
    role = _role(address.local)
    if role is _Role.SINGLE:
        return AddressClass.SINGLE_HOLDER_FUNCTION
    return AddressClass.GENERIC_ENTITY if role is _Role.GENERIC else AddressClass.NAMED


def is_disposable(address: Address) -> bool:
    """The domain hands out addresses to be thrown away."""
    return _domain(address.domain) is _Domain.DISPOSABLE


@lru_cache(maxsize=_AT_ONCE)
def _never(local: str) -> bool:
    words = _words(local)
    joined = "".join(words)
    never = listed("never-mail")
    return joined in never or bool(words and words[0] in never) or joined.startswith(_NO_REPLY)


def is_never_mail(address: Address) -> bool:
    """Serves the domain's running, or nobody reads it: no offer belongs there (RFC 2142)."""
    return _never(address.local)


def has_no_reader(address: Address) -> bool:
    """Nobody is there whom an offer, or a question, could concern."""
    return is_never_mail(address) or is_disposable(address)


def is_firm_domain(domain: str) -> bool:
    """Neither a provider of mailboxes to everybody nor one of disposable ones: who has it decides who is behind it."""
    return _domain(domain) is _Domain.FIRM


_BETWEEN = re.compile(r"[\W_]+")  # letters of other scripts stay words, so that a name in them exempts nobody
_NO_REPLY = ("noreply", "donotreply", "nepasrepondre", "noresponder", "nichtantworten", "naoresponder", "naoresponda")


@cache
def listed(name: str) -> frozenset[str]:
    """The words of sender/law/lists/``name``.txt; what follows ``#`` is a remark."""
    text = files("sender.law").joinpath("lists", f"{name}.txt").read_text(encoding="utf-8")
    return frozenset(word for line in text.splitlines() for word in line.partition("#")[0].split())


@cache
def _disposable() -> frozenset[str]:
    """The list that the package index itself uses, and ours; a provider that we know to be one is none of them."""
    return (frozenset(blocklist) - listed("free-mail")) | listed("disposable")


@lru_cache(maxsize=16_384)
def _domain(domain: str) -> _Domain:
    """What kind of domain this is, or any domain above it (``x.mailinator.com``)."""
    labels = domain.split(".")
    names = [".".join(labels[start:]) for start in range(len(labels) - 1)]
    if any(name in _disposable() for name in names):
        return _Domain.DISPOSABLE
    if any(name in listed("free-mail") for name in names) or _is_family(labels):
        return _Domain.PRIVATE
    return _Domain.FIRM


def _is_family(labels: list[str]) -> bool:
    """``yahoo.de``, ``hotmail.co.uk``: providers with a domain in nearly every country."""
    if len(labels) < 2 or len(labels[-1]) > 3:
        return False
    second = labels[-2]
    if second in {"co", "com", "net", "org"} and len(labels) > 2:
        second = labels[-3]
    return second in listed("families")


@lru_cache(maxsize=_AT_ONCE)
def _words(local: str) -> tuple[str, ...]:
    """The words of a local part: without accents, a tag behind ``+``, and digits at a word's end."""
    plain = local.partition("+")[0].casefold()
    if not plain.isascii():
        plain = "".join(char for char in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(char))
    return tuple([bare for word in _BETWEEN.split(plain) if (bare := word.strip("0123456789"))])


@lru_cache(maxsize=_AT_ONCE)
def _role(local: str) -> _Role:
    words = _words(local)
    if not words:
        return _Role.NONE
    single, generic = listed("single-holder"), listed("generic")
    joined = "".join(words)
    if joined in single or not single.isdisjoint(words):
        return _Role.SINGLE
    if joined in generic or (all(map(_says_no_name, words)) and any(map(_is_generic, words))):
        return _Role.GENERIC
    return _Role.NONE


@lru_cache(maxsize=16_384)
def _says_no_name(word: str) -> bool:
    return word in _neutral() or _is_generic(word)


@lru_cache(maxsize=16_384)
def _is_generic(word: str) -> bool:
    """A role, also grown together with a place or another role: ``contactparis``, ``serviceachats``."""
    generic, neutral = listed("generic"), _neutral()
    if word in generic:
        return True
    halves = ((word[:cut], word[cut:]) for cut in range(4, len(word) - 3))
    return any((a in generic and (b in neutral or b in generic)) or (a in neutral and b in generic) for a, b in halves)


@cache
def _neutral() -> frozenset[str]:
    return listed("qualifiers") | listed("places")
