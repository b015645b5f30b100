"""Whether a signature speaks for the domain that the reader sees."""

from __future__ import annotations

from functools import cache

from publicsuffixlist import PublicSuffixList

__all__ = ["aligned", "organisational"]


def aligned(signing: str, author: str) -> bool:
    """Relaxed: both lie below the same organisational domain. ``signing``, ``author``: domains in ASCII.

    DMARC itself finds that domain by asking the DNS (RFC 9989 section 4.10); the list of public suffixes says the same
    for all domains that do not declare themselves, and needs no network.
    """
    # Meets: RFC 9989 section 4.10 (relaxed identifier alignment), C3
    return organisational(signing) == organisational(author)


def organisational(domain: str) -> str:
    """The part of a domain that somebody has registered; itself where it is a public suffix."""
    name = domain.lower().rstrip(".")
    return _suffixes().privatesuffix(name) or name


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()
